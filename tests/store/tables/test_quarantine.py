"""Quarantined sources: set once, lifted once, and holding exactly the reports of that source."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import Connection

from crisismap.core.errors import WrongState
from crisismap.core.people.fingerprint import BY
from crisismap.store.store import Store
from crisismap.store.tables import quarantine
from tests.store.making import NOW, kept, new


@pytest.fixture
def three(store: Store) -> Iterator[tuple[Connection, list[int]]]:
    """The rows of three reports: by a sender, through a network, by a person."""
    marks = ({"sender": "s1", "network": "n1"}, {"sender": "s2", "network": "n1"}, {"sender": "s1", "source": "p-7"})
    seqs = [store.reports.one(kept(store, new(source=each.pop("source", None), **each)).id).seq for each in marks]
    with store._write_engine.begin() as conn:
        yield conn, seqs


def test_sets_and_lifts_a_source_once(conn: Connection) -> None:
    quarantine.put(conn, "s1", NOW)
    assert (quarantine.sources(conn), quarantine.since(conn)) == ({"s1"}, {"s1": NOW})
    with pytest.raises(WrongState):
        quarantine.put(conn, "s1", NOW + 1)
    quarantine.lift(conn, "s1")
    assert quarantine.sources(conn) == frozenset()
    with pytest.raises(WrongState):
        quarantine.lift(conn, "s1")


def test_finds_the_reports_of_a_sender_a_network_and_a_person(three: tuple[Connection, list[int]]) -> None:
    conn, (first, second, third) = three
    assert sorted(quarantine.seqs(conn, "s1")) == [first, third]
    assert sorted(quarantine.seqs(conn, "n1")) == [first, second]
    assert quarantine.seqs(conn, f"{BY}p-7") == [third]
    assert quarantine.seqs(conn, "p-7") == [], "a person's id is no mark of a sender"


def test_shows_each_held_report_as_quarantined_and_no_other(store: Store) -> None:
    held, other = kept(store, new(sender="s1", source=None)), kept(store, new(sender="s2", source="p-7"))
    with store._write_engine.begin() as conn:
        quarantine.put(conn, "s1", NOW)
    assert [store.reports.one(each.id).quarantined for each in (held, other)] == [True, False]
