"""The desk: what refreshing one coordinator's page costs the server while reports keep arriving."""

from __future__ import annotations

import sqlite3
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from benchmarks import data, servers
from benchmarks.figure import Figure, Side, Size, figure
from benchmarks.jobs.tiles import tile_of
from benchmarks.rounds import Piece, PieceResult, interleave
from benchmarks.seeding import seeded_folder
from benchmarks.viewers import FALLBACK_S, Order, Viewers, WatchResult
from benchmarks.worker import Numbers
from crisismap.core.report.report import CurrentReport
from crisismap.services.accounts.session import COOKIE

SIZES = {  # unanswered requests, areas, sessions, seconds of watching, between reports, and of rest before
    "full": (10_000, 1_000, 20, 30.0, 2.0, 6),
    "quick": (10_000, 1_000, 20, 8.0, 2.0, 6),
    "tiny": (200, 20, 2, 4.0, 0.5, 1),
}
PATIENCE_S = 240
GOAL_MS = 15.0
PLAIN_DESK = Path(__file__).resolve().parent.parent / "peers" / "plain_desk.py"
_INSERT = "INSERT INTO request VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
IN_VIEW = 9  # tiles that a map of that size shows


def ours(n: int, areas: int, sessions: int, seconds: float, interval_s: float, rest: int) -> Iterator[Numbers]:
    """Measure the Live map of `crisismap serve` in that many sessions of a responder."""
    with tempfile.TemporaryDirectory() as folder:
        home = seeded_folder(Path(folder) / "data", n, areas, unanswered=True)
        with servers.crisismap(home.folder) as server:
            cookie = f"{COOKIE}={home.session}"
            bodies = iter(data.bodies(10_000, seed=99))
            client = httpx.Client(base_url=server.url, trust_env=False, timeout=30)

            def arrive() -> None:
                headers = {"Content-Type": "application/json"}
                client.post("/api/v1/reports", content=next(bodies), headers=headers).raise_for_status()

            settle(client, rest)
            yield {}
            while True:
                alone = _alone(server, seconds, arrive, interval_s)
                order = Order(server.url, sessions, seconds, cookie)
                open_s, watch_s, watch = _watch(server, order, arrive, interval_s)
                tiled_order = Order(server.url, sessions, seconds, cookie, _tiles())
                _, tiled_s, tiled_watch = _watch(server, tiled_order, arrive, interval_s)
                if not watch.whole or not tiled_watch.whole:
                    raise RuntimeError("no page was refreshed although reports arrived")
                yield {
                    "refresh_ms": 1000 * (watch_s - alone) / watch.whole,
                    "tiled_ms": 1000 * (tiled_s - alone) / tiled_watch.whole,
                    "per_s": watch.whole / seconds / sessions,
                    "open_ms": 1000 * open_s / sessions,
                    "p50_ms": watch.p50_ms,
                    "bytes": watch.message_bytes / watch.whole,
                    "cores": watch_s / seconds,
                    "timers": watch.timers,
                    "alone_ms": 1000 * alone / (seconds / interval_s),
                }


def peer(n: int, sessions: int, seconds: float, interval_s: float) -> Iterator[Numbers]:
    """Measure a plain Streamlit page over the same requests."""
    with tempfile.TemporaryDirectory() as folder:
        connection, later = plain_table(Path(folder), n)

        def arrive() -> None:
            connection.execute(_INSERT, next(later))
            connection.commit()

        with servers.streamlit(PLAIN_DESK, Path(folder)) as server:
            yield {}
            while True:
                open_s, used_s, watch = _watch(server, Order(server.url, sessions, seconds), arrive, interval_s)
                refreshes = max(1, watch.fragments + watch.whole)
                yield {
                    "refresh_ms": 1000 * used_s / refreshes,
                    "per_s": refreshes / seconds / sessions,
                    "open_ms": 1000 * open_s / sessions,
                    "p50_ms": watch.p50_ms,
                    "bytes": watch.message_bytes / refreshes,
                    "cores": used_s / seconds,
                }


def plain_table(folder: Path, n: int) -> tuple[sqlite3.Connection, Iterator[tuple[object, ...]]]:
    """Return the table that PLAIN_DESK reads, with n requests in it, and the rows of further ones."""
    rows = [row for part in data.reports(n + 5_000, mix=data.Mix(1.0, 1.0)) for row in map(_plain_row, part)]
    # Its sessions read almost constantly, so with SQLite's default timeout no report could be written.
    connection = sqlite3.connect(folder / "requests.sqlite3", timeout=60, check_same_thread=False)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute(
        "CREATE TABLE request (id TEXT, category TEXT, text TEXT, lon REAL, lat REAL, received_at INTEGER, "
        "state TEXT, priority INTEGER, people INTEGER)"
    )
    connection.executemany(_INSERT, rows[:n])
    connection.commit()
    return connection, iter(rows[n:])


def _plain_row(current: CurrentReport) -> tuple[object, ...]:
    report = current.report
    place = (report.lon, report.lat, report.received_at)
    return (report.id, report.category, report.text, *place, "open", 1 + current.seq % 4, report.people)


def settle(client: httpx.Client, rest: int) -> None:
    """Wait until the revision is unchanged for `rest` seconds, as the jobs of a start may still write."""
    last_revision, quiet_s = -1, 0
    for _ in range(PATIENCE_S):
        revision = int(client.get("/api/v1/situation").json()["revision"])
        quiet_s = quiet_s + 1 if revision == last_revision else 0
        if quiet_s >= rest:
            return
        last_revision = revision
        time.sleep(1)
    raise RuntimeError("the server's jobs did not come to rest")


def _alone(server: servers.Server, seconds: float, arrive: Callable[[], None], interval_s: float) -> float:
    """Return the CPU seconds that arriving reports cost without viewers."""
    with _arriving(arrive, interval_s):
        before = server.cpu_s()
        time.sleep(seconds)
        return server.cpu_s() - before


def _watch(
    server: servers.Server, order: Order, arrive: Callable[[], None], interval_s: float
) -> tuple[float, float, WatchResult]:
    """Return CPU seconds of opening all pages, and of watching them while reports arrive; and what was seen."""
    before = server.cpu_s()
    viewers = Viewers(order)
    try:
        viewers.ready()
        open_s = server.cpu_s() - before
        with _arriving(arrive, interval_s):
            before = server.cpu_s()
            watch = viewers.watch()
            return open_s, server.cpu_s() - before, watch
    finally:
        viewers.close()


@contextmanager
def _arriving(arrive: Callable[[], None], interval_s: float) -> Iterator[None]:
    """Post a report every so many seconds until the context ends."""
    stop = threading.Event()

    def run() -> None:
        while not stop.wait(interval_s):
            arrive()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def _tiles() -> list[str]:
    """Return the tiles around the centre of the generated country, at the zoom that shows most of it."""
    import numpy as np

    west, south, east, north = data.BOX
    x, y = tile_of(np.array([(west + east) / 2]), np.array([(south + north) / 2]), 7)
    side = range(-1, 2)
    return [f"/api/v1/tiles/7/{x[0] + i}/{y[0] + j}.mvt" for i in side for j in side][:IN_VIEW]


class Desk:
    """The desk job; see docs/performance.md."""

    name = "desk"
    title = "Desk refresh: server CPU per session"

    def run(self, size: Size) -> list[Figure]:
        """Measure real sessions on the Live map beside the same on a plain Streamlit page."""
        n, areas, sessions, seconds, interval_s, rest = SIZES[size.name]
        here = "benchmarks.jobs.desk"
        arguments = {"n": n, "sessions": sessions, "seconds": seconds, "interval_s": interval_s}
        found = interleave(
            [
                Piece("ours", f"{here}:ours", {**arguments, "areas": areas, "rest": rest}),
                Piece("peer", f"{here}:peer", arguments),
            ],
            size.rounds,
        )
        return _figures(found, n, sessions, interval_s)


def _figures(found: dict[str, PieceResult], n: int, sessions: int, interval_s: float) -> list[Figure]:
    ours, peer = found["ours"], found["peer"]
    live, plain = "Live map", "plain Streamlit: query, st.map, st.dataframe"
    cost = f"server CPU of one refresh, {sessions} sessions, {n:,} unanswered, a report every {interval_s:g} s"
    note = "timers" if ours.rounds[0]["timers"] else f"no timers in the page, a rerun every {FALLBACK_S:g} s instead"
    return [
        figure(cost, live, ours.values("refresh_ms"), "ms", Side.OURS, note),
        figure(cost, f"{live} and {IN_VIEW} tiles", ours.values("tiled_ms"), "ms", Side.OURS),
        figure(cost, plain, peer.values("refresh_ms"), "ms", Side.PEER, "sends all rows each time"),
        figure(cost, "promised", [GOAL_MS], "ms", Side.GOAL),
        figure("refreshes of each session", live, ours.values("per_s"), "1/s", Side.NOTE),
        figure("refreshes of each session", plain, peer.values("per_s"), "1/s", Side.NOTE, "0.5 is keeping up"),
        figure("cores in use", live, ours.values("cores"), "cores", Side.OURS),
        figure("cores in use", plain, peer.values("cores"), "cores", Side.PEER),
        figure("from asking to drawn, p50", live, ours.values("p50_ms"), "ms", Side.OURS),
        figure("from asking to drawn, p50", plain, peer.values("p50_ms"), "ms", Side.PEER),
        figure("sent to the browser per refresh", live, ours.values("bytes"), "bytes", Side.OURS),
        figure("sent to the browser per refresh", plain, peer.values("bytes"), "bytes", Side.PEER),
        figure("server CPU of opening the page", live, ours.values("open_ms"), "ms", Side.OURS),
        figure("server CPU of opening the page", plain, peer.values("open_ms"), "ms", Side.PEER),
        figure("server CPU of one arriving report", live, ours.values("alone_ms"), "ms", Side.NOTE, "nobody looking"),
    ]
