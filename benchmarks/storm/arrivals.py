"""Requests that come by the clock, a process of its own: `python -m benchmarks.storm.arrivals` reads an order.

People do not wait for each other: each request has a moment at which it is meant to be sent, and its latency counts
from there. A server that stalls for a second therefore shows it in every request of that second. Who gets no answer in
time hangs up and is counted, with the whole time of waiting; of posts, such clients send the same again at the end.
"""

from __future__ import annotations

import asyncio
import json
import random
import sys
import time
from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.ordered import Ordered
from benchmarks.storm.lane import Call, Lane
from benchmarks.storm.wants import wants

SWEEP_S = 0.1
AGAIN, AGAIN_S = 32, 180.0  # connections over which unanswered posts are sent again, and how long they wait


@dataclass(frozen=True, slots=True)
class Stream:
    """One kind of request: how often, how patient, over how many connections; `kind` as in `wants`.

    Everybody has an address of their own (X-Forwarded-For); connections are shared, as behind a proxy.
    """

    kind: str
    per_s: float
    timeout_s: float
    connections: int


@dataclass(frozen=True, slots=True)
class Order:
    """What comes in `seconds`; `kept` is the file for what became of each post."""

    url: str
    seconds: float
    streams: list[Stream]
    token: str
    kept: str
    seed: int = 1


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one stream. The percentiles include those who hung up or lost their connection."""

    wanted: int
    statuses: dict[str, int]
    p50_ms: float
    p99_ms: float
    timeouts: int
    resets: int
    body_bytes: int

    def answered(self, *statuses: int) -> int:
        """Return how many were answered with one of these statuses."""
        return sum(self.statuses.get(str(status), 0) for status in statuses)


@dataclass(frozen=True, slots=True)
class Outcomes:
    """All streams, and the generator's own CPU seconds and p99 of its lateness."""

    streams: dict[str, Outcome]
    seconds: float
    own_cpu_s: float
    own_late_ms: float
    again: dict[str, int]  # statuses of the posts that were sent again at the end


class Arrivals:
    """The process, started at once and prepared; `run` lets everybody come."""

    def __init__(self, order: Order) -> None:
        self._patience_s = order.seconds + 2 * AGAIN_S + 60
        self._process = Ordered("benchmarks.storm.arrivals", "the arrivals", asdict(order))
        self._process.ready()

    def run(self) -> Outcomes:
        """Return what became of all of them."""
        found = self._process.answer("go", self._patience_s)
        found["streams"] = {name: Outcome(**one) for name, one in found["streams"].items()}
        return Outcomes(**found)


def moments(dice: random.Random, per_s: float, seconds: float) -> list[float]:
    """Return moments of arrival, none depending on another, exactly as many as are meant to come."""
    return sorted(dice.uniform(0, seconds) for _ in range(round(per_s * seconds)))


async def _come(order: Order) -> Outcomes:
    host, _, port = order.url.removeprefix("http://").partition(":")
    dice = random.Random(order.seed)
    lanes: list[Lane] = []
    calls: list[tuple[float, Lane, Call]] = []
    for stream in order.streams:
        lane = Lane(host, int(port), stream.timeout_s, stream.connections)
        lanes.append(lane)
        made = wants(stream.kind, order.url, order.token, order.seed, round(stream.per_s * order.seconds))
        times = moments(dice, stream.per_s, order.seconds)
        if stream.kind == "tiles":  # those of one view are wanted together
            times = [times[at - at % made.together] for at in range(len(times))]
        calls += [(at, lane, call) for at, call in zip(times, made.calls, strict=True)]
    calls.sort(key=lambda each: each[0])
    posts = [call for _, _, call in calls if call.key]
    print("ready", flush=True)
    await asyncio.to_thread(sys.stdin.readline)
    cpu_s, began, late = time.process_time(), time.perf_counter(), []
    sweeping = asyncio.create_task(_sweep(lanes))
    for at, lane, call in calls:
        call.due = began + at
        while (wait := call.due - time.perf_counter()) > 0:
            await asyncio.sleep(wait)
        late.append(-wait)
        lane.take(call)
    await asyncio.sleep(max(0.0, began + order.seconds - time.perf_counter()))
    while any(lane.busy for lane in lanes):
        await asyncio.sleep(SWEEP_S)
    seconds, cpu_s = time.perf_counter() - began, time.process_time() - cpu_s
    outcomes = {stream.kind: _outcome(lane) for stream, lane in zip(order.streams, lanes, strict=True)}
    again = await _again(Lane(host, int(port), AGAIN_S, AGAIN), posts, lanes)
    sweeping.cancel()
    for lane in lanes:
        lane.close()
    _keep(Path(order.kept), posts)
    late_ms = 1000 * float(np.percentile(late, 99)) if late else 0.0
    return Outcomes(outcomes, seconds, cpu_s, late_ms, {str(status): count for status, count in again.items()})


async def _sweep(lanes: list[Lane]) -> None:
    while True:
        await asyncio.sleep(SWEEP_S)
        for lane in lanes:
            lane.sweep(time.perf_counter())


async def _again(lane: Lane, posts: list[Call], lanes: list[Lane]) -> Counter[int]:
    """Send again what nobody answered, as a phone does; its key must keep it from being stored twice."""
    lanes.append(lane)
    first = [(post, post.due) for post in posts if post.unanswered]
    for post, _ in first:
        post.due = time.perf_counter()
        lane.take(post)
    while lane.busy:
        await asyncio.sleep(SWEEP_S)
    for post, due in first:  # it was meant to be sent then, and viewers have waited for it since
        post.due = due
    return lane.statuses


def _outcome(lane: Lane) -> Outcome:
    latencies = np.array([*lane.latencies, *[lane.timeout_s] * (lane.timeouts + lane.resets)] or [0.0])
    p50, p99 = 1000 * np.percentile(latencies, (50, 99), method="higher")
    return Outcome(
        wanted=lane.taken,
        statuses={str(status): count for status, count in lane.statuses.items()},
        p50_ms=float(p50),
        p99_ms=float(p99),
        timeouts=lane.timeouts,
        resets=lane.resets,
        body_bytes=lane.body_bytes,
    )


def _keep(path: Path, posts: list[Call]) -> None:
    """Write for each post its key, when it was meant to be sent and was answered, and its revision (0: no answer)."""
    np.savez(
        path,
        key=np.array([post.key for post in posts], "S36"),
        due=np.array([post.due for post in posts], np.float64),
        answered=np.array([post.answered for post in posts], np.float64),
        revision=np.array([post.revision for post in posts], np.int64),
    )


def main() -> int:
    """Run the process."""
    members = json.loads(sys.stdin.readline())
    order = Order(**members | {"streams": [Stream(**one) for one in members["streams"]]})
    with asyncio.Runner(loop_factory=loop_factory()) as runner:
        print(json.dumps(asdict(runner.run(_come(order)))))
    return 0


def loop_factory() -> Any:
    """Return the fastest event loop there is."""
    try:
        import uvloop
    except ImportError:
        return None
    return uvloop.new_event_loop


if __name__ == "__main__":
    raise SystemExit(main())
