"""SQL of dispatchers' own data: saved views, abilities, handover notes, and who has read or acknowledged what."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import Column, Connection, delete, insert, select

from crisismap.core.event import EventDraft
from crisismap.core.people.person import HandoverNote
from crisismap.store import schema

_VIEW, _ABILITY, _NOTE = schema.saved_view, schema.ability, schema.handover
# The columns that identify what a person has read or acknowledged.
READ, HEARD = schema.handover_read.c.handover_id, schema.heard.c.report_seq


def views(conn: Connection, person_id: str) -> dict[str, str]:
    """Return a person's saved views by name."""
    rows = conn.execute(select(_VIEW).where(_VIEW.c.person_id == person_id).order_by(_VIEW.c.name))
    return {row.name: row.query for row in rows}


def put_view(conn: Connection, person_id: str, name: str, query: str | None) -> None:
    """Write a view, replacing an older one; None deletes it."""
    conn.execute(delete(_VIEW).where(_VIEW.c.person_id == person_id, _VIEW.c.name == name))
    if query is not None:
        conn.execute(insert(_VIEW).values(person_id=person_id, name=name, query=query))


def abilities(conn: Connection) -> dict[str, frozenset[str]]:
    """Return the abilities of all people, by id."""
    found: dict[str, set[str]] = {}
    for row in conn.execute(select(_ABILITY)):
        found.setdefault(row.person_id, set()).add(row.ability)
    return {person_id: frozenset(each) for person_id, each in found.items()}


def put_abilities(conn: Connection, person_id: str, abilities: Collection[str]) -> None:
    """Replace the abilities of a person."""
    conn.execute(delete(_ABILITY).where(_ABILITY.c.person_id == person_id))
    if abilities:
        conn.execute(insert(_ABILITY), [{"person_id": person_id, "ability": each} for each in sorted(abilities)])


def handovers(conn: Connection, limit: int) -> list[HandoverNote]:
    """Return the newest notes, newest first."""
    rows = conn.execute(select(_NOTE).order_by(_NOTE.c.id.desc()).limit(limit))
    return [HandoverNote(row.id, row.at_ms, row.by, row.note, row.summary) for row in rows]


def add_handover(conn: Connection, note: str, summary: str, event: EventDraft) -> None:
    """Write a note, marked as read by its author."""
    row = {"at_ms": event.at_ms, "by": event.actor, "note": note, "summary": summary}
    primary_key = conn.execute(insert(_NOTE).values(**row)).inserted_primary_key
    assert primary_key is not None  # noqa: S101 - a table with a key gives one
    mark(conn, READ, event.actor, [primary_key[0]])


def marked_numbers(conn: Connection, what: Column[int], person_id: str, first: int = 0) -> set[int]:
    """Return the numbers, from `first` on, that a person has read or acknowledged."""
    query = select(what).where(what.table.c.person_id == person_id, what >= first)
    return set(conn.execute(query).scalars())


def mark(conn: Connection, what: Column[int], person_id: str, numbers: Sequence[int]) -> bool:
    """Mark numbers as read or acknowledged by a person, each once; return whether any was new."""
    table = what.table
    existing = set(conn.execute(select(what).where(table.c.person_id == person_id, what.in_(numbers))).scalars())
    fresh = [{"person_id": person_id, what.name: each} for each in dict.fromkeys(numbers) if each not in existing]
    if fresh:
        conn.execute(insert(table), fresh)
    return bool(fresh)
