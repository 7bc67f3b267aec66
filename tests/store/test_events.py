"""store.events: the log of events, read by report, by verb and since a revision, on SQLite and on PostgreSQL."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import Connection, text

from crisismap.core.errors import NotFound
from crisismap.core.event import EventDraft, EventSearch
from crisismap.core.layer.layer import Layer, LayerVersion, Role
from crisismap.core.need.need import Need
from crisismap.core.report.change import Change
from crisismap.core.report.new_report import Acknowledgement
from crisismap.core.report.report import CurrentReport
from crisismap.core.report.request import Request, answer, reopen
from crisismap.store.store import Store
from crisismap.store.tables import events
from tests.store.making import NOW, Drafts, claiming, count, kept, new


def answered(store: Store, number: str, at_ms: int) -> None:
    def decide(now: CurrentReport) -> Change:
        event = EventDraft("request.answer", number, "p-1", at_ms)
        return Change(event, request=answer(now.request or Request(), "p-1", at_ms, "done"))

    store.requests.change(number, None, decide).result()


def opened_again(store: Store, number: str, at_ms: int) -> None:
    def decide(now: CurrentReport) -> Change:
        return Change(EventDraft("request.reopen", number, "", at_ms), request=reopen(now.request or Request(), at_ms))

    store.requests.change(number, None, decide).result()


def test_tells_the_first_of_several_answers(store: Store) -> None:
    twice, once, never = (kept(store, new()).id for _ in range(3))
    answered(store, twice, NOW + 10)
    opened_again(store, twice, NOW + 20)
    answered(store, twice, NOW + 30)
    answered(store, once, NOW + 40)
    seqs = [store.reports.one(number).seq for number in (twice, once, never)]
    assert store.events.first_answers(seqs) == {seqs[0]: NOW + 10, seqs[1]: NOW + 40}
    assert store.events.first_answers([]) == {}
    assert store.events.first_answers([*range(10_000, 12_000), *seqs]) == {seqs[0]: NOW + 10, seqs[1]: NOW + 40}


def test_tells_what_happened_to_reports_since_a_revision(store: Store) -> None:
    one = kept(store, new()).id
    answered(store, one, NOW + 10)
    opened_again(store, one, NOW + 20)
    seq, verbs = store.reports.one(one).seq, ("request.answer", "request.reopen")
    end, found = store.events.about_reports(0, verbs)
    assert end == store.events.revision()
    assert [row[1:4] for row in found] == [(seq, "request.answer", NOW + 10), (seq, "request.reopen", NOW + 20)]
    assert store.events.about_reports(found[0][0], verbs)[1] == found[1:]
    assert store.events.about_reports(end, verbs) == (end, [])
    assert store.events.about_reports(0, ["request.claim"]) == (end, [])


def test_numbers_events_without_a_gap(store: Store) -> None:
    assert store.events.revision() == 0
    first = kept(store, new())
    many = store.reports.submit([new() for _ in range(50)]).result()
    assert first.revision == 1
    assert [r.revision for r in many if isinstance(r, Acknowledgement)] == list(range(2, 52))
    assert store.events.record(EventDraft("export.take", "csv", "p-1", NOW)).result().revision == 52
    assert store.events.revision() == 52
    changes = store.events.changes(1)
    assert (changes.revision, len(changes.reports)) == (52, 50)
    assert store.events.changes(52).reports == []


def test_keeps_no_gap_when_many_write_at_once(store: Store) -> None:
    with ThreadPoolExecutor(16) as pool:
        receipts = list(pool.map(lambda n: kept(store, new(f"k-{n % 40}", text=f"{n % 40}")), range(80)))
    assert sorted({receipt.revision for receipt in receipts}) == list(range(1, 41))
    assert store.events.revision() == count(store) == 40
    assert store.events.verify().broken_at is None


def test_finds_where_the_chain_was_tampered_with(store: Store) -> None:
    for _ in range(5):
        kept(store, new())
    assert store.events.verify().broken_at is None

    def forge(conn: Connection) -> tuple[None, Drafts]:
        conn.execute(text("UPDATE event SET actor = 'p-somebody-else' WHERE revision = 3"))
        return None, []

    store.writer.run(forge).result()
    assert store.events.verify().broken_at == 3


@pytest.mark.parametrize("last", [True, False])
def test_finds_an_event_that_was_taken_out(store: Store, last: bool) -> None:
    for _ in range(4):
        kept(store, new())

    def remove(conn: Connection) -> tuple[None, Drafts]:
        conn.execute(text(f"DELETE FROM event WHERE revision = {4 if last else 2}"))
        return None, []

    store.writer.run(remove).result()
    assert store.events.verify().broken_at == (4 if last else 2)


def test_reads_everything_and_what_came_later_alike(store: Store) -> None:
    first = kept(store, new("a"))
    kept(store, new("b", need=Need.INFORMATION, lon=None, lat=None))
    store.requests.change(first.id, None, claiming("p-1")).result()
    whole = [report for part in store.events.everything() for report in part.reports]
    assert whole == store.events.changes(0).reports
    assert [report.seq for report in whole] == sorted(report.seq for report in whole)
    assert whole[0].updated_revision == 3
    assert whole[1].request is None
    assert [r.report.id for r in store.events.changes(2).reports] == [first.id]


def test_tells_the_timeline_of_a_report(store: Store) -> None:
    receipt = kept(store, new())
    kept(store, new())
    store.requests.change(receipt.id, None, claiming("p-1")).result()
    timeline = store.events.of_report(store.reports.one(receipt.id).seq)
    assert [(event.revision, event.verb, event.actor) for event in timeline] == [
        (1, "report.submit", "p-1"),
        (3, "request.claim", "p-1"),
    ]
    assert timeline[0].data == {"category": "rescue", "channel": "api"}


def test_finds_the_events_that_match_a_search(store: Store) -> None:
    verbs = ("layer.put", "export.take", "export.take")
    for at, verb in enumerate(verbs):
        store.events.record(EventDraft(verb, f"s-{at}", "p-1", NOW + at)).result()
    taken = EventSearch(verbs=("export.take",))
    assert [event.revision for event in store.events.search(taken, 10)] == [3, 2], "newest first"
    assert [event.revision for event in store.events.search(taken, 1)] == [3]
    assert [e.revision for e in store.events.search(EventSearch(since=NOW + 1, until=NOW + 2), 10)] == [2]
    assert [e.revision for e in store.events.search(EventSearch(subject="s-0", actor="p-1"), 10)] == [1]
    assert store.events.search(EventSearch(actor=""), 10) == []


def test_gives_all_that_match_part_by_part(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "PART", 2)
    for at in range(5):
        store.events.record(EventDraft("export.take", "", "p-1", NOW + at)).result()
    parts = [[event.revision for event in part] for part in store.events.search_all(EventSearch())]
    assert parts == [[5, 4], [3, 2], [1]]


def test_recognises_itself_by_the_hash_of_an_event(store: Store) -> None:
    kept(store, new())
    first = store.events.hash_of(1)
    kept(store, new())
    assert first is not None
    assert first == store.events.hash_of(1) != store.events.hash_of(2)
    assert (store.events.hash_of(0), store.events.hash_of(3)) == (None, None)


def test_says_whether_a_change_removes_what_was_known(store: Store) -> None:
    one = kept(store, new()).id
    answered(store, one, NOW)
    assert not store.events.changes(0).removing
    store.reports.erase(one, EventDraft("report.erase", one, "", NOW)).result()
    assert store.events.changes(0).removing
    assert not store.events.changes(store.events.revision()).removing
    store.reports.quarantine("sender:x", EventDraft("source.quarantine", "sender:x", "", NOW)).result()
    assert store.events.changes(store.events.revision() - 1).removing


def test_gives_the_layers_of_then_and_the_people_of_now(store: Store) -> None:
    layer = Layer("wards", "Wards", Role.AREA)
    for number in (1, 2):
        version = LayerVersion(layer, 0, NOW + number, ())
        store.layers.put(version, EventDraft("layer.put", "wards", "", NOW)).result()
    store.layers.withdraw("wards", EventDraft("layer.withdraw", "wards", "", NOW)).result()
    basis = store.events.basis({"wards": 1})
    assert [(each.layer.id, each.version, each.loaded_at_ms) for each in basis.layers] == [("wards", 1, NOW + 1)]
    assert basis.people == []
    with pytest.raises(NotFound):
        store.events.basis({"wards": 3})
