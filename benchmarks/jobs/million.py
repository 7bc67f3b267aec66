"""A million reports in one server: lists, a tile, exports, memory and the start, and what a new report costs there."""

from __future__ import annotations

import statistics
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import numpy as np

from benchmarks import data, load, servers
from benchmarks.figure import Figure, Side, Size, figure
from benchmarks.jobs import export, ingest
from benchmarks.jobs.desk import settle
from benchmarks.jobs.tiles import ZOOM, fullest
from benchmarks.rounds import Piece, PieceResult, interleave
from benchmarks.seeding import seeded_folder
from benchmarks.servers import Server
from benchmarks.storm import arrivals
from benchmarks.storm.arrivals import Arrivals, Outcome, Stream
from benchmarks.worker import Numbers

SIZES = {  # reports, of which unanswered, areas, seconds of each measurement, posts of a turn, turns
    "full": (1_000_000, 10_000, 1_000, 20.0, 200, 5),
    "quick": (20_000, 1_000, 100, 4.0, 50, 3),
    "tiny": (300, 30, 10, 1.0, 5, 1),
}
SMALL = 1_000
CEILING = {"full": 20_000, "quick": 8_000, "tiny": 128}
POSTS = 20.0  # a second, while lists and tiles are read
READS = 10.0
MOST_TIMES = 1.5  # a new report among a million may cost so many times what it costs among a thousand
REST_S = 1.0
LISTS = {"requests": "/api/v1/requests?limit=100", "situation": "/api/v1/situation"}
FILES = {"geojson": "/api/v1/reports.geojson", "csv": "/api/v1/reports.csv"}
HERE = "benchmarks.jobs.million"


def ours(n: int, waiting: int, areas: int, seconds: float, posts: int, turns: int) -> Iterator[Numbers]:
    """Measure `crisismap serve` with n reports, beside one with a thousand, and one with none for its memory."""
    with tempfile.TemporaryDirectory() as folder:
        began = time.perf_counter()
        home = seeded_folder(Path(folder) / "large", n, areas, waiting=waiting).folder
        seed_s = time.perf_counter() - began
        small = seeded_folder(Path(folder) / "small", SMALL, areas, waiting=waiting * SMALL // n).folder
        none = seeded_folder(Path(folder) / "none", 0, areas).folder
        yield {"seed_s": seed_s}
        while True:
            with servers.crisismap(none) as server:
                time.sleep(REST_S)
                empty = server.rss()
            began = time.perf_counter()
            with servers.crisismap(home) as server:
                numbers = {"start_s": time.perf_counter() - began, "start_cpu_s": server.cpu_s()}
                numbers |= {"ready_bytes": (server.rss() - empty) / n}
                with httpx.Client(base_url=server.url, trust_env=False, timeout=60) as client:
                    settle(client, 2)
                numbers |= _read(server, n, seconds) | {"lists_bytes": (server.rss() - empty) / n}
                numbers |= _exports(server) | {"export_bytes": (server.rss() - empty) / n}
                with servers.crisismap(small) as other:
                    numbers |= _new_report(server, other, posts, turns)
            yield numbers


def _read(server: Server, n: int, seconds: float) -> Numbers:
    """Read each list at rest, then each list and the fullest tile while reports arrive."""
    x, y = fullest(*data.places(n), ZOOM)
    tile = f"/api/v1/tiles/{ZOOM}/{x}/{y}.mvt?v=@revision@"
    rest, _ = _during(server, [], seconds)
    numbers: Numbers = {"rest_cores": rest / seconds}
    for name, path in LISTS.items():
        numbers |= _reading(server, name, path, seconds, rest)
    arriving, _ = _during(server, [Stream("posts", POSTS, 30, 16)], seconds)
    numbers["post_us"] = 1e6 * max(0.0, arriving - rest) / (POSTS * seconds)
    for name, path in (LISTS | {"tile": tile}).items():
        numbers |= _reading(server, f"moving_{name}", path, seconds, arriving, POSTS)
    return numbers


def _reading(server: Server, name: str, path: str, seconds: float, without: float, posts: float = 0.0) -> Numbers:
    """Read one path while so many reports arrive; the server's CPU is without what they and its jobs need."""
    streams = [Stream(path, READS, 60, 8), *([Stream("posts", posts, 30, 16)] if posts else [])]
    used, found = _during(server, streams, seconds)
    one = found[path]
    if one.answered(200) != one.wanted:
        raise RuntimeError(f"{path} was answered with {one.statuses}, {one.timeouts} hung up")
    cpu_us = 1e6 * max(0.0, used - without) / one.wanted
    return {f"{name}_p50_ms": one.p50_ms, f"{name}_p99_ms": one.p99_ms, f"{name}_us": cpu_us}


_seeds = iter(range(50_000, 60_000))  # other keys in each measurement


def _during(server: Server, streams: list[Stream], seconds: float) -> tuple[float, dict[str, Outcome]]:
    """Return the server's CPU seconds while these requests come, and what became of them."""
    with tempfile.TemporaryDirectory() as folder:
        order = arrivals.Order(
            server.url, seconds, streams, server.token, str(Path(folder) / "posts.npz"), next(_seeds)
        )
        coming = Arrivals(order)
        before = server.cpu_s()
        found = coming.run()
        return server.cpu_s() - before, found.streams


def _exports(server: Server) -> Numbers:
    """Take everything in each format."""
    numbers: Numbers = {}
    for name, path in FILES.items():
        before, cpu_s = server.rss(), server.cpu_s()
        with _peak(server) as peak:
            seconds, size, _ = export.download(server, path)
        numbers |= {f"{name}_s": seconds, f"{name}_bytes": size, f"{name}_cpu_s": server.cpu_s() - cpu_s}
        numbers |= {f"{name}_peak_mb": (max(peak) - before) / 2**20}
    return numbers


@contextmanager
def _peak(server: Server) -> Iterator[list[float]]:
    """Give a list that is filled with the server's memory, twenty times a second."""
    found, stop = [float(server.rss())], threading.Event()

    def watch() -> None:
        while not stop.wait(0.05):
            found.append(float(server.rss()))

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield found
    finally:
        stop.set()
        thread.join()


def _new_report(large: Server, small: Server, posts: int, turns: int) -> Numbers:
    """Post one report after the other to both servers in turns."""
    costs: dict[int, list[float]] = {large.pid: [], small.pid: []}
    for turn in range(turns):
        for server in (large, small) if turn % 2 == 0 else (small, large):
            before = server.cpu_s()
            order = load.Order(server.url, "report", 1, posts, seed=next(_seeds))
            load.run(order)
            time.sleep(REST_S)
            costs[server.pid].append(1e6 * (server.cpu_s() - before) / (posts + load.warm_up(posts)))
    many, few = (statistics.median(costs[server.pid]) for server in (large, small))
    ratios = [a / b for a, b in zip(costs[large.pid], costs[small.pid], strict=True) if b]
    return {"large_us": many, "small_us": few, "times": statistics.median(ratios) if ratios else np.inf}


class Million:
    """The job of a million reports; see docs/performance.md."""

    name = "million"
    title = "A server with a million reports"

    def run(self, size: Size) -> list[Figure]:
        """Measure one large server, beside a small one and servers that do nothing."""
        n, waiting, areas, seconds, posts, turns = SIZES[size.name]
        arguments = {"n": n, "waiting": waiting, "areas": areas, "seconds": seconds, "posts": posts, "turns": turns}
        found = interleave(
            [
                Piece("ours", f"{HERE}:ours", arguments),
                Piece("http", f"{ingest.__name__}:ceiling", {"count": CEILING[size.name]}),
            ],
            size.rounds,
        )
        ours = found["ours"]
        bytes_made = int(ours.rounds[0]["geojson_bytes"])
        found |= interleave([Piece("bytes", f"{export.__name__}:http_floor", {"size": bytes_made})], size.rounds)
        return [*_reads(ours, n, waiting), *_files(found, n), *_growth(found, n, seconds)]


def _reads(ours: PieceResult, n: int, waiting: int) -> list[Figure]:
    figures = []
    states = (("", "nothing changes"), ("moving_", f"{POSTS:g} reports/s arrive"))
    wanted = [(name, path, prefix, when) for name, path in LISTS.items() for prefix, when in states]
    wanted.append(("tile", f"the fullest z{ZOOM} tile", "moving_", states[1][1]))
    for name, path, prefix, when in wanted:
        group = f"{path} of {n:,}, {waiting:,} unanswered, {when}"
        for part in ("p50", "p99"):
            figures.append(figure(group, part, ours.values(f"{prefix}{name}_{part}_ms"), "ms", Side.NOTE))
        figures.append(figure(group, "server CPU of one", ours.values(f"{prefix}{name}_us"), "us", Side.OURS))
    return figures


def _files(found: dict[str, PieceResult], n: int) -> list[Figure]:
    ours, figures = found["ours"], []
    for name in FILES:
        group = f"{n:,} reports as {name} over HTTP"
        note = f"{ours.values(f'{name}_bytes')[0] / 1e6:,.0f} MB"
        figures.append(figure(group, "crisismap serve", ours.values(f"{name}_s"), "s", Side.OURS, note))
        if name == "geojson":
            floor = found["bytes"].values("s")
            figures.append(figure(group, "uvicorn, has the bytes ready", floor, "s", Side.FLOOR))
        figures += [
            figure(group, "server CPU", ours.values(f"{name}_cpu_s"), "s CPU", Side.NOTE),
            figure(group, "memory above that before", ours.values(f"{name}_peak_mb"), "MB", Side.NOTE),
        ]
    return figures


def _growth(found: dict[str, PieceResult], n: int, seconds: float) -> list[Figure]:
    ours, group = found["ours"], f"a new report among {n:,}, one after the other"
    memory, start = "memory of the server for each report", f"start with {n:,} reports"
    return [
        figure(group, "server CPU", ours.values("large_us"), "us", Side.OURS),
        figure(group, "uvicorn, keeps nothing", found["http"].values("cpu_us"), "us", Side.FLOOR),
        figure(group, f"among {SMALL:,}, in turns", ours.values("small_us"), "us", Side.NOTE),
        figure(group, f"times that among {SMALL:,}", ours.values("times"), "x", Side.OURS),
        figure(group, "at most", [MOST_TIMES], "x", Side.GOAL),
        figure(f"a new report among {n:,}, {POSTS:g}/s", "server CPU", ours.values("post_us"), "us", Side.OURS),
        figure(start, "until it answers", ours.values("start_s"), "s", Side.OURS),
        figure(start, "CPU of it", ours.values("start_cpu_s"), "s CPU", Side.NOTE),
        figure(f"at rest with {n:,} reports, {seconds:g} s", "server", ours.values("rest_cores"), "cores", Side.OURS),
        figure(memory, "when it is ready", ours.values("ready_bytes"), "bytes", Side.OURS),
        figure(memory, "after lists and tiles", ours.values("lists_bytes"), "bytes", Side.NOTE),
        figure(memory, "after both exports", ours.values("export_bytes"), "bytes", Side.NOTE),
        figure(f"{n:,} reports into an empty store", "seeding", [ours.setup["seed_s"]], "s", Side.NOTE),
    ]
