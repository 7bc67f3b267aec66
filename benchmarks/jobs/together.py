"""Everything at once at one server: reports, viewers, tiles, desks, lists and exports, each as often as in a flood."""

from __future__ import annotations

import math
import tempfile
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from benchmarks import servers
from benchmarks.figure import Figure, Side, Size, figure
from benchmarks.rounds import Piece, PieceResult, interleave
from benchmarks.seeding import seeded_folder
from benchmarks.storm import arrivals
from benchmarks.storm.arrivals import Arrivals, Outcome, Stream
from benchmarks.storm.seen import stored
from benchmarks.storm.storm import CLIENTS, DATABASE, Crowd, Storm, Trial, trial
from benchmarks.storm.watchers import possible
from benchmarks.worker import Numbers

ALONE = 20.0  # posts a second with nobody else there
CROWD = Crowd(posts=300, tiles=200, lists=20, exports_per_minute=10, watchers=2_000, sessions=50)
SIZES = {  # reports that are there, areas, seconds of posts alone, seconds of everything, who is there
    "full": (150_000, 1_000, 20.0, 300.0, CROWD),
    "quick": (5_000, 100, 5.0, 20.0, CROWD),
    "tiny": (200, 10, 1.0, 3.0, Crowd(20, 16, 4, 40, 20, 1)),
}
GOALS_MS = {"posts": 1_000.0, "tiles": 1_000.0, "lists": 2_000.0, "told": 3_000.0}
HERE = "benchmarks.jobs.together"


def ours(n: int, areas: int, alone_s: float, seconds: float, crowd: dict[str, Any]) -> Iterator[Numbers]:
    """Measure `crisismap serve`: posts alone, then everybody, then what the store holds."""
    with tempfile.TemporaryDirectory() as folder:
        home = seeded_folder(Path(folder) / "data", n, areas)
        yield {}
        while True:
            with trial(home) as found:
                alone = found.storm(Crowd(ALONE, lists=1, tiles=8, exports_per_minute=120 / alone_s), alone_s)
                before, rss = found.rows(), found.server.rss()
                storm = found.storm(Crowd(**crowd), seconds)
                numbers = _numbers(alone, storm, crowd["sessions"]) | _memory(found, before, rss)
                data_folder, posts = found.home.folder, found.posts
                found.server.stop()
                numbers |= {k: float(v) for k, v in asdict(stored(data_folder / DATABASE, posts, n)).items()}
            yield numbers


def _memory(found: Trial, before: int, rss: int) -> Numbers:
    rows = found.rows() - before
    grown = found.server.rss()
    return {"rss_mb": rss / 2**20, "grown_mb": grown / 2**20, "row_bytes": (grown - rss) / max(1, rows), "rows": rows}


def _numbers(alone: Storm, storm: Storm, sessions: int) -> Numbers:
    numbers = {"alone_p50_ms": alone.came.streams["posts"].p50_ms, "alone_p99_ms": alone.came.streams["posts"].p99_ms}
    for kind, one in storm.came.streams.items():
        numbers |= {f"{kind}_p50_ms": one.p50_ms, f"{kind}_p99_ms": one.p99_ms, f"{kind}_wanted": one.wanted}
    all_of = list(storm.came.streams.values())
    desk = storm.desk
    return numbers | {
        "told_p50_ms": storm.from_sending[0],
        "told_p99_ms": storm.from_sending[1],
        "told_answer_p99_ms": storm.from_answer[1],
        "shed": sum(one.answered(503) for one in all_of),
        "limited": sum(one.answered(429) for one in all_of),
        "failed": sum(_failed(one) for one in all_of),
        "timeouts": sum(one.timeouts for one in all_of),
        "resets": sum(one.resets for one in all_of),
        "streams_broken": storm.watched.broken + storm.watched.refused,
        "desk_p50_ms": desk.p50_ms if desk else 0.0,
        "desk_p99_ms": desk.p99_ms if desk else 0.0,
        "desk_per_s": desk.whole / max(1, sessions) / storm.seconds if desk else 0.0,
        "desk_problems": desk.problems if desk else 0,
        "cores": storm.cpu_s / storm.seconds,
        "clients_cores": storm.came.own_cpu_s / storm.came.seconds + storm.watched.own_cpu_s / storm.took_s,
        "desks_cores": desk.own_cpu_s / storm.seconds if desk else 0.0,
        "late_ms": storm.came.own_late_ms,
        "visible_s": storm.visible_s,
        "again": sum(storm.came.again.values()),
    }


def _failed(one: Outcome) -> int:
    """Return how many were answered with anything but what was wanted, and not put off either."""
    return sum(count for status, count in one.statuses.items() if int(status) >= 400 and status not in ("429", "503"))


def floor(per_s: float, seconds: float) -> Iterator[Numbers]:
    """Measure the same posts by the clock at a server that stores nothing, with nobody else there."""
    yield {}
    while True:
        with (
            tempfile.TemporaryDirectory() as folder,
            servers.uvicorn("benchmarks.peers.ceiling_app:app", Path(folder)) as server,
        ):
            stream = Stream("posts", per_s, *CLIENTS["posts"])
            order = arrivals.Order(server.url, seconds, [stream], "", str(Path(folder) / "posts.npz"))
            before = server.cpu_s()
            found = Arrivals(order).run()
            used_s, one = server.cpu_s() - before, found.streams["posts"]
        yield {"p50_ms": one.p50_ms, "p99_ms": one.p99_ms, "cpu_us": 1e6 * used_s / one.wanted}


class Together:
    """The job of everything at once; see docs/performance.md."""

    name = "together"
    title = "Everything at once"

    def run(self, size: Size) -> list[Figure]:
        """Measure a server under everything, beside the same posts at a server that does nothing."""
        n, areas, alone_s, seconds, crowd = SIZES[size.name]
        crowd = Crowd(**asdict(crowd) | {"watchers": possible(crowd.watchers)})
        arguments = {"n": n, "areas": areas, "alone_s": alone_s, "seconds": seconds, "crowd": asdict(crowd)}
        found = interleave(
            [
                Piece("ours", f"{HERE}:ours", arguments),
                Piece("floor", f"{HERE}:floor", {"per_s": crowd.posts, "seconds": min(seconds, 20.0)}),
            ],
            size.rounds,
        )
        return [*_waits(found), *_losses(found["ours"]), *_costs(found["ours"], crowd, seconds)]


def _waits(found: dict[str, PieceResult]) -> list[Figure]:
    ours, floor = found["ours"], found["floor"]
    figures = []
    for part in ("p50", "p99"):
        group = f"POST, from the moment it was meant to be sent, {part}"
        figures += [
            figure(group, "with everybody there", ours.values(f"posts_{part}_ms"), "ms", Side.OURS),
            figure(group, f"{ALONE:g}/s, hardly anybody else", ours.values(f"alone_{part}_ms"), "ms", Side.NOTE),
            # One pause of the machine moves a p99 past any floor.
            figure(
                group,
                "uvicorn, keeps nothing, nobody else",
                floor.values(f"{part}_ms"),
                "ms",
                Side.FLOOR if part == "p50" else Side.NOTE,
            ),
        ]
        if part == "p99":
            figures.append(figure(group, "target", [GOALS_MS["posts"]], "ms", Side.GOAL))
        ratios = [a / b for a, b in zip(ours.values(f"posts_{part}_ms"), ours.values(f"alone_{part}_ms"), strict=True)]
        figures.append(figure(group, "times that of nearly alone", ratios, "x", Side.NOTE))
    told = "from sending a post until a viewer has a frame of it, p99"
    figures += [
        figure(told, "all viewers", ours.values("told_p99_ms"), "ms", Side.OURS, "also what was sent again"),
        figure(told, "target", [GOALS_MS["told"]], "ms", Side.GOAL),
        figure(told, "p50", ours.values("told_p50_ms"), "ms", Side.NOTE),
        figure(told, "from its 201, p99", ours.values("told_answer_p99_ms"), "ms", Side.NOTE),
    ]
    for kind, name in (("tiles", "a tile of a moving view"), ("lists", "a list")):
        figures += [
            figure(f"{name}, p99", "with everybody there", ours.values(f"{kind}_p99_ms"), "ms", Side.OURS),
            figure(f"{name}, p99", "target", [GOALS_MS[kind]], "ms", Side.GOAL),
            figure(f"{name}, p99", "p50", ours.values(f"{kind}_p50_ms"), "ms", Side.NOTE),
        ]
    return [
        *figures,
        figure("an export of everything", "p50", ours.values("exports_p50_ms"), "ms", Side.OURS),
        figure("an export of everything", "slowest hundredth", ours.values("exports_p99_ms"), "ms", Side.NOTE),
        figure("a refresh of a desk, p99", "with everybody there", ours.values("desk_p99_ms"), "ms", Side.OURS),
        figure("a refresh of a desk, p99", "p50", ours.values("desk_p50_ms"), "ms", Side.NOTE),
        figure(
            "a refresh of a desk, p99", "refreshes of each", ours.values("desk_per_s"), "1/s", Side.NOTE, "0.5 is all"
        ),
    ]


def _losses(ours: PieceResult) -> list[Figure]:
    acknowledged = "after the run, of what was acknowledged"
    note = f"{ours.values('acknowledged')[0]:,.0f} acknowledged"
    rows = [
        figure(acknowledged, "lost", ours.values("lost"), "reports", Side.OURS, note),
        figure(acknowledged, "must be", [0.0], "reports", Side.GOAL),
        figure("after the run, of what was sent", "kept twice", ours.values("doubled"), "reports", Side.OURS),
        figure("after the run, of what was sent", "must be", [0.0], "reports", Side.GOAL),
    ]
    counted = (
        ("put off (503)", "shed"),
        ("limited (429)", "limited"),
        ("refused otherwise", "failed"),
        ("hung up", "timeouts"),
        ("connections reset", "resets"),
        ("streams of viewers broken or refused", "streams_broken"),
        ("desks with an error, or whose tiles took 10 s", "desk_problems"),
        ("posts sent again at the end, answered then", "again"),
        ("kept though never answered", "unanswered_kept"),
    )
    wanted = sum(ours.values(f"{kind}_wanted")[0] for kind in CLIENTS)
    group = f"of {wanted:,.0f} requests and all streams"
    return rows + [figure(group, name, ours.values(key), "", Side.NOTE) for name, key in counted]


def _costs(ours: PieceResult, crowd: Crowd, seconds: float) -> list[Figure]:
    group = f"{crowd.posts:g} posts/s, {crowd.tiles:g} tiles/s, {crowd.lists:g} lists/s, {crowd.watchers:,} viewers, "
    group += f"{crowd.sessions} desks, {seconds:g} s"
    caught = [math.inf if value < 0 else value for value in ours.values("visible_s")]
    if math.inf in caught:
        raise RuntimeError("the situation never had every report of the store")
    return [
        figure(group, "server", ours.values("cores"), "cores", Side.OURS),
        figure(group, "posts, tiles, lists, exports and viewers", ours.values("clients_cores"), "cores", Side.NOTE),
        figure(group, "desks", ours.values("desks_cores"), "cores", Side.NOTE),
        figure(group, "generator behind its clock, p99", ours.values("late_ms"), "ms", Side.NOTE),
        figure(group, "after the last until all is visible", caught, "s", Side.NOTE),
        figure("memory of the server", "before", ours.values("rss_mb"), "MB", Side.NOTE),
        figure("memory of the server", "after", ours.values("grown_mb"), "MB", Side.OURS),
        figure("memory of the server for each new report", "crisismap", ours.values("row_bytes"), "bytes", Side.OURS),
    ]
