"""The runner: each job in a thread at its interval; a job that fails is tried again, and none waits for another."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

from crisismap.jobs.claims import expire_claims
from crisismap.jobs.feeds import refresh_feeds
from crisismap.services.context import Context

log = logging.getLogger(__name__)

Job = Callable[[Context], None]
# name -> seconds between runs, job
JOBS: dict[str, tuple[float, Job]] = {"claims": (1.0, expire_claims), "feeds": (2.0, refresh_feeds)}


class Runner:
    """Starts at once; `stop` waits for the jobs at hand, which are told by the context to come to an end."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._threads = [
            threading.Thread(target=self._run, args=(name, *job), name=f"crisismap-{name}", daemon=True)
            for name, job in JOBS.items()
        ]
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """End after the jobs at hand."""
        self._context.stopping.set()
        for thread in self._threads:
            thread.join()

    def _run(self, name: str, interval: float, job: Job) -> None:
        wait = 0.0
        while not self._context.stopping.wait(wait):
            began = time.monotonic()
            try:
                job(self._context)
            except Exception:
                log.exception("the job %s failed; it is tried again", name)
            wait = max(0.05, interval - (time.monotonic() - began))
