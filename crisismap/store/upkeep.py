"""Upkeep of a store: erasing, correcting, retention, the clock, and how it does; behind the same one writer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass

import msgspec
from sqlalchemy import Connection, Engine, select
from sqlalchemy.exc import SQLAlchemyError

from crisismap.core.clock import Jump
from crisismap.core.event import EventDraft
from crisismap.core.report.report import ERASED, Contact, CurrentReport, Report
from crisismap.core.report.retention import Term
from crisismap.store import erasure, feed, joins, meta, reports, retention, schema
from crisismap.store.seal import Seal
from crisismap.store.writer import Committed, Writer

_JUMPS = "clock_jumps"  # the key of a fact about the deployment


@dataclass(frozen=True, slots=True)
class Corrected:
    """A report as its sender corrects it; `contact` unset: stays, None: goes."""

    event: EventDraft
    report: Report
    contact: Contact | None | msgspec.UnsetType = msgspec.UNSET


class Upkeep:
    """What is done to a store besides its daily work."""

    def __init__(self, writer: Writer, reader: Engine, seal: Seal) -> None:
        self._writer, self._reader, self._seal = writer, reader, seal
        self.unscrubbed = False  # whether something deleted may still lie in the files

    def move_claims(self, by_ms: int, event: EventDraft, jumps: Sequence[Jump]) -> Future[Committed[None]]:
        """Move the ends of all running claims, and remember the jumps of the clock that made it necessary."""

        def work(conn: Connection) -> tuple[None, list[feed.Draft]]:
            moved = reports.move_claims(conn, by_ms)
            meta.put(conn, _JUMPS, msgspec.json.encode(jumps).decode())
            moves: list[feed.Draft] = [
                (EventDraft("claim.move", report_id, event.actor, event.at_ms, {"until": until}), seq)
                for seq, report_id, until in moved
            ]
            return None, [(event, None), *moves]

        return self._writer.run(work)

    def erase(self, report_id: str, event: EventDraft) -> Future[Committed[bool]]:
        """Take out everything that tells of the person; False (and no event) when that has been done before."""

        def work(conn: Connection) -> tuple[bool, list[feed.Draft]]:
            now = reports.one(conn, report_id)
            if ERASED in now.report.flags:
                return False, []
            reports.advance(conn, now, None)
            left = erasure.erase(conn, now, self._seal)
            events: list[feed.Draft] = [(event, now.seq)]
            return True, events + (joins.follow(conn, now, left, event) if left is not None else [])

        return self._writer.run(work)

    def correct(self, report_id: str, decide: Callable[[CurrentReport], Corrected]) -> Future[Committed[None]]:
        """Write what the sender of a report says is right; what it said before is not kept."""

        def work(conn: Connection) -> tuple[None, list[feed.Draft]]:
            now = reports.one(conn, report_id)
            reports.advance(conn, now, None)
            made = decide(now)
            reports.rewrite(conn, now.seq, made.report)
            if not isinstance(made.contact, msgspec.UnsetType):
                reports.set_contact(conn, now, made.contact, self._seal)
            return None, [(made.event, now.seq)]

        return self._writer.run(work)

    def age(
        self,
        kind: str,
        seqs: Sequence[int],
        event: Callable[[CurrentReport], EventDraft],
        cell: Callable[[CurrentReport], tuple[float, float, float] | None],
        cutoffs: retention.Cutoffs | None = None,
    ) -> Future[Committed[int]]:
        """Take one class of data (contact, words, place) out of some reports; `cell` stays in place of a point.

        `seqs` were found earlier: with `cutoffs`, a report that was opened again since then keeps what it has. Gives
        of how many something was taken.
        """

        def work(conn: Connection) -> tuple[int, list[feed.Draft]]:
            events: list[feed.Draft] = []
            due = seqs if cutoffs is None else retention.over(conn, kind, cutoffs, seqs)
            for now in reports.by_seqs(conn, due):
                reports.advance(conn, now, None)
                if kind == "contact":
                    erasure.age_contact(conn, now)
                elif kind == "words":
                    erasure.age_words(conn, now, self._seal)
                else:
                    erasure.age_place(conn, now, cell(now))
                events.append((event(now), now.seq))
            return len(events), events

        return self._writer.run(work)

    def old_credentials(self, before_ms: int, *, remove: bool) -> int:
        """Credentials that ran out or were used before a moment: how many, and gone when `remove`."""
        if not remove:
            with self._reader.begin() as conn:
                return retention.old_credentials(conn, before_ms, remove=False)
        return (
            self._writer.run(lambda conn: (retention.old_credentials(conn, before_ms, remove=True), [])).result().value
        )

    def scrub(self) -> Future[bool]:
        """Cut what was deleted out of the database's files; False when readers are in the way: try again."""

        def work(engine: Engine) -> bool:
            self.unscrubbed = not erasure.scrub(engine)
            return not self.unscrubbed

        return self._writer.upkeep(work)

    def contact(self, report_id: str) -> Contact:
        """The contact details, for the reporter; staff read them through `read_contact`. Raises NotFound."""
        with self._reader.begin() as conn:
            return reports.contact(conn, reports.one(conn, report_id), self._seal)

    def over(self, kind: str, term: Term, now_ms: int) -> list[int]:
        """The rows of the reports of which one class of data has had its time."""
        with self._reader.begin() as conn:
            return retention.over(conn, kind, term.cutoffs(now_ms))

    def jumps(self) -> list[Jump]:
        """The jumps of the clock that are remembered, oldest first."""
        with self._reader.begin() as conn:
            kept = meta.get(conn, _JUMPS)
        return msgspec.json.decode(kept, type=list[Jump]) if kept else []

    def last_event_ms(self) -> int:
        """When the newest event happened; 0 when there is none."""
        with self._reader.begin() as conn:
            event = schema.event
            return (
                conn.execute(select(event.c.at_ms).order_by(event.c.revision.desc()).limit(1)).scalar_one_or_none() or 0
            )

    def newest(self) -> int | None:
        """The number of the newest event; None when the database does not answer."""
        try:
            with self._reader.begin() as conn:
                return feed.revision(conn)
        except SQLAlchemyError:
            return None

    @property
    def writes_ok(self) -> bool:
        """Whether the last write worked and none hangs."""
        return self._writer.problem() is None

    @property
    def waiting(self) -> int:
        """Reports and changes that wait for the writer."""
        return self._writer.waiting
