"""What was decided about words is kept with its report, replaced, taken away, and goes with the words."""

from __future__ import annotations

from sqlalchemy import func, select

from crisismap.core.event import EventDraft
from crisismap.core.report.change import Change
from crisismap.core.report.moderation import CLEARED, Moderation, clear, withhold
from crisismap.core.report.report import CurrentReport
from crisismap.store import schema
from crisismap.store.store import Store
from tests.store.making import NOW, kept, new


def decide(store: Store, report_id: str, made: Moderation) -> int:
    def change(now: CurrentReport) -> Change:
        return Change(EventDraft("report.clear", now.report.id, "p-1", NOW), moderation=made)

    return store.requests.change(report_id, None, change).result().revision


def rows(store: Store) -> int:
    with store._reader.begin() as conn:
        return int(conn.execute(select(func.count()).select_from(schema.moderation)).scalar_one())


def test_keeps_the_last_decision_with_its_report(store: Store) -> None:
    one, other = kept(store, new()), kept(store, new())
    text = store.reports.one(one.id).report.text
    assert store.reports.one(one.id).moderation == Moderation()
    made = clear(text, "p-1", NOW, asks=True)
    revision = decide(store, one.id, made)
    now = store.reports.one(one.id)
    assert (now.moderation, now.is_cleared, now.version, now.updated_revision) == (made, True, 2, revision)
    assert store.reports.one(other.id).moderation == Moderation()
    kept_back = withhold(text, "p-2", "ஒரு பெயர் 🛶", NOW + 1, asks=True)
    decide(store, one.id, kept_back)
    assert store.reports.one(one.id).moderation == kept_back
    assert rows(store) == 1
    [changed] = store.events.changes(revision).reports
    assert changed.moderation == kept_back
    assert [each.moderation for part in store.events.everything() for each in part.reports] == [kept_back, Moderation()]
    decide(store, one.id, Moderation())
    assert (store.reports.one(one.id).moderation, rows(store)) == (Moderation(), 0)
    assert store.events.verify().broken_at is None


def test_lets_it_go_with_the_words(store: Store) -> None:
    erased, aged = kept(store, new()), kept(store, new())
    for one in (erased, aged):
        decide(store, one.id, withhold(store.reports.one(one.id).report.text, "p-1", "a name", NOW, asks=True))
    event = EventDraft("report.erase", erased.id, "", NOW)
    assert store.reports.erase(erased.id, event).result().value
    assert (store.reports.one(erased.id).moderation, rows(store)) == (Moderation(), 1)
    seq = store.reports.one(aged.id).seq
    retain = EventDraft("report.retain", aged.id, "", NOW)
    store.reports.apply_retention("words", [seq], lambda _now: retain, lambda _now: None).result()
    assert (store.reports.one(aged.id).moderation, rows(store)) == (Moderation(), 0)


def test_finds_the_decision_stale_when_the_words_changed(store: Store) -> None:
    one = kept(store, new(text="first"))
    decide(store, one.id, clear("first", "p-1", NOW, asks=True))
    assert store.reports.one(one.id).is_cleared
    decide(store, one.id, clear("other words", "p-1", NOW, asks=True))
    now = store.reports.one(one.id)
    assert (now.moderation.decision, now.is_cleared) == (CLEARED, False)
