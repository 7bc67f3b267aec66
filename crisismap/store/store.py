"""The Store: everything that must outlive the process, behind one door.

Writes go to the one writer and come back as futures, resolved when they are on disk; reads run on query-only
connections, each in one transaction.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import Connection, text
from sqlalchemy.exc import SQLAlchemyError

from crisismap.core.errors import CrisismapError, Misconfigured, Unavailable
from crisismap.core.event import Chain, Event, EventDraft
from crisismap.core.layer.layer import LayerVersion
from crisismap.core.people.person import Person
from crisismap.core.report.photo import Photo, PhotoBytes
from crisismap.core.report.report import Contact, CurrentReport
from crisismap.core.report.verification import Sender
from crisismap.store import erasure, feed, joins, layers, media, meta, migrate, people, quarantine, reports
from crisismap.store.accounts import Accounts
from crisismap.store.catalogue import Catalogue
from crisismap.store.change import Change as Change
from crisismap.store.change import apply, change_requests
from crisismap.store.desk import Desk
from crisismap.store.engine import FolderLock, open_engine
from crisismap.store.holders import Holders
from crisismap.store.oversight import Oversight
from crisismap.store.people import Kind
from crisismap.store.reports import NewReport, Receipt
from crisismap.store.seal import Seal
from crisismap.store.soundness import check_file
from crisismap.store.upkeep import Upkeep
from crisismap.store.writer import Committed, Work, Writer


@dataclass(frozen=True, slots=True)
class Changes:
    """The feed from one revision to another: which reports and which layers are to be looked at again."""

    revision: int
    reports: list[CurrentReport] = field(default_factory=list)
    layers: list[LayerVersion] = field(default_factory=list)
    people: bool = False
    gone: list[str] = field(default_factory=list)  # layers taken back


class Store:
    """One deployment's database. `folder` holds the lock and, on SQLite, the database."""

    def __init__(self, url: str, folder: Path, key: bytes) -> None:
        self.url = url
        self._seal = Seal(key)
        self._listeners: list[Callable[[int], None]] = []
        self._holders = Holders()
        self._write_engine = open_engine(url, writes=True)
        self._lock = FolderLock(folder)
        try:
            self._open(folder)
        except BaseException:
            self._write_engine.dispose()
            self._lock.close()
            raise
        self._reader = open_engine(url, writes=False)
        self._writer = Writer(self._write_engine, self._seal, self._committed)
        self.upkeep = Upkeep(self._writer, self._reader, self._seal)
        self.accounts = Accounts(self._reader, self._writer)
        self.oversight = Oversight(self._reader, self._writer)
        self.desk = Desk(self._reader, self._writer)
        self.catalogue = Catalogue(self._reader, self._writer)

    def _open(self, folder: Path) -> None:
        check_file(self.url)
        migrate.reach(self._write_engine)
        if self._write_engine.dialect.name == "sqlite":
            migrate.migrate(self._write_engine, backup_to=folder)
        elif not migrate.is_current(self._write_engine):
            raise Misconfigured("schema_not_current")
        if self._write_engine.dialect.name == "sqlite":
            erasure.scrub(self._write_engine)  # what a run that was killed could not

    def close(self) -> None:
        """Finish waiting writes and let go of everything."""
        self._writer.close()
        self._reader.dispose()
        self._write_engine.dispose()
        self._lock.close()

    def when_committed(self, listener: Callable[[int], None]) -> None:
        """Tell `listener` each new revision, after it is on disk, from the writer's thread."""
        self._listeners.append(listener)

    def _committed(self, revision: int) -> None:
        self._holders.forget()
        for listener in self._listeners:
            listener(revision)

    # Writing

    def submit(self, news: Sequence[NewReport]) -> Future[list[Receipt | CrisismapError]]:
        """Keep new reports; for each its receipt, or why that one is not kept."""
        return self._writer.submit(news)

    async def submitted(self, news: Sequence[NewReport]) -> list[Receipt | CrisismapError]:
        """The same for a coroutine."""
        return await self._writer.submitted(news)

    def change(
        self, report_id: str, version: int | None, decide: Callable[[CurrentReport], Change]
    ) -> Future[Committed[None]]:
        """Change one report if it is still at `version`; `decide` is asked inside the transaction.

        Raises (through the future) NotFound, Stale, or what `decide` raises; then nothing is changed.
        """

        def work(conn: Connection) -> tuple[None, list[feed.Draft]]:
            now = reports.one(conn, report_id)
            reports.advance(conn, now, version)
            return None, apply(conn, now, decide(now))

        return self._writer.run(work)

    def change_requests(
        self, seqs: Sequence[int], decide: Callable[[CurrentReport], Change]
    ) -> Future[Committed[list[CrisismapError]]]:
        """Change the requests of some hundred reports in one transaction, by row, and nothing else of them.

        None gets another version, because what the clock alone does contradicts nobody who has seen it before.
        `decide` is asked inside; what it raises leaves that one as it is, and is given back. Raises (through the
        future) Stale, with all as they were, when somebody else changed one at that moment.
        """
        return self._writer.run(lambda conn: change_requests(conn, seqs, decide))

    def join(
        self, report_id: str, version: int | None, to: str, decide: Callable[[CurrentReport, CurrentReport], Change]
    ) -> Future[Committed[None]]:
        """The same with a second report: the one that stands for all that `to` was joined to.

        Raises (through the future) NotFound, Stale, WrongState for a report that would stand for itself.
        """

        def work(conn: Connection) -> tuple[None, list[feed.Draft]]:
            now, head = reports.one(conn, report_id), joins.head(conn, reports.one(conn, to))
            reports.advance(conn, now, version)
            return None, apply(conn, now, decide(now, head))

        return self._writer.run(work)

    def read_contact(self, report_id: str, decide: Callable[[CurrentReport], EventDraft]) -> Future[Committed[Contact]]:
        """Open the contact details if `decide` lets it; the look is an event in the same transaction."""

        def work(conn: Connection) -> tuple[Contact, list[feed.Draft]]:
            now = reports.one(conn, report_id)
            event = decide(now)
            return reports.contact(conn, now, self._seal), [(event, now.seq)]

        return self._writer.run(work)

    def add_photo(
        self, photo: Photo, picture: PhotoBytes, decide: Callable[[CurrentReport], EventDraft]
    ) -> Future[Committed[None]]:
        """Keep a photo of a report if `decide` lets it.

        Raises (through the future) NotFound, or TooLarge when the report has all the photos that it may have.
        """

        def work(conn: Connection) -> tuple[None, list[feed.Draft]]:
            now = reports.one(conn, photo.report_id)
            event = decide(now)
            media.add(conn, now.seq, photo, picture)
            return None, [(event, now.seq)]

        return self._writer.run(work)

    def put_layer(self, version: LayerVersion, event: EventDraft) -> Future[Committed[LayerVersion]]:
        """Keep the next version of a layer."""

        def work(conn: Connection) -> tuple[LayerVersion, list[feed.Draft]]:
            return layers.put(conn, version), [(event, None)]

        return self._writer.run(work)

    def record(self, event: EventDraft) -> Future[Committed[None]]:
        """Write an event that changes nothing else."""
        return self._writer.run(lambda conn: (None, [(event, None)]))

    def add_person(
        self, person: Person, event: EventDraft, kind: Kind, expires_ms: int | None
    ) -> Future[Committed[str]]:
        """Keep a new person and issue one credential; gives its secret, which is kept nowhere."""

        def work(conn: Connection) -> tuple[str, list[feed.Draft]]:
            people.add(conn, person)
            secret = people.issue(conn, kind, person, now_ms=event.at_ms, expires_ms=expires_ms)
            return secret, [(event, None)]

        return self._writer.run(work)

    def set_meta(self, key: str, value: str) -> None:
        """Write a fact about the deployment; waits until it is kept."""

        def work(conn: Connection) -> tuple[None, list[feed.Draft]]:
            meta.put(conn, key, value)
            return None, []

        self._writer.run(work).result()

    def run(self, work: Work[None]) -> Future[Committed[None]]:
        """Other work in the writer's thread, for maintenance and tests."""
        return self._writer.run(work)

    # Reading

    def meta(self, key: str) -> str | None:
        """A fact about the deployment."""
        with self._reader.begin() as conn:
            return meta.get(conn, key)

    def revision(self) -> int:
        """The number of the newest event."""
        with self._reader.begin() as conn:
            return feed.revision(conn)

    def report(self, report_id: str) -> CurrentReport:
        """One report as it stands. Raises NotFound."""
        with self._reader.begin() as conn:
            return reports.one(conn, report_id)

    def reports(self, seqs: Iterable[int]) -> list[CurrentReport]:
        """Some reports as they stand, by their rows, in order of arrival."""
        with self._reader.begin() as conn:
            return reports.by_seqs(conn, seqs)

    def head(self, report_id: str) -> CurrentReport:
        """The report that stands for this one: itself, or what it was joined to. Raises NotFound."""
        with self._reader.begin() as conn:
            return joins.head(conn, reports.one(conn, report_id))

    def joined(self, seq: int) -> list[CurrentReport]:
        """The reports that were joined to this one."""
        with self._reader.begin() as conn:
            return joins.members(conn, seq)

    def senders(self, seqs: Sequence[int]) -> dict[int, Sender]:
        """Fingerprints of who sent some reports, by row."""
        with self._reader.begin() as conn:
            return reports.senders(conn, seqs)

    def sent_by(self, contact: bytes, limit: int) -> list[int]:
        """Rows of the reports whose sender's contact has this fingerprint, the newest first."""
        with self._reader.begin() as conn:
            return reports.sent_by(conn, contact, limit)

    def timeline(self, seq: int) -> list[Event]:
        """What happened to one report, oldest first."""
        with self._reader.begin() as conn:
            return feed.of_report(conn, seq)

    def photos(self, seq: int) -> list[Photo]:
        """The photos of a report, oldest first, without their bytes."""
        with self._reader.begin() as conn:
            return media.of_report(conn, seq)

    def photo(self, photo_id: str) -> Photo:
        """One photo without its bytes. Raises NotFound."""
        with self._reader.begin() as conn:
            return media.one(conn, photo_id)

    def photo_bytes(self, photo_id: str, *, thumb: bool) -> bytes:
        """A photo, or its thumbnail, as JPEG. Raises NotFound."""
        with self._reader.begin() as conn:
            return media.data(conn, photo_id, thumb=thumb)

    def first_answers(self, seqs: Sequence[int]) -> dict[int, int]:
        """When each of some reports was first answered, ms UTC; the request itself keeps the newest answer only."""
        with self._reader.begin() as conn:
            return feed.first_of(conn, "request.answer", seqs)

    def everything(self) -> Iterator[Changes]:
        """The whole store in one read transaction: the layers first, then the reports part by part."""
        with self._reader.connect().execution_options(**self._snapshot) as conn, conn.begin():
            revision = feed.revision(conn)
            yield Changes(revision, layers=layers.current(conn), people=True)
            for part in reports.everything(conn):
                yield Changes(revision, reports=part)

    def changes(self, known: int) -> Changes:
        """What has changed after revision `known`, all read in one transaction."""
        with self._reader.connect().execution_options(**self._snapshot) as conn, conn.begin():
            revision, seqs, somebody = known, set(), False
            layer_ids: set[str] = set()
            for event, seq in feed.after(conn, known):
                revision = event.revision
                if seq is not None:
                    seqs.add(seq)
                elif event.verb in ("layer.put", "layer.withdraw"):
                    layer_ids.add(event.subject)
                elif event.verb in ("source.quarantine", "source.release"):
                    seqs.update(quarantine.seqs(conn, event.subject))
                elif event.verb in ("person.add", "person.role", "token.create"):
                    somebody = True
            gone = {layer_id for layer_id in layer_ids if layers.is_withdrawn(conn, layer_id)}
            return Changes(
                revision,
                reports.by_seqs(conn, seqs),
                [layers.one(conn, layer_id) for layer_id in sorted(layer_ids - gone)],
                somebody,
                sorted(gone),
            )

    @property
    def _snapshot(self) -> dict[str, str]:
        # SQLite's read transactions are snapshots by nature; PostgreSQL must be asked.
        return {"isolation_level": "REPEATABLE READ"} if self._reader.dialect.name == "postgresql" else {}

    def people(self) -> list[Person]:
        """Everybody with an account or a token."""
        with self._reader.begin() as conn:
            return people.everybody(conn)

    def holder(self, kind: Kind, secret: str, now_ms: int) -> Person:
        """Who holds a token, session or invitation. Raises NotSignedIn."""

        def look() -> Person:
            with self._reader.begin() as conn:
                return people.holder(conn, kind, secret, now_ms)

        return self._holders.get(people.key_of(kind, secret), now_ms, look)

    def first_break(self) -> int | None:
        """The revision at which the chain of events does not hold; None when all of it holds."""
        with self._reader.begin() as conn:
            return feed.first_break(conn)

    def verified(self, known: tuple[int, str] | None = None) -> Chain:
        """The whole chain of events checked; `known`: a revision and its hash as they were kept elsewhere."""
        with self._reader.begin() as conn:
            return feed.verified(conn, known)

    def check(self) -> None:
        """Raise Unavailable unless the database answers and the last write worked."""
        if (problem := self._writer.problem()) is not None:
            raise problem
        try:
            with self._reader.begin() as conn:
                conn.execute(text("SELECT 1"))
        except SQLAlchemyError as problem:
            raise Unavailable("database_silent") from problem
