"""Durable ingest over HTTP: reports per second, each answered only after its commit is on disk."""

from __future__ import annotations

import os
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import httpx

from benchmarks import data, load, servers
from benchmarks.figure import Figure, Side, Size, Skipped, figure, skipped
from benchmarks.peers.optional import need
from benchmarks.rounds import Piece, PieceResult, interleave
from benchmarks.worker import Numbers
from tests.postgres import cluster
from tools import programs

CONNECTIONS = 64
# SQLModel's default pool gives 15 connections and queues the rest for 30 s: at 64 its answers are timeouts (500), so it
# gets the number at which it does best.
PEER_CONNECTIONS = 10
BATCH = 1_000
BATCH_CONNECTIONS = 4
SINGLE = "one report per POST"
MANY = f"{BATCH} reports per POST"
SIZES = {  # ours, peer, ceiling, in batches
    "full": (20_000, 3_000, 40_000, 100_000),
    "quick": (4_000, 600, 8_000, 20_000),
    "tiny": (128, 40, 128, 2_000),
}


def ours(count: int, batch_count: int) -> Iterator[Numbers]:
    """Measure `crisismap serve` on an empty folder: reports one by one, then in batches."""
    yield {}
    seed = 0
    while True:
        seed += 2
        with tempfile.TemporaryDirectory() as folder, servers.crisismap(Path(folder) / "data") as server:
            numbers = _post(server, load.Order(server.url, "report", CONNECTIONS, count, seed=seed))
            sent = count + load.warm_up(count)
            numbers["lag_ms"] = _wait_until_visible(server, sent)
            order = load.Order(server.url, "batch", BATCH_CONNECTIONS, batch_count, BATCH, seed=seed + 1, expect=200)
            before = server.cpu_s()
            outcome = load.run(order)
            _check_complete(outcome, order, batch_count)
            more = batch_count + load.warm_up(batch_count // BATCH) * BATCH
            numbers["batch_rate"] = batch_count / outcome.seconds
            numbers["batch_lag_ms"] = _wait_until_visible(server, sent + more)
            numbers["batch_cpu_us"] = 1e6 * (server.cpu_s() - before) / more
        yield numbers


def peer(count: int) -> Iterator[Numbers]:
    """Measure FastAPI + SQLModel on an empty folder."""
    yield {}
    seed = 1
    while True:
        seed += 2
        with (
            tempfile.TemporaryDirectory() as folder,
            servers.uvicorn("benchmarks.peers.sqlmodel_app:app", Path(folder)) as server,
        ):
            yield _post(server, load.Order(server.url, "report", PEER_CONNECTIONS, count, seed=seed))


def geodjango(count: int) -> Iterator[Numbers]:
    """Measure GeoDjango on a PostGIS of its own, its table empty at each round."""
    need("django", "gunicorn")
    binaries = programs.postgres()
    if binaries is None:
        raise Skipped(f"no PostgreSQL with PostGIS is installed ({programs.GET_POSTGRES})")
    with cluster(binaries) as port, tempfile.TemporaryDirectory() as folder:
        os.environ["BENCH_POSTGRES"] = str(port)
        from benchmarks.peers import geodjango_app

        yield {}
        seed = 2
        while True:
            seed += 1
            geodjango_app.make_table()
            with servers.gunicorn("benchmarks.peers.geodjango_app:app", Path(folder)) as server:
                numbers = _post(server, load.Order(server.url, "report", CONNECTIONS, count, seed=seed))
            sent = count + load.warm_up(count)
            if geodjango_app.count() != sent:
                raise RuntimeError(f"{sent} reports were acknowledged, {geodjango_app.count()} are there")
            yield numbers


def ceiling(count: int) -> Iterator[Numbers]:
    """Measure the same requests at a server that stores nothing."""
    yield {}
    while True:
        with (
            tempfile.TemporaryDirectory() as folder,
            servers.uvicorn("benchmarks.peers.ceiling_app:app", Path(folder)) as server,
        ):
            yield _post(server, load.Order(server.url, "report", CONNECTIONS, count))


def raw_sqlite(batch_count: int) -> Iterator[Numbers]:
    """Measure a lower bound of a batch: one table with a unique random key, BATCH rows a commit, FULL, no HTTP."""
    yield {}
    rows = [
        (one.report.client_id, one.report.category, one.report.text, one.report.lon, one.report.lat)
        for part in data.reports(batch_count, seed=99)
        for one in part
    ]
    while True:
        with tempfile.TemporaryDirectory() as folder:
            connection = sqlite3.connect(Path(folder) / "raw.sqlite3", isolation_level=None)
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute(
                "CREATE TABLE report (seq INTEGER PRIMARY KEY, client_id TEXT UNIQUE, category TEXT, text TEXT, "
                "lon REAL, lat REAL)"
            )
            began = time.perf_counter()
            for at in range(0, batch_count, BATCH):
                connection.execute("BEGIN IMMEDIATE")
                connection.executemany(
                    "INSERT INTO report (client_id, category, text, lon, lat) VALUES (?, ?, ?, ?, ?)",
                    rows[at : at + BATCH],
                )
                connection.execute("COMMIT")
            seconds = time.perf_counter() - began
            connection.close()
        yield {"batch_rate": batch_count / seconds}


def _post(server: servers.Server, order: load.Order) -> Numbers:
    before = server.cpu_s()
    outcome = load.run(order)
    used_s = server.cpu_s() - before
    _check_complete(outcome, order, order.count)
    return {
        "rate": outcome.done / outcome.seconds,
        "p50_ms": outcome.p50_ms,
        "p99_ms": outcome.p99_ms,
        "cpu_us": 1e6 * used_s / (outcome.done + load.warm_up(order.count)),
    }


def _check_complete(outcome: load.Outcome, order: load.Order, reports: int) -> None:
    if outcome.done * order.per_request != reports:
        raise RuntimeError(f"{reports} reports were sent, the answers were {outcome.statuses}")


def _wait_until_visible(server: servers.Server, acknowledged: int, patience_s: float = 120.0) -> float:
    """Return ms until every acknowledged report is in the situation. Raises RuntimeError if one is missing."""
    began = time.perf_counter()
    count = -1
    while time.perf_counter() - began < patience_s:
        # The admin sees every single report; the public would not see the medical ones.
        count = _get(server, "/api/v1/situation")["reports"]
        if count >= acknowledged:
            break
        time.sleep(0.02)
    if count != acknowledged:
        raise RuntimeError(f"{acknowledged} reports were acknowledged, {count} are there")
    return 1000 * (time.perf_counter() - began)


def _get(server: servers.Server, path: str) -> dict[str, int]:
    headers = {"Authorization": f"Bearer {server.token}"}
    answer = httpx.get(server.url + path, headers=headers, trust_env=False, timeout=60)
    answer.raise_for_status()
    found: dict[str, int] = answer.json()
    return found


class Ingest:
    """The ingest job; see docs/performance.md."""

    name = "ingest"
    title = "Durable ingest over HTTP, SQLite FULL, random keys"

    def run(self, size: Size) -> list[Figure]:
        """Measure single reports and batches, beside the peer and the limits of HTTP and SQLite."""
        count, peers, most, batch_count = SIZES[size.name]
        here = "benchmarks.jobs.ingest"
        found = interleave(
            [
                Piece("ours", f"{here}:ours", {"count": count, "batch_count": batch_count}),
                Piece("peer", f"{here}:peer", {"count": peers}),
                Piece("geodjango", f"{here}:geodjango", {"count": peers}),
                Piece("ceiling", f"{here}:ceiling", {"count": most}),
                Piece("sqlite", f"{here}:raw_sqlite", {"batch_count": batch_count}),
            ],
            size.rounds,
        )
        return [*_single_figures(found), *_batch_figures(found)]


def _single_figures(found: dict[str, PieceResult]) -> list[Figure]:
    ours, peer, ceiling = found["ours"], found["peer"], found["ceiling"]
    names = {
        "ours": "crisismap serve, 64 connections",
        "peer": "FastAPI + SQLModel + SQLite, 10 connections",
        "geodjango": "GeoDjango + PostGIS, gunicorn, 64 connections",
    }
    peers = [label for label in ("peer", "geodjango") if not found[label].skipped]
    figures = [
        figure(SINGLE, names["ours"], ours.values("rate"), "reports/s", Side.OURS),
        figure(SINGLE, names["peer"], peer.values("rate"), "reports/s", Side.PEER, "at 64 its pool of 15 times out"),
        figure(SINGLE, "uvicorn, keeps nothing, 64 connections", ceiling.values("rate"), "reports/s", Side.CEILING),
    ]
    if "geodjango" in peers:
        rate = found["geodjango"].values("rate")
        figures.insert(2, figure(SINGLE, names["geodjango"], rate, "reports/s", Side.PEER))
    else:
        figures.append(skipped(SINGLE, names["geodjango"], found["geodjango"].skipped))
    for label in ("ours", *peers):
        cpu, side = found[label].values("cpu_us"), Side.OURS if label == "ours" else Side.PEER
        note = "without that of PostgreSQL" if label == "geodjango" else ""
        figures.append(figure("server CPU of one report per POST", names[label], cpu, "us", side, note))
    cpu = ceiling.values("cpu_us")
    figures.append(figure("server CPU of one report per POST", "uvicorn, keeps nothing", cpu, "us", Side.FLOOR))
    for part in ("p50", "p99"):
        for label in ("ours", *peers):
            values, side = found[label].values(f"{part}_ms"), Side.OURS if label == "ours" else Side.PEER
            note = "with a sixth of the connections" if label == "peer" else ""
            figures.append(figure(f"{part} of one report per POST", names[label], values, "ms", side, note))
    lag = ours.values("lag_ms")
    figures.append(figure("after the last 201", "until the map and the lists have it", lag, "ms", Side.OURS))
    return figures


def _batch_figures(found: dict[str, PieceResult]) -> list[Figure]:
    ours = found["ours"]
    return [
        figure(MANY, "crisismap serve, 4 connections", ours.values("batch_rate"), "reports/s", Side.OURS),
        figure(
            MANY, "sqlite3.executemany, one table, no HTTP", found["sqlite"].values("batch_rate"), "reports/s",
            Side.CEILING,
        ),
        figure(f"server CPU of {MANY}", "crisismap serve", ours.values("batch_cpu_us"), "us", Side.OURS, "per report"),
        figure(
            "after the last batch", "until the map and the lists have it", ours.values("batch_lag_ms"), "ms", Side.OURS
        ),
    ]  # fmt: skip
