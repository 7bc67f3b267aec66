"""The one writer: a thread that groups all queued work into one transaction, one commit and one sync.

A future is resolved only after the commit, so that its result is on disk. Grouping makes `synchronous=FULL` cost
nothing under load (docs/performance.md).
"""

from __future__ import annotations

import asyncio
import logging
import queue
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

from crisismap.core.done import Done
from crisismap.core.errors import CrisismapError, Unavailable
from crisismap.core.event import EventDraft
from crisismap.core.report.new_report import Acknowledgement, NewReport
from crisismap.core.report.report import CurrentReport
from crisismap.logs import count
from crisismap.store import event_log
from crisismap.store.contact_cipher import ContactCipher
from crisismap.store.tables import new_reports, quarantine

T = TypeVar("T")
CROWD = 4  # size of the last commit from which on the writer waits briefly for more jobs
GATHER_S = 0.002
MOST_WAITING = 20_000  # reports and changes in the queue; more are refused and can be sent again
STALL_S = 10.0  # a commit that takes longer is stuck, and new work is refused
MOST_HANDED = 10_000  # reports kept for the situation; when it is further behind, it reads the database
GROUP = 1000  # reports and changes in one commit; batches are not split
_UNKNOWN = 0, frozenset[str]()
log = logging.getLogger(__name__)


Work = Callable[[Connection], tuple[T, Sequence[event_log.Draft]]]


@dataclass(slots=True, eq=False)
class _Waiter:
    """A waiting coroutine. All waiters of a commit are woken by one call into their loop, not by one each."""

    loop: asyncio.AbstractEventLoop
    future: asyncio.Future[Any]


@dataclass(slots=True)
class _Submission:
    news: Sequence[NewReport]
    future: Future[list[Acknowledgement | CrisismapError]] | _Waiter = field(default_factory=Future)

    @property
    def weight(self) -> int:
        return len(self.news)


@dataclass(slots=True)
class _Change:
    work: Work[Any]
    future: Future[Done[Any]] = field(default_factory=Future)
    weight: int = 1


@dataclass(slots=True)
class _Upkeep:
    work: Callable[[Engine], Any]
    future: Future[Any] = field(default_factory=Future)
    weight: int = 1


_Job = _Submission | _Change | _Upkeep


class Written:
    """New reports on their way to the situation, so that it need not read back what was just written. Thread-safe.

    They are those of the last commits, one a revision and without a gap. Only commits of nothing but new reports are
    kept: whatever else is committed may have changed them, and empties it. Without a follower nothing is kept.
    """

    def __init__(self) -> None:
        self._reports: list[CurrentReport] = []
        self._lock = threading.Lock()
        self.followed = False

    def add(self, reports: Sequence[CurrentReport]) -> None:
        """Keep the reports of a commit, in the order of their revisions."""
        if not self.followed or not reports:
            return
        with self._lock:
            kept = self._reports
            if kept and (
                len(kept) + len(reports) > MOST_HANDED or kept[-1].updated_revision + 1 != reports[0].updated_revision
            ):
                kept.clear()
            kept += reports

    def forget(self) -> None:
        """Drop everything: something else was committed."""
        with self._lock:
            self._reports.clear()

    def take(self, after: int) -> list[CurrentReport]:
        """Return and drop all reports after a revision; none unless all revisions from the next one on are there."""
        with self._lock:
            kept = self._reports
            if not kept or not kept[0].updated_revision <= after + 1 <= kept[-1].updated_revision:
                return []
            self._reports = []
            return kept[after + 1 - kept[0].updated_revision :]


class Writer:
    """Accepts work from any thread; `listeners` are called in order with each new revision after its commit."""

    def __init__(self, engine: Engine, cipher: ContactCipher, listeners: Sequence[Callable[[int], None]]) -> None:
        self._engine = engine
        self._cipher = cipher
        self._listeners = listeners
        self.written = Written()
        # The next revision if only reports are added until then, and the sources that are in quarantine until then.
        self._quarantined: tuple[int, frozenset[str]] = _UNKNOWN
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._closed = False
        self._count = threading.Lock()
        self.waiting = 0  # reports and changes in the queue or being written
        self._busy_since: float | None = None
        self.healthy = True
        self._thread = threading.Thread(target=self._run, name="crisismap-writer", daemon=True)
        self._thread.start()

    def submit(self, news: Sequence[NewReport]) -> Future[list[Acknowledgement | CrisismapError]]:
        """Store new reports; for each, in order, return its acknowledgement or the error that kept it out."""
        future: Future[list[Acknowledgement | CrisismapError]] = Future()
        self._put(_Submission(news, future))
        return future

    async def submit_async(self, news: Sequence[NewReport]) -> list[Acknowledgement | CrisismapError]:
        """Store new reports from a coroutine, which is cheaper than futures when many wait."""
        loop = asyncio.get_running_loop()
        waiter = _Waiter(loop, loop.create_future())
        self._put(_Submission(news, waiter))
        outcomes: list[Acknowledgement | CrisismapError] = await waiter.future
        return outcomes

    def run(self, work: Work[T]) -> Future[Done[T]]:
        """Run other work on the database and write its events in the same transaction."""
        job = _Change(work)
        self._put(job)
        return job.future

    def write(self, statements: Callable[[Connection], T], *events: EventDraft) -> Future[Done[T]]:
        """Run statements, and write these events, which are about no report, in the same transaction."""
        return self.run(lambda conn: (statements(conn), [(event, None) for event in events]))

    def upkeep(self, work: Callable[[Engine], T]) -> Future[T]:
        """Run work that needs to be outside a transaction, between two of them."""
        job = _Upkeep(work)
        self._put(job)
        return job.future

    def close(self) -> None:
        """Finish queued work, then stop."""
        self._closed = True
        self._jobs.put(None)
        self._thread.join()

    def problem(self) -> Unavailable | None:
        """Return what prevents writing; None when nothing does."""
        if not self.healthy:
            return Unavailable("last_write_failed")
        return Unavailable("write_hangs") if self._is_stuck() else None

    def _is_stuck(self) -> bool:
        since = self._busy_since
        return since is not None and time.monotonic() - since > STALL_S

    def _put(self, job: _Job) -> None:
        if self._closed:
            raise Unavailable("store_closing")
        with self._count:
            if self._is_stuck() or (self.waiting and self.waiting + job.weight > MOST_WAITING):
                raise Unavailable("store_full")
            self.waiting += job.weight
        self._jobs.put(job)

    def _run(self) -> None:
        crowd = 0
        while True:
            if crowd > CROWD:
                time.sleep(GATHER_S)
            batch, last = self._gather()
            crowd = len(batch)
            if batch:
                self._busy_since = time.monotonic()
                try:
                    self._write(batch)
                finally:
                    self._busy_since = None
                    with self._count:
                        self.waiting -= sum(job.weight for job in batch)
            if last:
                return

    def _gather(self) -> tuple[list[_Job], bool]:
        batch: list[_Job] = []
        weight = 0
        job = self._jobs.get()
        while job is not None:
            batch.append(job)
            weight += job.weight
            if weight >= GROUP:
                return batch, False
            try:
                job = self._jobs.get_nowait()
            except queue.Empty:
                return batch, False
        return batch, True

    def _write(self, batch: list[_Job]) -> None:
        jobs = [job for job in batch if not isinstance(job, _Upkeep)]
        if jobs:
            self._write_together(jobs)
        for job in batch:
            if isinstance(job, _Upkeep):
                self._run_upkeep(job)

    def _run_upkeep(self, job: _Upkeep) -> None:
        try:
            result = job.work(self._engine)
        except Exception:
            log.exception("upkeep of the database failed")
            result = Unavailable("database_not_tidied")
        _resolve([(job.future, result)])

    def _write_together(self, batch: Sequence[_Submission | _Change]) -> None:
        try:
            results, revision = self._transaction(batch)
        except Exception as problem:
            if len(batch) > 1:  # one bad job must not fail the others
                for job in batch:
                    self._write_together([job])
                return
            log.exception("a write failed and was rolled back")
            # The errors of statements that the driver runs itself are not wrapped.
            self.healthy = not isinstance(problem, SQLAlchemyError | self._engine.dialect.loaded_dbapi.Error)
            refusal = Unavailable("store_not_writing")
            _resolve([(batch[0].future, refusal)])
            return
        self.healthy = True
        for listener in self._listeners:
            listener(revision)
        _resolve([(job.future, result) for job, result in zip(batch, results, strict=True)])

    def _transaction(self, batch: Sequence[_Submission | _Change]) -> tuple[list[Any], int]:
        added, fresh = new_reports.Added([], [], []), list[CurrentReport]()
        if any(isinstance(job, _Change) for job in batch):
            self._quarantined = _UNKNOWN
            self.written.forget()
        with self._engine.begin() as conn:
            news = [new for job in batch if isinstance(job, _Submission) for new in job.news]
            if news:
                added = new_reports.add(conn, news, self._cipher)
            outcomes, events, _ = added
            # Of each change its value, and the number of events up to its own.
            changes = [(_attempt(conn, job.work, events), len(events)) for job in batch if isinstance(job, _Change)]
            first = event_log.append(conn, events)
            if added.rows and not changes and self.written.followed:
                fresh = self._fresh(conn, added, first)
        self.written.add(fresh)
        last = first + len(events) - 1 if events else first
        receipts, done = iter(_receipts(outcomes, events, first)), iter(changes)
        results: list[Any] = []
        for job in batch:
            if isinstance(job, _Submission):
                results.append([next(receipts) for _ in job.news])
            else:
                value, end = next(done)
                failed = isinstance(value, CrisismapError)
                results.append(value if failed else Done(first + end - 1 if events else first, value))
        return results, last

    def _fresh(self, conn: Connection, added: new_reports.Added, first: int) -> list[CurrentReport]:
        """Return the reports that were just written, as the situation would read them; `first` is their revision."""
        at, sources = self._quarantined
        if at != first:  # something else was committed meanwhile, here or by another process
            sources = quarantine.sources(conn)
        self._quarantined = first + len(added.rows), sources
        return added.reports(first, sources)


def _attempt(conn: Connection, work: Work[Any], events: list[event_log.Draft]) -> Any:
    """Run one change in a savepoint of its own, so that its refusal undoes nothing else."""
    savepoint = conn.begin_nested()
    try:
        value, drafts = work(conn)
    except CrisismapError as refusal:
        savepoint.rollback()
        return refusal
    savepoint.commit()
    events.extend(drafts)
    return value


def _receipts(
    outcomes: Sequence[Acknowledgement | CrisismapError | int], events: Sequence[event_log.Draft], first: int
) -> list[Acknowledgement | CrisismapError]:
    receipts: list[Acknowledgement | CrisismapError] = []
    for outcome in outcomes:
        if isinstance(outcome, int):
            receipts.append(Acknowledgement(events[outcome][0].subject, first + outcome, repeated=False))
        elif isinstance(outcome, Acknowledgement) and outcome.revision < 0:  # a repeat within this transaction
            receipts.append(Acknowledgement(outcome.id, first - 1 - outcome.revision, repeated=True))
        else:
            receipts.append(outcome)
    return receipts


def _resolve(outcomes: Sequence[tuple[Future[Any] | _Waiter, Any]]) -> None:
    """Resolve all futures; the coroutines of one loop in one call."""
    by_loop: dict[asyncio.AbstractEventLoop, list[tuple[asyncio.Future[Any], Any]]] = {}
    for done, result in outcomes:
        if isinstance(done, _Waiter):
            by_loop.setdefault(done.loop, []).append((done.future, result))
        elif done.set_running_or_notify_cancel():
            _set_result(done, result)
    for loop, waiting in by_loop.items():
        try:
            loop.call_soon_threadsafe(_wake, waiting)
        except RuntimeError:  # the loop is closed, so nothing waits any more
            log.info("%s results were dropped because their event loop was closed", count(len(waiting)))


def _wake(waiting: Sequence[tuple[asyncio.Future[Any], Any]]) -> None:
    for future, result in waiting:
        if not future.done():
            _set_result(future, result)


def _set_result(future: Future[Any] | asyncio.Future[Any], result: Any) -> None:
    if isinstance(result, CrisismapError):
        future.set_exception(result)
    else:
        future.set_result(result)
