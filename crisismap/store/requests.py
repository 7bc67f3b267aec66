"""store.requests: changes, joined requests, and claims. Contract: `core.ports.Requests`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future

from sqlalchemy import Connection

from crisismap.core.clock import Jump
from crisismap.core.done import Done
from crisismap.core.errors import CrisismapError
from crisismap.core.event import EventDraft
from crisismap.core.report.change import Change
from crisismap.core.report.report import Contact, CurrentReport
from crisismap.store.contact_cipher import ContactCipher
from crisismap.store.engine import Reader
from crisismap.store.event_log import Draft
from crisismap.store.tables import changes, joins, meta, reports
from crisismap.store.writer import Writer


class Requests:
    """Reads and writes of requests."""

    def __init__(self, reader: Reader, writer: Writer, cipher: ContactCipher) -> None:
        self._reader, self._writer, self._cipher = reader, writer, cipher

    def change(
        self, report_id: str, version: int | None, decide: Callable[[CurrentReport], Change]
    ) -> Future[Done[str]]:
        def work(conn: Connection) -> tuple[str, list[Draft]]:
            now = reports.one(conn, report_id)
            reports.advance(conn, now, version)
            change = decide(now)
            return change.event.verb, changes.apply(conn, now, change)

        return self._writer.run(work)

    def change_many(
        self, rows: Sequence[int], decide: Callable[[CurrentReport], Change]
    ) -> Future[Done[list[CrisismapError]]]:
        return self._writer.run(lambda conn: changes.change_requests(conn, rows, decide))

    def join(
        self, report_id: str, version: int | None, to: str, decide: Callable[[CurrentReport, CurrentReport], Change]
    ) -> Future[Done[str]]:
        def work(conn: Connection) -> tuple[str, list[Draft]]:
            now, head = reports.one(conn, report_id), joins.head(conn, reports.one(conn, to))
            reports.advance(conn, now, version)
            change = decide(now, head)
            return change.event.verb, changes.apply(conn, now, change)

        return self._writer.run(work)

    def head(self, report_id: str) -> CurrentReport:
        return self._reader.read(lambda conn: joins.head(conn, reports.one(conn, report_id)))

    def joined(self, row: int) -> list[CurrentReport]:
        return self._reader.read(joins.members, row)

    def read_contact(self, report_id: str, decide: Callable[[CurrentReport], EventDraft]) -> Future[Done[Contact]]:
        def work(conn: Connection) -> tuple[Contact, list[Draft]]:
            now = reports.one(conn, report_id)
            event = decide(now)
            return reports.contact(conn, now, self._cipher), [(event, now.seq)]

        return self._writer.run(work)

    def move_claims(self, by_ms: int, event: EventDraft, jumps: Sequence[Jump]) -> Future[Done[None]]:
        def work(conn: Connection) -> tuple[None, list[Draft]]:
            claims = reports.move_claims(conn, by_ms)
            meta.put_jumps(conn, jumps)
            moves: list[Draft] = [
                (EventDraft("claim.move", report_id, event.actor, event.at_ms, {"until": until}), seq)
                for seq, report_id, until in claims
            ]
            return None, [(event, None), *moves]

        return self._writer.run(work)
