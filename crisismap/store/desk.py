"""What dispatchers keep for their own work: saved views, abilities, hand-overs, alarms they have heard.

Beside the reports: none of it changes one, so the situation has nothing to read again. Each change is an event.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from concurrent.futures import Future
from dataclasses import dataclass

from sqlalchemy import Connection, Engine, Table, delete, insert, select

from crisismap.core.event import EventDraft
from crisismap.store import event_log, schema
from crisismap.store.writer import Committed, Writer


@dataclass(frozen=True, slots=True)
class HandOver:
    """A note from one shift to the next. `by` is a person's id, `summary` JSON."""

    id: int
    at_ms: int
    by: str
    note: str
    summary: str


class Desk:
    """Reads and writes; writes come back as futures, resolved when they are on disk."""

    def __init__(self, reader: Engine, writer: Writer) -> None:
        self._reader = reader
        self._writer = writer

    def views(self, person_id: str) -> dict[str, str]:
        """A person's saved views by name."""
        table = schema.saved_view
        with self._reader.begin() as conn:
            rows = conn.execute(select(table).where(table.c.person_id == person_id).order_by(table.c.name))
            return {row.name: row.query for row in rows}

    def put_view(self, person_id: str, name: str, query: str | None, event: EventDraft) -> Future[Committed[None]]:
        """Keep a view under a name, in place of an older one; None takes it away."""
        table = schema.saved_view

        def work(conn: Connection) -> tuple[None, list[event_log.Draft]]:
            conn.execute(delete(table).where(table.c.person_id == person_id, table.c.name == name))
            if query is not None:
                conn.execute(insert(table).values(person_id=person_id, name=name, query=query))
            return None, [(event, None)]

        return self._writer.run(work)

    def abilities(self) -> dict[str, frozenset[str]]:
        """What everybody can do, by person's id; people without any are left out."""
        found: dict[str, set[str]] = {}
        with self._reader.begin() as conn:
            for row in conn.execute(select(schema.ability)):
                found.setdefault(row.person_id, set()).add(row.ability)
        return {person_id: frozenset(each) for person_id, each in found.items()}

    def put_abilities(self, person_id: str, abilities: Collection[str], event: EventDraft) -> Future[Committed[None]]:
        """What a person can do, in place of what was said before."""
        table = schema.ability

        def work(conn: Connection) -> tuple[None, list[event_log.Draft]]:
            conn.execute(delete(table).where(table.c.person_id == person_id))
            if abilities:
                conn.execute(insert(table), [{"person_id": person_id, "ability": each} for each in sorted(abilities)])
            return None, [(event, None)]

        return self._writer.run(work)

    def handovers(self, limit: int) -> list[HandOver]:
        """The newest ones, newest first."""
        table = schema.handover
        with self._reader.begin() as conn:
            rows = conn.execute(select(table).order_by(table.c.id.desc()).limit(limit))
            return [HandOver(row.id, row.at_ms, row.by, row.note, row.summary) for row in rows]

    def hand_over(self, note: str, summary: str, event: EventDraft) -> Future[Committed[None]]:
        """Keep a note; its writer has read it."""

        def work(conn: Connection) -> tuple[None, list[event_log.Draft]]:
            row = {"at_ms": event.at_ms, "by": event.actor, "note": note, "summary": summary}
            made = conn.execute(insert(schema.handover).values(**row)).inserted_primary_key
            assert made is not None  # noqa: S101 - a table with a key gives one
            conn.execute(insert(schema.handover_read).values(handover_id=made[0], person_id=event.actor))
            return None, [(event, None)]

        return self._writer.run(work)

    def read_by(self, person_id: str) -> set[int]:
        """Numbers of the hand-overs that a person has read."""
        return self._numbers(schema.handover_read, "handover_id", person_id)

    def mark_read(self, handover_id: int, event: EventDraft) -> Future[Committed[None]]:
        """A person has read a hand-over."""
        return self._mark(schema.handover_read, "handover_id", [handover_id], event)

    def heard_by(self, person_id: str, first: int = 0) -> set[int]:
        """Rows of the reports, from `first` on, whose alarm a person has heard."""
        return self._numbers(schema.heard, "report_seq", person_id, first)

    def mark_heard(self, seqs: Iterable[int], event: EventDraft) -> Future[Committed[None]]:
        """A person has heard the alarm of some reports."""
        return self._mark(schema.heard, "report_seq", list(seqs), event)

    def _numbers(self, table: Table, name: str, person_id: str, first: int = 0) -> set[int]:
        mine = select(table.c[name]).where(table.c.person_id == person_id, table.c[name] >= first)
        with self._reader.begin() as conn:
            return set(conn.execute(mine).scalars())

    def _mark(self, table: Table, name: str, numbers: list[int], event: EventDraft) -> Future[Committed[None]]:
        """Write who did it beside each number, once."""

        def work(conn: Connection) -> tuple[None, list[event_log.Draft]]:
            mine = table.c.person_id == event.actor
            held = set(conn.execute(select(table.c[name]).where(mine, table.c[name].in_(numbers))).scalars())
            fresh = [{"person_id": event.actor, name: each} for each in dict.fromkeys(numbers) if each not in held]
            if fresh:
                conn.execute(insert(table), fresh)
            return None, [(event, None)] if fresh else []

        return self._writer.run(work)
