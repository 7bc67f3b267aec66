"""store.dispatch: data of dispatchers' own work. Contract: `core.ports.Dispatch`.

None of it changes a report, so the situation has nothing to reload. Each change is an event.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from concurrent.futures import Future

from sqlalchemy import Column, Connection

from crisismap.core.done import Done
from crisismap.core.event import EventDraft
from crisismap.core.people.person import HandoverNote
from crisismap.store.engine import Reader
from crisismap.store.event_log import Draft
from crisismap.store.tables import dispatch
from crisismap.store.writer import Writer


class Dispatch:
    """Reads and writes of saved views, abilities, handover notes and alarms."""

    def __init__(self, reader: Reader, writer: Writer) -> None:
        self._reader, self._writer = reader, writer

    def views(self, person_id: str) -> dict[str, str]:
        return self._reader.read(dispatch.views, person_id)

    def put_view(self, person_id: str, name: str, query: str | None, event: EventDraft) -> Future[Done[None]]:
        return self._writer.write(lambda conn: dispatch.put_view(conn, person_id, name, query), event)

    def abilities(self) -> dict[str, frozenset[str]]:
        return self._reader.read(dispatch.abilities)

    def put_abilities(self, person_id: str, abilities: Collection[str], event: EventDraft) -> Future[Done[None]]:
        return self._writer.write(lambda conn: dispatch.put_abilities(conn, person_id, abilities), event)

    def handovers(self, limit: int) -> list[HandoverNote]:
        return self._reader.read(dispatch.handovers, limit)

    def add_handover(self, note: str, summary: str, event: EventDraft) -> Future[Done[None]]:
        return self._writer.write(lambda conn: dispatch.add_handover(conn, note, summary, event), event)

    def handovers_read(self, person_id: str) -> set[int]:
        return self._marks(dispatch.READ, person_id, 0)

    def mark_handover_read(self, handover_id: int, event: EventDraft) -> Future[Done[None]]:
        return self._mark(dispatch.READ, [handover_id], event)

    def alarms_heard(self, person_id: str, first: int = 0) -> set[int]:
        return self._marks(dispatch.HEARD, person_id, first)

    def mark_alarms_heard(self, rows: Iterable[int], event: EventDraft) -> Future[Done[None]]:
        return self._mark(dispatch.HEARD, rows, event)

    def _marks(self, what: Column[int], person_id: str, first: int) -> set[int]:
        return self._reader.read(dispatch.marked_numbers, what, person_id, first)

    def _mark(self, what: Column[int], numbers: Iterable[int], event: EventDraft) -> Future[Done[None]]:
        def work(conn: Connection) -> tuple[None, list[Draft]]:
            fresh = dispatch.mark(conn, what, event.actor, list(numbers))
            return None, [(event, None)] if fresh else []

        return self._writer.run(work)
