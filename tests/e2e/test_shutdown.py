"""The end of a busy server: within seconds of SIGTERM, whatever its jobs have before them, and nothing acknowledged is
lost."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import httpx

from crisismap.core.channel import Message
from crisismap.core.own_channels import API
from crisismap.core.report.read_draft import draft_from
from crisismap.settings import ROOT
from tests.conftest import FakeClock
from tests.processes import free_port, stop, tied
from tests.server import StartServer
from tests.services.deployment import opened

BACKLOG = 6_000  # of requests so old that all of them escalate, age and have had their time
YEARS_MS = 800 * 86_400_000
BOUND_S = 15


def fill(folder: Path) -> None:
    """A deployment that was left alone for years."""
    clock = FakeClock(time.time_ns() // 1_000_000 - YEARS_MS)
    with opened(folder, clock, CRISISMAP_RATE_LIMIT="off") as context:
        for at in range(0, BACKLOG, 1000):
            bodies = [
                {"category": "rescue", "text": f"house {n}", "lon": 80.2 + n % 100 / 1000, "lat": 13.0}
                | {"contact": {"phone": f"98765{n:05d}"}}
                for n in range(at, at + 1000)
            ]
            context.intake.receive_all([Message(draft_from(body), API) for body in bodies])


def counted(folder: Path, query: str) -> int:
    with closing(sqlite3.connect(f"file:{folder / 'crisismap.sqlite3'}?mode=ro", uri=True)) as database:
        return int(database.execute(query).fetchone()[0])


def until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + 90
    while not true():
        assert time.monotonic() < end
        time.sleep(0.02)


def test_ends_within_seconds_while_jobs_churn(server: StartServer, tmp_path: Path) -> None:
    folder = tmp_path / "data"
    fill(folder)
    one = server(data_dir=folder)
    retained = "select count(*) from event where verb = 'report.retain'"
    escalated = "select count(*) from event where verb = 'request.escalate'"
    until(lambda: counted(folder, escalated) > 0)
    acknowledged = []
    with httpx.Client(base_url=one.url, trust_env=False, timeout=60) as client:
        while not counted(folder, retained):
            answer = client.post("/api/v1/reports", json={"category": "rescue", "text": f"now {len(acknowledged)}"})
            acknowledged.append(answer.json()["id"])
    began = time.monotonic()
    one.process.send_signal(signal.SIGTERM)
    code = one.process.wait(BOUND_S)
    print(f"\nit took {time.monotonic() - began:.1f} s to end")
    assert code in (0, -signal.SIGTERM)
    assert "Traceback" not in one.log.read_text()
    assert counted(folder, retained) < 3 * BACKLOG, "there was more to do"
    with opened(folder, FakeClock(time.time_ns() // 1_000_000)) as context:
        assert all(context.store.reports.one(report) for report in acknowledged)
        assert context.store.events.verify().broken_at is None


STUCK = """
import sys, time
from crisismap import server
from crisismap.jobs.runner import Runner
from crisismap.settings import read_settings
Runner.stop = lambda self: time.sleep(600)
server.STOP_S = 3
server.serve(server.Plan(read_settings(), port=int(sys.argv[1])))
"""


def test_ends_even_when_something_never_does(tmp_path: Path) -> None:
    port, log = free_port(), tmp_path / "log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            tied([sys.executable, "-c", STUCK, str(port)]),
            cwd="/",
            env={"CRISISMAP_DATA_DIR": str(tmp_path / "data"), "PYTHONPATH": str(ROOT)},
            stdout=out,
            stderr=out,
        )
    try:

        def answers() -> bool:
            try:
                return httpx.get(f"http://127.0.0.1:{port}/healthz", trust_env=False).status_code == 200
            except httpx.TransportError:
                return False

        until(answers)
        process.send_signal(signal.SIGTERM)
        assert process.wait(BOUND_S) == 0
        assert "did not end in 3 s" in log.read_text()
    finally:
        stop(process)
