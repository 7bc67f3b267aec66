"""store.events: the event log by report, by search criteria and by revision. Contract: `core.ports.Events`."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from concurrent.futures import Future

from sqlalchemy import Connection

from crisismap.core.change_set import ChangeSet
from crisismap.core.done import Done
from crisismap.core.event import REMOVING, Chain, Event, EventDraft, EventSearch
from crisismap.store import event_log
from crisismap.store.engine import Reader
from crisismap.store.tables import events, layers, people, quarantine, reports
from crisismap.store.writer import Writer


class Events:
    """Reads and writes of the event log; without a writer only reads."""

    def __init__(self, reader: Reader, writer: Writer | None, listeners: list[Callable[[int], None]]) -> None:
        self._reader, self._writer, self._listeners = reader, writer, listeners

    def record(self, event: EventDraft) -> Future[Done[None]]:
        if self._writer is None:
            raise RuntimeError("this event log was opened for reading only")
        return self._writer.write(lambda _conn: None, event)

    def revision(self) -> int:
        return self._reader.read(event_log.revision)

    def newest_ms(self) -> int:
        return self._reader.read(events.newest_ms)

    def of_report(self, row: int) -> list[Event]:
        return self._reader.read(events.of_report, row)

    def first_answers(self, rows: Sequence[int]) -> dict[int, int]:
        return self._reader.read(events.first_of, "request.answer", rows)

    def about_reports(self, after: int, verbs: Collection[str]) -> tuple[int, list[tuple[int, int, str, int, str]]]:
        with self._reader.engine.begin() as conn:
            end = event_log.revision(conn)
            return end, [row for row in events.about_reports(conn, after, verbs) if row[0] <= end]

    def search(self, search: EventSearch, limit: int) -> list[Event]:
        return self._reader.read(events.search, search, limit)

    def search_all(self, search: EventSearch) -> Iterator[list[Event]]:
        return events.search_all(self._reader.engine, search)

    def verify(self, anchor: tuple[int, str] | None = None) -> Chain:
        return self._reader.read(event_log.verify, anchor)

    def everything(self) -> Iterator[ChangeSet]:
        with self._reader.engine.connect().execution_options(**self._snapshot) as conn, conn.begin():
            revision = event_log.revision(conn)
            yield ChangeSet(revision, layers=layers.current(conn), people=people.everybody(conn))
            for part in reports.everything(conn):
                yield ChangeSet(revision, reports=part)

    def changes(self, after: int) -> ChangeSet:
        if self._writer is not None and (fresh := self._writer.written.take(after)):
            return ChangeSet(fresh[-1].updated_revision, fresh)
        with self._reader.engine.connect().execution_options(**self._snapshot) as conn, conn.begin():
            return _changes(conn, after)

    def hash_of(self, revision: int) -> bytes | None:
        return self._reader.read(event_log.hash_of, revision)

    def basis(self, versions: Mapping[str, int]) -> ChangeSet:
        with self._reader.engine.begin() as conn:
            stored = [layers.one(conn, *each) for each in versions.items()]
            return ChangeSet(event_log.revision(conn), layers=stored, people=people.everybody(conn))

    def when_committed(self, listener: Callable[[int], None]) -> None:
        self._listeners.append(listener)
        if self._writer is not None:
            self._writer.written.followed = True

    @property
    def _snapshot(self) -> dict[str, str]:
        # SQLite's read transactions are snapshots; PostgreSQL needs the isolation level.
        return {"isolation_level": "REPEATABLE READ"} if self._reader.engine.dialect.name == "postgresql" else {}


def _changes(conn: Connection, after: int) -> ChangeSet:
    revision, rows, anybody, removing = after, set(), False, False
    layer_ids: set[str] = set()
    for event, seq in event_log.after(conn, after):
        revision = event.revision
        removing = removing or event.verb in REMOVING
        if seq is not None:
            rows.add(seq)
        elif event.verb in ("layer.put", "layer.withdraw"):
            layer_ids.add(event.subject)
        elif event.verb in ("source.quarantine", "source.release"):
            rows.update(quarantine.seqs(conn, event.subject))
        elif event.verb in ("person.add", "person.role", "token.create"):
            anybody = True
    withdrawn = {layer_id for layer_id in layer_ids if layers.is_withdrawn(conn, layer_id)}
    return ChangeSet(
        revision,
        reports.by_seqs(conn, rows),
        [layers.one(conn, layer_id) for layer_id in sorted(layer_ids - withdrawn)],
        people.everybody(conn) if anybody else None,
        sorted(withdrawn),
        removing,
    )
