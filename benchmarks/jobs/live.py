"""The live numbers: what many viewers cost the server, and how long after the pace the last of them is told."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path

from benchmarks import servers
from benchmarks.figure import Figure, Side, Size, figure
from benchmarks.rounds import Piece, PieceResult, interleave
from benchmarks.storm import arrivals, watchers
from benchmarks.storm.arrivals import Arrivals, Stream
from benchmarks.storm.seen import delays, percentiles_ms
from benchmarks.storm.watchers import Watchers, possible
from benchmarks.worker import Numbers
from crisismap.api.live import PACE_S

SIZES = {  # viewers, seconds of watching
    "full": ((1_000, 5_000), 30.0),
    "quick": ((1_000, 5_000), 8.0),
    "tiny": ((20,), 2.0),
}
POSTS = 1.0  # a second: each is a frame of its own for every viewer
REST_S = 1.0  # longer than the pace
HERE = "benchmarks.jobs.live"
APPS = {
    "starlette": ("benchmarks.peers.live_apps:starlette_app", "Starlette, StreamingResponse and a queue per client"),
    "asgi": ("benchmarks.peers.live_apps:asgi_app", "bare ASGI, one shared frame"),
}


def ours(viewers: int, seconds: float) -> Iterator[Numbers]:
    """Measure `crisismap serve`."""
    yield {}
    while True:
        with tempfile.TemporaryDirectory() as folder:
            yield _round(servers.crisismap(Path(folder) / "data"), viewers, seconds)


def peer(app: str, viewers: int, seconds: float) -> Iterator[Numbers]:
    """Measure another app under uvicorn."""
    yield {}
    while True:
        with tempfile.TemporaryDirectory() as folder:
            yield _round(servers.uvicorn(app, Path(folder)), viewers, seconds)


def _round(running: AbstractContextManager[servers.Server], viewers: int, seconds: float) -> Numbers:
    with running as server, tempfile.TemporaryDirectory() as folder:
        kept = {name: str(Path(folder) / f"{name}.npz") for name in ("posts", "watched")}
        stream = Stream("posts", POSTS, 30, 4)
        order = arrivals.Order(server.url, seconds, [stream], "", kept["posts"])
        alone = server.cpu_s()
        Arrivals(order).run()
        alone, rss = server.cpu_s() - alone, server.rss()
        watching = Watchers(watchers.Order(server.url, viewers, kept["watched"]))
        try:
            time.sleep(REST_S)
            coming = Arrivals(arrivals.Order(server.url, seconds, [stream], "", kept["posts"], seed=2))
            used, held = server.cpu_s(), server.rss()
            watching.begin()
            coming.run()
            time.sleep(REST_S)
            used = server.cpu_s() - used
            found = watching.end()
        finally:
            watching.close()
        if found.broken or found.refused:
            raise RuntimeError(f"{found.broken} streams broke, {found.refused} were refused")
        p50, p99 = percentiles_ms(delays(Path(kept["posts"]), Path(kept["watched"]), time.perf_counter())[1])
        return {
            "cpu_us": 1e6 * max(0.0, used - alone) / max(1, found.frames),
            "p50_ms": max(0.0, p50 - 1000 * PACE_S),
            "p99_ms": max(0.0, p99 - 1000 * PACE_S),
            "bytes": (held - rss) / viewers,
            "frames": found.frames / viewers / seconds,
            "client_us": 1e6 * found.own_cpu_s / max(1, found.frames),
        }


class Live:
    """The live job; see docs/performance.md."""

    name = "live"
    title = "Live numbers for many viewers"

    def run(self, size: Size) -> list[Figure]:
        """Measure ours, a tutorial's way and the barest one, with as many viewers as the limit of open files allows."""
        wanted, seconds = SIZES[size.name]
        figures: list[Figure] = []
        for viewers in dict.fromkeys(possible(number) for number in wanted):
            arguments = {"viewers": viewers, "seconds": seconds}
            pieces = [Piece("ours", f"{HERE}:ours", arguments)]
            pieces += [Piece(name, f"{HERE}:peer", {"app": app} | arguments) for name, (app, _) in APPS.items()]
            figures += _figures(interleave(pieces, size.rounds), viewers)
        if max(wanted) != possible(max(wanted)):
            figures.append(
                figure("viewers that the limit of open files allows", "here", [possible(max(wanted))], "", Side.NOTE)
            )
        return figures


def _figures(found: dict[str, PieceResult], viewers: int) -> list[Figure]:
    names = {"ours": ("crisismap serve", Side.OURS)} | {key: (name, Side.PEER) for key, (_, name) in APPS.items()}
    measured = (
        (f"server CPU of a viewer and frame, {viewers:,} viewers", "cpu_us", "us"),
        (f"told after the pace of {1000 * PACE_S:g} ms, p50, {viewers:,} viewers", "p50_ms", "ms"),
        (f"told after the pace of {1000 * PACE_S:g} ms, p99, {viewers:,} viewers", "p99_ms", "ms"),
        (f"memory of a viewer, {viewers:,} of them", "bytes", "bytes"),
    )
    figures = []
    for group, key, unit in measured:
        figures += [figure(group, name, found[one].values(key), unit, side) for one, (name, side) in names.items()]
    frames, client = found["ours"].values("frames"), found["ours"].values("client_us")
    group = measured[0][0]
    return [
        *figures,
        figure(group, "frames a second and viewer, ours", frames, "", Side.NOTE),
        figure(group, "the viewers' own CPU of a frame", client, "us", Side.NOTE, "on the same cores"),
    ]
