"""The load that a server takes: everything at once in growing steps, until something misses its target."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.figure import Figure, Side, Size, figure
from benchmarks.jobs import ingest
from benchmarks.rounds import Piece, PieceResult, interleave
from benchmarks.seeding import seeded_folder
from benchmarks.storm.seen import stored
from benchmarks.storm.storm import DATABASE, Crowd, Storm, Trial, trial
from benchmarks.storm.watchers import possible
from benchmarks.worker import Numbers

SIZES = {  # reports that are there, areas, seconds of a step, first posts/s, growth of a step, most steps, viewers
    "full": (150_000, 1_000, 20.0, 75.0, 1.5, 12, 500),
    "quick": (5_000, 100, 5.0, 75.0, 2.0, 6, 200),
    "tiny": (200, 10, 1.5, 10.0, 2.0, 2, 10),
}
CEILING = {"full": (20_000, 100_000), "quick": (8_000, 20_000), "tiny": (128, 2_000)}  # requests, rows
TILES, LISTS = 2 / 3, 1 / 15  # for each post, as in the job `together`
HERE = "benchmarks.jobs.breaking"


@dataclass(frozen=True, slots=True)
class Target:
    """What a load must keep: `value` of a storm at most `most`."""

    name: str
    most: float
    unit: str
    value: Callable[[Storm], float]


def _total(storm: Storm, name: str) -> float:
    return float(sum(getattr(one, name) for one in storm.came.streams.values()))


def _refused(storm: Storm) -> float:
    """Return the share of requests that were put off or refused, in percent."""
    refused = sum(
        count for one in storm.came.streams.values() for status, count in one.statuses.items() if int(status) >= 400
    )
    return 100 * refused / max(1.0, _total(storm, "wanted"))


TARGETS = (
    Target("POST, p99", 1_000, "ms", lambda storm: storm.came.streams["posts"].p99_ms),
    Target("tiles, p99", 1_000, "ms", lambda storm: storm.came.streams["tiles"].p99_ms),
    Target("lists, p99", 2_000, "ms", lambda storm: storm.came.streams["lists"].p99_ms),
    Target("from a post to its viewers, p99", 3_000, "ms", lambda storm: storm.from_sending[1]),
    Target("hung up", 0, "requests", lambda storm: _total(storm, "timeouts")),
    Target("connections reset", 0, "requests", lambda storm: _total(storm, "resets")),
    Target("streams of viewers broken or refused", 0, "", lambda storm: storm.watched.broken + storm.watched.refused),
    Target("put off or refused", 1, "%", _refused),
    Target("the load generator, behind its clock", 100, "ms", lambda storm: storm.came.own_late_ms),
)


def met(storm: Storm) -> Numbers:
    """Return the value of each target by its position."""
    return {f"target_{at}": one.value(storm) for at, one in enumerate(TARGETS)}


def missed(values: Numbers) -> list[str]:
    """Return in words which targets were missed, and by what."""
    found = ((one, values[f"target_{at}"]) for at, one in enumerate(TARGETS))
    return [f"{one.name}: {value:,.0f} {one.unit}".strip() for one, value in found if value > one.most]


def ours(
    n: int, areas: int, seconds: float, first: float, growth: float, steps: int, viewers: int
) -> Iterator[Numbers]:
    """Raise the load of `crisismap serve` until a target is missed, let it rest, and compare what it holds."""
    with tempfile.TemporaryDirectory() as folder:
        home = seeded_folder(Path(folder) / "data", n, areas)
        yield {}
        while True:
            with trial(home) as found:
                found.storm(_crowd(first, 0), 1.0)  # what is made at the first request
                numbers = _steps(found, seconds, first, growth, steps, viewers)
                after = found.storm(_crowd(first, viewers), seconds)
                data_folder, posts = found.home.folder, found.posts
                found.server.stop()
                numbers |= {k: float(v) for k, v in asdict(stored(data_folder / DATABASE, posts, n)).items()}
            yield numbers | {"after_ms": after.came.streams["posts"].p99_ms}


def _steps(found: Trial, seconds: float, first: float, growth: float, steps: int, viewers: int) -> Numbers:
    numbers: Numbers = {"kept": 0.0, "broke": 0.0, "cores": 0.0}
    for number in range(steps):
        load = first * growth**number
        storm = found.storm(_crowd(load, viewers), seconds)
        values = met(storm)
        if missed(values):
            return numbers | values | {"broke": load}
        numbers |= {"kept": load, "cores": storm.cpu_s / storm.seconds}
    return numbers | values


def _crowd(posts: float, viewers: int) -> Crowd:
    return Crowd(posts, posts * TILES, posts * LISTS, watchers=viewers)


class Breaking:
    """The job that raises the load; see docs/performance.md."""

    name = "breaking"
    title = "The load at which something gives way"

    def run(self, size: Size) -> list[Figure]:
        """Measure steps of growing load beside the ceilings of HTTP and SQLite."""
        n, areas, seconds, first, growth, steps, viewers = SIZES[size.name]
        viewers = possible(viewers)
        arguments = {"n": n, "areas": areas, "seconds": seconds, "first": first, "growth": growth, "steps": steps}
        requests, rows = CEILING[size.name]
        found = interleave(
            [
                Piece("ours", f"{HERE}:ours", arguments | {"viewers": viewers}),
                Piece("http", f"{ingest.__name__}:ceiling", {"count": requests}),
                Piece("rows", f"{ingest.__name__}:raw_sqlite", {"batch_count": rows}),
            ],
            size.rounds,
        )
        return _figures(found, first, seconds, viewers)


def _figures(found: dict[str, PieceResult], first: float, seconds: float, viewers: int) -> list[Figure]:
    ours = found["ours"]
    group = f"posts/s with 2/3 as many tiles, 1/15 as many lists, {viewers:,} viewers, in steps of {seconds:g} s"
    return [
        figure(group, "every target kept", ours.values("kept"), "posts/s", Side.OURS),
        figure(group, "target", [300.0], "posts/s", Side.GOAL),
        figure(group, "uvicorn, keeps nothing, 64 connections", found["http"].values("rate"), "posts/s", Side.CEILING),
        figure(group, "sqlite3.executemany, no HTTP", found["rows"].values("batch_rate"), "posts/s", Side.CEILING),
        figure(group, "gave way first", ours.values("broke"), "posts/s", Side.NOTE, _what(ours)),
        figure(group, "server at the load it kept", ours.values("cores"), "cores", Side.NOTE),
        figure("after it gave way", "lost of what was acknowledged", ours.values("lost"), "reports", Side.OURS),
        figure("after it gave way", "must be", [0.0], "reports", Side.GOAL),
        figure("after it gave way", "kept twice", ours.values("doubled"), "reports", Side.NOTE),
        figure("after it gave way", f"POST at {first:g}/s again, p99", ours.values("after_ms"), "ms", Side.NOTE),
    ]


def _what(ours: PieceResult) -> str:
    """Return in words what missed its target in each round."""
    return "; then ".join(", ".join(missed(numbers)) or "nothing" for numbers in ours.rounds)
