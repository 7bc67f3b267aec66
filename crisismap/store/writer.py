"""The one writer: a thread that groups whatever is waiting into one transaction, one commit and one sync.

A future is resolved only after the commit, so that whoever waits knows that it is on disk. Grouping makes
`synchronous=FULL` cost nothing under load (docs/performance.md).
"""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

from crisismap.core.errors import CrisismapError, Unavailable
from crisismap.store import feed, reports
from crisismap.store.reports import NewReport, Receipt
from crisismap.store.seal import Seal

T = TypeVar("T")
GROUP = 512  # jobs in one commit
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Committed(Generic[T]):
    """What a piece of work gave, and the revision at which it can be seen."""

    value: T
    revision: int


Work = Callable[[Connection], tuple[T, Sequence[feed.Draft]]]


@dataclass(slots=True)
class _Submission:
    news: Sequence[NewReport]
    done: Future[list[Receipt | CrisismapError]] = field(default_factory=Future)


@dataclass(slots=True)
class _Change:
    work: Work[Any]
    done: Future[Committed[Any]] = field(default_factory=Future)


_Job = _Submission | _Change


class Writer:
    """Takes work from any thread; `committed` is told each new revision after its commit."""

    def __init__(self, engine: Engine, seal: Seal, committed: Callable[[int], None]) -> None:
        self._engine = engine
        self._seal = seal
        self._committed = committed
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="crisismap-writer", daemon=True)
        self._thread.start()
        self.healthy = True

    def submit(self, news: Sequence[NewReport]) -> Future[list[Receipt | CrisismapError]]:
        """Keep new reports; for each, in order, its receipt or why that one was not kept."""
        job = _Submission(news)
        self._jobs.put(job)
        return job.done

    def run(self, work: Work[T]) -> Future[Committed[T]]:
        """Do other work on the store and write its events in the same transaction."""
        job = _Change(work)
        self._jobs.put(job)
        return job.done

    def close(self) -> None:
        """Finish what is waiting, then stop."""
        self._jobs.put(None)
        self._thread.join()

    def _run(self) -> None:
        while True:
            batch, last = self._gather()
            if batch:
                self._write(batch)
            if last:
                return

    def _gather(self) -> tuple[list[_Job], bool]:
        batch: list[_Job] = []
        job = self._jobs.get()
        while job is not None:
            batch.append(job)
            if len(batch) >= GROUP:
                return batch, False
            try:
                job = self._jobs.get_nowait()
            except queue.Empty:
                return batch, False
        return batch, True

    def _write(self, batch: list[_Job]) -> None:
        try:
            results, revision = self._transaction(batch)
        except Exception as problem:
            if len(batch) > 1:  # one bad job must not take the others with it
                for job in batch:
                    self._write([job])
                return
            log.exception("a write failed and was rolled back")
            self.healthy = not isinstance(problem, SQLAlchemyError)
            refusal = Unavailable("The store cannot write now; nothing was accepted. Please try again.")
            _resolve(batch[0].done, refusal)
            return
        self.healthy = True
        self._committed(revision)
        for job, result in zip(batch, results, strict=True):
            _resolve(job.done, result)

    def _transaction(self, batch: list[_Job]) -> tuple[list[Any], int]:
        events: list[feed.Draft] = []
        with self._engine.begin() as conn:
            submissions = [job for job in batch if isinstance(job, _Submission)]
            news = [new for job in submissions for new in job.news]
            outcomes: list[Receipt | CrisismapError | int] = []
            if news:
                outcomes, events = reports.add(conn, news, self._seal)
            values: dict[int, Any] = {}
            ends: dict[int, int] = {}
            for position, job in enumerate(batch):
                if isinstance(job, _Change):
                    values[position] = _attempt(conn, job.work, events)
                    ends[position] = len(events)
            first = feed.append(conn, events)
        last = first + len(events) - 1 if events else first
        receipts = iter(_receipts(outcomes, events, first))
        results: list[Any] = []
        for position, job in enumerate(batch):
            if isinstance(job, _Submission):
                results.append([next(receipts) for _ in job.news])
            elif isinstance(values[position], CrisismapError):
                results.append(values[position])
            else:
                results.append(Committed(values[position], first + ends[position] - 1 if events else first))
        return results, last


def _attempt(conn: Connection, work: Work[Any], events: list[feed.Draft]) -> Any:
    """One change in a savepoint of its own: its refusal undoes only itself."""
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
    outcomes: Sequence[Receipt | CrisismapError | int], events: Sequence[feed.Draft], first: int
) -> list[Receipt | CrisismapError]:
    settled: list[Receipt | CrisismapError] = []
    for outcome in outcomes:
        if isinstance(outcome, int):
            settled.append(Receipt(events[outcome][0].subject, first + outcome, repeated=False))
        elif isinstance(outcome, Receipt) and outcome.revision < 0:  # a repeat of one in this same transaction
            settled.append(Receipt(outcome.id, first - 1 - outcome.revision, repeated=True))
        else:
            settled.append(outcome)
    return settled


def _resolve(done: Future[Any], result: Any) -> None:
    if not done.set_running_or_notify_cancel():
        return
    if isinstance(result, CrisismapError):
        done.set_exception(result)
    else:
        done.set_result(result)
