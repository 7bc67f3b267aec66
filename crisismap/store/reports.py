"""store.reports: content, senders, and the removal of both. Contract: `core.ports.Reports`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future

import msgspec
from sqlalchemy import Connection

from crisismap.core.done import Done
from crisismap.core.errors import CrisismapError
from crisismap.core.event import EventDraft
from crisismap.core.ports import Cell, Cutoffs
from crisismap.core.report.change import Rectification
from crisismap.core.report.new_report import Acknowledgement, NewReport
from crisismap.core.report.report import ERASED, Contact, CurrentReport
from crisismap.core.report.retention import Term
from crisismap.core.report.verification import Sender
from crisismap.store.contact_cipher import ContactCipher
from crisismap.store.engine import Reader
from crisismap.store.event_log import Draft
from crisismap.store.tables import erasure, joins, quarantine, reports, retention
from crisismap.store.writer import Writer


class Reports:
    """Reads and writes of reports."""

    def __init__(self, reader: Reader, writer: Writer, cipher: ContactCipher) -> None:
        self._reader, self._writer, self._cipher = reader, writer, cipher

    def submit(self, news: Sequence[NewReport]) -> Future[list[Acknowledgement | CrisismapError]]:
        return self._writer.submit(news)

    async def submit_async(self, news: Sequence[NewReport]) -> list[Acknowledgement | CrisismapError]:
        return await self._writer.submit_async(news)

    def one(self, report_id: str) -> CurrentReport:
        return self._reader.read(reports.one, report_id)

    def some(self, rows: Iterable[int]) -> list[CurrentReport]:
        return self._reader.read(reports.by_seqs, rows)

    def by_client_ids(self, client_ids: Sequence[str]) -> list[CurrentReport]:
        return self._reader.read(reports.by_client_ids, client_ids)

    def contact(self, report_id: str) -> Contact:
        return self._reader.read(lambda conn: reports.contact(conn, reports.one(conn, report_id), self._cipher))

    def senders(self, rows: Sequence[int]) -> dict[int, Sender]:
        return self._reader.read(reports.senders, rows)

    def sent_by(self, contact: bytes, limit: int) -> list[int]:
        return self._reader.read(reports.sent_by, contact, limit)

    def rectify(self, report_id: str, decide: Callable[[CurrentReport], Rectification]) -> Future[Done[None]]:
        def work(conn: Connection) -> tuple[None, list[Draft]]:
            now = reports.one(conn, report_id)
            reports.advance(conn, now, None)
            rectification = decide(now)
            reports.rewrite(conn, now.seq, rectification.report)
            if not isinstance(rectification.contact, msgspec.UnsetType):
                reports.set_contact(conn, now, rectification.contact, self._cipher)
            if rectification.request is not None:
                reports.set_request(conn, now.seq, rectification.request)
                reports.set_need(conn, now.seq, rectification.request.need)
            if rectification.places is not None:
                reports.set_places(conn, now.seq, rectification.places)
            if rectification.addition is not None:
                reports.add_addition(conn, now.seq, rectification.addition)
            return None, [(event, now.seq) for event in (rectification.event, *rectification.then)]

        return self._writer.run(work)

    def erase(self, report_id: str, event: EventDraft) -> Future[Done[bool]]:
        def work(conn: Connection) -> tuple[bool, list[Draft]]:
            now = reports.one(conn, report_id)
            if ERASED in now.report.flags:
                return False, []
            reports.advance(conn, now, None)
            left = erasure.erase(conn, now, self._cipher)
            events: list[Draft] = [(event, now.seq)]
            return True, events + (joins.follow(conn, now, left, event) if left is not None else [])

        return self._writer.run(work)

    def past_retention(self, kind: str, term: Term, now_ms: int) -> list[int]:
        return self._reader.read(retention.over, kind, term.cutoffs(now_ms))

    def apply_retention(
        self,
        kind: str,
        rows: Sequence[int],
        event: Callable[[CurrentReport], EventDraft],
        cell: Callable[[CurrentReport], Cell | None],
        cutoffs: Cutoffs | None = None,
    ) -> Future[Done[int]]:
        def work(conn: Connection) -> tuple[int, list[Draft]]:
            events: list[Draft] = []
            due = rows if cutoffs is None else retention.over(conn, kind, cutoffs, rows)
            for now in reports.by_seqs(conn, due):
                reports.advance(conn, now, None)
                if kind == "contact":
                    erasure.age_contact(conn, now)
                elif kind == "words":
                    erasure.age_text(conn, now, self._cipher)
                else:
                    erasure.age_place(conn, now, cell(now))
                events.append((event(now), now.seq))
            return len(events), events

        return self._writer.run(work)

    def quarantined(self) -> dict[str, int]:
        return self._reader.read(quarantine.since)

    def quarantine(self, source: str, event: EventDraft, *, lift: bool = False) -> Future[Done[None]]:
        if lift:
            return self._writer.write(lambda conn: quarantine.lift(conn, source), event)
        return self._writer.write(lambda conn: quarantine.put(conn, source, event.at_ms), event)
