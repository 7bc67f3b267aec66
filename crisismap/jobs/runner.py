"""The runner: each job at its interval; a failed job is run again, and slow remote servers delay no other job."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

from crisismap.jobs.claims import expire_claims
from crisismap.jobs.clock import watch_clock
from crisismap.jobs.corroboration import count_reporters
from crisismap.jobs.escalation import age, escalate
from crisismap.jobs.feeds import refresh_feeds
from crisismap.jobs.heartbeat import beat
from crisismap.jobs.retention import remove_expired
from crisismap.jobs.scrub import scrub
from crisismap.jobs.search_index import update_search_index
from crisismap.jobs.snapshot import save_snapshot
from crisismap.services.runtime.context import Context

log = logging.getLogger(__name__)

Job = Callable[[Context], None]
# name -> seconds between runs, job. One after the other; the clock is first, as the others depend on it.
JOBS: dict[str, tuple[float, Job]] = {
    "clock": (1.0, watch_clock),
    "claims": (1.0, expire_claims),
    "escalation": (2.0, escalate),
    "age": (30.0, age),
    "corroboration": (2.0, count_reporters),
    "search index": (2.0, lambda context: update_search_index(context.views, context.guards.stopping)),
    "heartbeat": (5.0, lambda context: beat(context.store, context.clock())),
    "scrub": (2.0, lambda context: scrub(context.store)),
    "retention": (3600.0, remove_expired),
}
# These wait for remote servers or for the disk, so each has a thread of its own.
SLOW_JOBS: dict[str, tuple[float, Job]] = {"feeds": (2.0, refresh_feeds), "snapshot": (30.0, save_snapshot)}
STOP_S = 4.0  # longest wait of `stop` for jobs


class Runner:
    """Starts at once; `stop` waits for running jobs, which check between two batches whether to end."""

    def __init__(self, context: Context) -> None:
        self._context = context
        groups = {"jobs": JOBS} | {name: {name: job} for name, job in SLOW_JOBS.items()}
        self._threads = [
            threading.Thread(target=self._run, args=(jobs,), name=f"crisismap-{name}", daemon=True)
            for name, jobs in groups.items()
        ]
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Stop after the current batches. A job that waits for a remote server is abandoned: it writes no more."""
        self._context.guards.stopping.set()
        until = time.monotonic() + STOP_S
        for thread in self._threads:
            thread.join(max(0.0, until - time.monotonic()))
            if thread.is_alive():
                log.warning("%s did not end in %.0f s and was abandoned", thread.name, STOP_S)

    def _run(self, jobs: dict[str, tuple[float, Job]]) -> None:
        due = dict.fromkeys(jobs, 0.0)
        while not self._context.guards.stopping.wait(max(0.05, min(due.values()) - time.monotonic())):
            for name, (interval, job) in jobs.items():
                if self._context.guards.stopping.is_set():
                    return
                if due[name] <= time.monotonic():
                    self._do(name, job)
                    due[name] = time.monotonic() + interval

    def _do(self, name: str, job: Job) -> None:
        try:
            job(self._context)
        except Exception:
            if self._context.guards.stopping.is_set():
                log.info("the job %s was interrupted by the shutdown", name)
                return
            log.exception("the job %s failed; trying again later", name)
