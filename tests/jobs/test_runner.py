"""The runner of jobs: each at its time, and the end of them all within seconds."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from crisismap.jobs import runner
from crisismap.jobs.runner import Runner


class Jobs:
    """Jobs that note their runs, and one that waits for a stranger."""

    def __init__(self) -> None:
        self.ran: list[str] = []
        self.patient = threading.Event()

    def quick(self, _context: Any) -> None:
        self.ran.append("quick")

    def broken(self, _context: Any) -> None:
        self.ran.append("broken")
        raise ValueError("no good")

    def stuck(self, _context: Any) -> None:
        self.ran.append("stuck")
        self.patient.wait(60)


@pytest.fixture
def jobs(monkeypatch: pytest.MonkeyPatch) -> Iterator[Jobs]:
    one = Jobs()
    monkeypatch.setattr(runner, "JOBS", {"broken": (0.01, one.broken), "quick": (0.01, one.quick)})
    monkeypatch.setattr(runner, "SLOW_JOBS", {"stuck": (0.01, one.stuck)})
    monkeypatch.setattr(runner, "STOP_S", 0.3)
    yield one
    one.patient.set()


def begun(jobs: Jobs) -> tuple[Runner, Any]:
    context: Any = SimpleNamespace(guards=SimpleNamespace(stopping=threading.Event()))
    running = Runner(context)
    while len(jobs.ran) < 8:
        time.sleep(0.01)
    return running, context


def test_runs_jobs_again_and_none_waits_for_another(jobs: Jobs) -> None:
    running, _ = begun(jobs)
    running.stop()
    assert jobs.ran.count("quick") >= 2, "the one that fails and the one that waits hold up nobody"
    assert jobs.ran.count("stuck") == 1


def test_leaves_a_job_behind_that_does_not_end(jobs: Jobs, caplog: pytest.LogCaptureFixture) -> None:
    running, _ = begun(jobs)
    began = time.monotonic()
    running.stop()
    assert time.monotonic() - began < 5
    assert "crisismap-stuck did not end" in caplog.text


def test_begins_no_job_after_the_end(jobs: Jobs, monkeypatch: pytest.MonkeyPatch) -> None:
    def last(context: Any) -> None:
        jobs.ran.append("last")
        context.guards.stopping.set()

    monkeypatch.setattr(runner, "JOBS", {"last": (0.0, last), "quick": (0.0, jobs.quick)})
    context: Any = SimpleNamespace(guards=SimpleNamespace(stopping=threading.Event()))
    running = Runner(context)
    running.stop()
    assert jobs.ran.count("quick") == 0
