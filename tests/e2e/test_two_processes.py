"""Several processes work on one deployment at once, and nobody is told that the database is locked (row 5)."""

from __future__ import annotations

import json
import sqlite3
import threading
import time
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from tests.cli.command import run
from tests.e2e.test_kill import Ledger, kept, post
from tests.server import Server, StartServer


def write(server: Server, ledger: Ledger, until: float, wrong: list[str]) -> None:
    with httpx.Client(base_url=server.url, trust_env=False, timeout=30) as client:
        while time.monotonic() < until:
            try:
                post(client, [ledger.new()], ledger)
            except AssertionError as problem:
                wrong.append(str(problem))


def read(path: Path, until: float, wrong: list[str]) -> None:
    """Another program that looks into the database, as people do, and holds its snapshot for long."""
    while time.monotonic() < until:
        try:
            with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as conn:
                conn.execute("BEGIN")
                conn.execute("SELECT count(*) FROM report").fetchone()
                time.sleep(0.3)
        except sqlite3.OperationalError as problem:
            wrong.append(str(problem))


def work(server: Server, folder: Path, seconds: float) -> None:
    ledger, wrong, until = Ledger(), list[str](), time.monotonic() + seconds
    threads = [threading.Thread(target=write, args=(server, ledger, until, wrong)) for _ in range(3)]
    threads.append(threading.Thread(target=read, args=(server.data_dir / "crisismap.sqlite3", until, wrong)))
    for thread in threads:
        thread.start()
    file, commands = folder / "rows.geojsonl", 0
    while time.monotonic() < until:
        row = {"type": "Feature", "geometry": None, "properties": {"category": "flooding", "text": f"row {commands}"}}
        file.write_text(json.dumps(row) + "\n")
        for words in (["import", "reports", file], ["token", "create", "--role", "agency"], ["verify-log"]):
            done = run(words, server.data_dir)
            if done.code:
                wrong.append(done.err)
        commands += 1
    for thread in threads:
        thread.join()
    assert wrong == []
    assert commands > 0
    server.stop()
    assert "locked" not in server.log.read_text(errors="replace")
    found = kept(server.data_dir)
    assert set(ledger.told) <= set(found)
    assert len(found) == len(ledger.sent) + commands


def test_lets_processes_work_side_by_side(server: StartServer, tmp_path: Path) -> None:
    work(server(data_dir=tmp_path / "data"), tmp_path, 5)


@pytest.mark.soak
@pytest.mark.timeout(300)
def test_lets_processes_work_side_by_side_for_a_minute(server: StartServer, tmp_path: Path) -> None:
    work(server(data_dir=tmp_path / "data"), tmp_path, 60)


def test_would_lock_each_other_out_as_ordinary_connections(tmp_path: Path) -> None:
    """The negative control: read, then write, in two transactions begun the usual way; the wait set is not heeded."""
    path = tmp_path / "plain.sqlite3"
    with closing(sqlite3.connect(path, timeout=5)) as one, closing(sqlite3.connect(path, timeout=5)) as other:
        one.execute("PRAGMA journal_mode = WAL")
        one.execute("CREATE TABLE t (n INTEGER)")
        other.isolation_level = None
        other.execute("BEGIN")
        other.execute("SELECT count(*) FROM t").fetchone()
        with one:
            one.execute("INSERT INTO t VALUES (1)")
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            other.execute("INSERT INTO t VALUES (2)")
