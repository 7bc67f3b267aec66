"""What dispatchers keep, table by table: each person's apart, and marks that are set once."""

from __future__ import annotations

from sqlalchemy import Connection

from crisismap.core.event import EventDraft
from crisismap.store.tables import dispatch
from crisismap.store.tables.dispatch import READ
from tests.store.making import NOW


def test_replaces_a_view_by_its_name_and_deletes_it(conn: Connection) -> None:
    dispatch.put_view(conn, "p-1", "night", "{}")
    dispatch.put_view(conn, "p-1", "night", '{"a":1}')
    dispatch.put_view(conn, "p-1", "day", "{}")
    dispatch.put_view(conn, "p-2", "night", "{}")
    assert list(dispatch.views(conn, "p-1").items()) == [("day", "{}"), ("night", '{"a":1}')], "by name"
    dispatch.put_view(conn, "p-1", "night", None)
    assert (set(dispatch.views(conn, "p-1")), set(dispatch.views(conn, "p-2"))) == ({"day"}, {"night"})


def test_replaces_what_a_person_can_do(conn: Connection) -> None:
    dispatch.put_abilities(conn, "p-1", ["swim", "boat"])
    dispatch.put_abilities(conn, "p-1", ["boat"])
    assert dispatch.abilities(conn) == {"p-1": frozenset({"boat"})}
    dispatch.put_abilities(conn, "p-1", [])
    assert dispatch.abilities(conn) == {}


def test_counts_a_note_as_read_by_its_writer(conn: Connection) -> None:
    dispatch.add_handover(conn, "note", "{}", EventDraft("handover.write", "", "p-1", NOW))
    [note] = dispatch.handovers(conn, 5)
    assert (note.note, note.by, note.at_ms) == ("note", "p-1", NOW)
    assert dispatch.marked_numbers(conn, READ, "p-1") == {note.id}
    assert dispatch.marked_numbers(conn, READ, "p-2") == set()


def test_says_whether_a_mark_was_new(conn: Connection) -> None:
    dispatch.add_handover(conn, "note", "{}", EventDraft("handover.write", "", "p-1", NOW))
    [note] = dispatch.handovers(conn, 5)
    assert dispatch.mark(conn, READ, "p-2", [note.id, note.id])
    assert not dispatch.mark(conn, READ, "p-2", [note.id])
    assert dispatch.marked_numbers(conn, READ, "p-2", note.id + 1) == set(), "from the first that was asked for"
