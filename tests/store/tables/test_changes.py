"""What was decided about words is kept with its report, replaced, taken away, and goes with the words."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select

from crisismap.core.event import EventDraft
from crisismap.core.need.need import Need
from crisismap.core.report.change import Change
from crisismap.core.report.moderation import CLEARED, Moderation, clear, withhold
from crisismap.core.report.report import CurrentReport
from crisismap.core.report.request import Request
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


def test_writes_the_need_with_the_request_and_without_one(store: Store) -> None:
    doubted = kept(store, new(need=Need.MAY))
    told = kept(store, new(need=Need.OFFER, asked=False, heard='["x","offer",4,[],false]'))
    assert store.reports.one(doubted.id).request == Request(in_doubt=True)
    now = store.reports.one(told.id)
    assert (now.request, now.need, now.report.asked) == (None, Need.OFFER, False)
    assert now.report.heard == '["x","offer",4,[],false]'

    def write(report_id: str, **parts: Any) -> CurrentReport:
        def change(now: CurrentReport) -> Change:
            return Change(EventDraft("report.triage", now.report.id, "p-1", NOW), **parts)

        revision = store.requests.change(report_id, None, change).result().revision
        now = store.reports.one(report_id)
        assert now.updated_revision == revision
        return now

    for report_id in (doubted.id, told.id):
        asks = write(report_id, request=Request(due_from=NOW))
        assert (asks.request, asks.need, asks.report.need) == (Request(due_from=NOW), Need.ASKS, Need.ASKS)
        for need in (Need.INFORMATION, Need.OFFER):
            without = write(report_id, need=need, removes_request=True)
            assert (without.request, without.need, without.report.need) == (None, need, need)
        may = write(report_id, request=Request(in_doubt=True))
        assert (may.need, may.report.need) == (Need.MAY, Need.MAY)
    assert store.events.verify().broken_at is None


def test_removes_what_was_heard_with_the_text_and_keeps_the_need(store: Store) -> None:
    erased, aged = (kept(store, new(need=Need.MAY, asked=True, heard="[]")) for _ in range(2))
    store.reports.erase(erased.id, EventDraft("report.erase", erased.id, "", NOW)).result()
    row = store.reports.one(aged.id).seq
    store.reports.apply_retention(
        "words", [row], lambda now: EventDraft("report.retain", now.report.id, "system", NOW), lambda _: None
    ).result()
    left = store.reports.one(erased.id)
    assert (left.report.heard, left.report.need, left.report.asked) == ("", Need.MAY, None)
    assert left.request is not None
    assert not left.request.in_doubt
    left = store.reports.one(aged.id)
    assert (left.report.heard, left.report.text, left.need) == ("", "", Need.MAY)
