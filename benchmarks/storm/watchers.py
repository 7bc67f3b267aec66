"""People who watch the live numbers, a process of its own: `python -m benchmarks.storm.watchers` reads an order.

Each holds one stream of server-sent events (`/api/v1/live`) and notes which revision it is told when. Who is
disconnected or refused comes back after three seconds, as a browser does.
"""

from __future__ import annotations

import asyncio
import json
import random
import resource
import sys
import time
from array import array
from collections import Counter
from dataclasses import asdict, dataclass
from typing import cast

import numpy as np

from benchmarks.ordered import Ordered
from benchmarks.storm.arrivals import loop_factory
from benchmarks.storm.wants import address

AT_ONCE = 50  # connections opened at the same time
COME_BACK_S = 3.0
READY_S = 120.0
SPARE = 500  # files that a process needs for other things


@dataclass(frozen=True, slots=True)
class Order:
    """Watch with `watchers` until told to stop; `kept` is the file for what each was told when."""

    url: str
    watchers: int
    kept: str
    path: str = "/api/v1/live"


@dataclass(frozen=True, slots=True)
class Watched:
    """Frames and bytes since the start of watching, streams that broke or were refused, and the own CPU seconds."""

    frames: int
    received: int
    broken: int
    refused: int
    own_cpu_s: float


def possible(wanted: int) -> int:
    """Return how many of the wanted watchers the limit of open files allows, here and in the server."""
    return max(1, min(wanted, resource.getrlimit(resource.RLIMIT_NOFILE)[1] - SPARE))


class Watchers:
    """The process; ready when everybody has the first frame."""

    def __init__(self, order: Order) -> None:
        self._process = Ordered("benchmarks.storm.watchers", "the watchers", asdict(order))
        self._process.ready()

    def begin(self) -> None:
        """Note frames from now on."""
        self._process.tell("go")

    def end(self) -> Watched:
        """Stop watching."""
        return Watched(**self._process.answer("stop", 120))

    def close(self) -> None:
        """End the process in any state."""
        self._process.close()


class _Watcher(asyncio.Protocol):
    """One stream after the other."""

    def __init__(self, order: Order, sender: str) -> None:
        host, _, port = order.url.removeprefix("http://").partition(":")
        self._where = (host, int(port))
        head = f"Host: {host}:{port}\r\nAccept: text/event-stream\r\nX-Forwarded-For: {sender}\r\n\r\n"
        self._request = f"GET {order.path} HTTP/1.1\r\n{head}".encode()
        self._rest = b""
        self._is_refused = False
        self._is_over = False
        self._transport: asyncio.Transport | None = None
        self.times, self.revisions = array("d"), array("q")
        self.first: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.counts: Counter[str] = Counter()

    async def connect(self) -> None:
        """Open the stream."""
        try:
            await asyncio.get_running_loop().create_connection(lambda: self, *self._where)
        except OSError:
            self.connection_lost(None)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._rest, self._is_refused = b"", False
        self._transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        now = time.perf_counter()
        self.counts["received"] += len(data)
        if self._rest:
            data = self._rest + data
        at = data.rfind(b"id: ")
        end = data.find(b"\n", at) if at >= 0 else -1
        if end < 0:  # a head alone, or a frame that is not there whole
            if data.startswith(b"HTTP/1.1 ") and data[9:12] != b"200":
                self._is_refused = True
            self._rest = data[-200:]
            return
        self._rest = b""
        self.times.append(now)
        self.revisions.append(int(data[at + 4 : end]))
        if not self.first.done():
            self.first.set_result(None)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._is_over:
            return
        self.counts["refused" if self._is_refused else "broken"] += 1
        asyncio.get_running_loop().call_later(COME_BACK_S, lambda: asyncio.ensure_future(self.connect()))

    def begin(self) -> None:
        """Note from now on; what was known before stays."""
        del self.times[:-1], self.revisions[:-1]
        self.counts.clear()

    def end(self) -> None:
        """Close the stream."""
        self._is_over = True
        if self._transport is not None:
            self._transport.abort()


async def _watch(order: Order) -> Watched:
    dice = random.Random(order.watchers)
    watchers = [_Watcher(order, address(dice)) for _ in range(order.watchers)]
    for at in range(0, len(watchers), AT_ONCE):
        part = watchers[at : at + AT_ONCE]
        for each in part:
            await each.connect()
        await asyncio.wait_for(asyncio.gather(*(each.first for each in part)), READY_S)
    print("ready", flush=True)
    await asyncio.to_thread(sys.stdin.readline)
    for each in watchers:
        each.begin()
    cpu_s = time.process_time()
    await asyncio.to_thread(sys.stdin.readline)
    cpu_s = time.process_time() - cpu_s
    total: Counter[str] = Counter()
    for each in watchers:
        each.end()
        total.update(each.counts)
    np.savez(
        order.kept,
        times=np.concatenate([np.frombuffer(each.times, np.float64) for each in watchers]),
        revisions=np.concatenate([np.frombuffer(each.revisions, np.int64) for each in watchers]),
        counts=np.array([len(each.times) for each in watchers]),
    )
    frames = sum(len(each.times) - 1 for each in watchers)
    return Watched(frames, total["received"], total["broken"], total["refused"], cpu_s)


def main() -> int:
    """Run the process."""
    order = Order(**json.loads(sys.stdin.readline()))
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < hard:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    with asyncio.Runner(loop_factory=loop_factory()) as runner:
        print(json.dumps(asdict(runner.run(_watch(order)))))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
