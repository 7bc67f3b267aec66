"""Reads of the event log, statement by statement."""

from __future__ import annotations

from sqlalchemy import Connection

from crisismap.core.event import EventDraft, EventSearch
from crisismap.store.store import Store
from crisismap.store.tables import events
from tests.store.making import NOW, claiming, kept, new


def test_knows_no_newest_moment_of_an_empty_log(conn: Connection) -> None:
    assert events.newest_ms(conn) == 0


def test_takes_the_newest_by_revision_and_not_by_its_clock(store: Store) -> None:
    for at_ms in (NOW + 9, NOW + 5):
        store.events.record(EventDraft("export.take", "", "p-1", at_ms)).result()
    with store._reader.begin() as conn:
        assert events.newest_ms(conn) == NOW + 5


def test_tells_the_story_of_one_report_oldest_first(store: Store) -> None:
    one, other = kept(store, new()), kept(store, new())
    store.requests.change(one.id, None, claiming("p-1")).result()
    seqs = [store.reports.one(each.id).seq for each in (one, other)]
    with store._reader.begin() as conn:
        assert [event.verb for event in events.of_report(conn, seqs[0])] == ["report.submit", "request.claim"]
        assert events.first_of(conn, "request.claim", seqs) == {seqs[0]: NOW}
        assert [row[1:3] for row in events.about_reports(conn, 2, ["request.claim"])] == [(seqs[0], "request.claim")]
        assert list(events.about_reports(conn, 3, ["request.claim"])) == []


def test_searches_with_both_ends_of_a_span_as_they_are_meant(store: Store) -> None:
    for at_ms in (NOW, NOW + 1, NOW + 2):
        store.events.record(EventDraft("export.take", "", "p-1", at_ms)).result()
    with store._reader.begin() as conn:
        found = events.search(conn, EventSearch(since=NOW + 1, until=NOW + 2), 9)
        assert [event.at_ms for event in found] == [NOW + 1], "from the first on, and before the second"
        assert [event.revision for event in events.search(conn, EventSearch(before=3), 9)] == [2, 1]
