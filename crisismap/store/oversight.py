"""Oversight: what an admin reads and does besides accounts: the log of events, and sources that are set apart."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from concurrent.futures import Future

from sqlalchemy import Connection, Engine

from crisismap.core.event import Event, EventDraft
from crisismap.store import event_log
from crisismap.store.tables import events, quarantine
from crisismap.store.tables.events import Search
from crisismap.store.writer import Committed, Writer


class Oversight:
    """The part of the store that an admin looks after; writes come back as futures, resolved when they are on disk."""

    def __init__(self, reader: Engine, writer: Writer) -> None:
        self._reader, self._writer = reader, writer

    def audit(self, search: Search, limit: int) -> list[Event]:
        """The newest events that fit."""
        with self._reader.begin() as conn:
            return events.found(conn, search, limit)

    def audit_all(self, search: Search) -> Iterator[list[Event]]:
        """All events that fit, part by part."""
        return events.everything(self._reader, search)

    def happened(self, known: int, verbs: Collection[str]) -> tuple[int, list[tuple[int, int, str, int, str]]]:
        """Up to which revision was read, and the events of some verbs after `known`, as `feed.happened` gives them."""
        with self._reader.begin() as conn:
            end = event_log.revision(conn)
            return end, [row for row in event_log.happened(conn, known, verbs) if row[0] <= end]

    def quarantined(self) -> dict[str, int]:
        """Sources that are set apart, each with the moment it was."""
        with self._reader.begin() as conn:
            return quarantine.since(conn)

    def quarantine(self, source: str, event: EventDraft, *, lift: bool = False) -> Future[Committed[None]]:
        """Set a source apart, or take that back. Raises WrongState."""

        def work(conn: Connection) -> tuple[None, list[event_log.Draft]]:
            quarantine.lift(conn, source) if lift else quarantine.put(conn, source, event.at_ms)
            return None, [(event, None)]

        return self._writer.run(work)
