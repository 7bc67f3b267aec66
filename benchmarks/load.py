"""The load generator, a process: `python -m benchmarks.load` reads an order from stdin, prints the outcome."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, cast
from urllib.parse import urlsplit

from benchmarks import data

WARM_UP = 200  # requests before the clock starts, at most a tenth of all


@dataclass(frozen=True, slots=True)
class Order:
    """The requests to send: `kind` report (one per POST), batch (`per_request` per POST) or get (`paths` in turn)."""

    url: str
    kind: str
    connections: int
    count: int = 0
    per_request: int = 1
    paths: list[str] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)
    seed: int = 1
    expect: int = 201
    timeout_s: float = 300.0


@dataclass(frozen=True, slots=True)
class Outcome:
    """`done` requests in `seconds` with the wanted status; all statuses; latencies in ms; bytes of answers."""

    done: int
    seconds: float
    statuses: dict[str, int]
    p50_ms: float
    p99_ms: float
    body_bytes: int


def run(order: Order) -> Outcome:
    """Execute an order in a process of its own."""
    process = subprocess.run(
        [sys.executable, "-m", "benchmarks.load"],
        input=json.dumps(asdict(order)),
        capture_output=True,
        text=True,
        timeout=order.timeout_s + 120,
    )
    if process.returncode:
        raise RuntimeError(f"the load generator failed:\n{process.stderr[-3000:]}")
    return Outcome(**json.loads(process.stdout))


def warm_up(requests: int) -> int:
    """Return the number of requests before the clock starts."""
    return min(WARM_UP, max(1, requests // 10))


def requests_of(order: Order) -> tuple[list[bytes], list[bytes]]:
    """Return warm-up requests and the measured ones, as bytes."""
    host = urlsplit(order.url).netloc
    head = "".join(f"{name}: {value}\r\n" for name, value in order.headers.items())
    if order.kind == "get":
        requests = [f"GET {path} HTTP/1.1\r\nHost: {host}\r\n{head}\r\n".encode() for path in order.paths]
        return [], requests
    warm = warm_up(order.count // order.per_request) * order.per_request
    bodies = data.bodies(order.count + warm, order.seed)
    path, kind = ("/api/v1/reports", "application/json")
    if order.kind == "batch":
        path, kind = ("/api/v1/reports:batch", "application/x-ndjson")
        bodies = [b"\n".join(bodies[at : at + order.per_request]) for at in range(0, len(bodies), order.per_request)]
    start = f"POST {path} HTTP/1.1\r\nHost: {host}\r\nContent-Type: {kind}\r\n{head}Content-Length: ".encode()
    requests = [start + b"%d\r\n\r\n" % len(body) + body for body in bodies]
    warm //= order.per_request
    return requests[:warm], requests[warm:]


class _RequestQueue:
    """The requests still to send, and the results so far."""

    def __init__(self, requests: Sequence[bytes], connections: int, finished: asyncio.Future[None]) -> None:
        self._pending = iter(requests)
        self._busy = connections
        self._finished = finished
        self.statuses: Counter[int] = Counter()
        self.latencies: list[float] = []
        self.body_bytes = 0

    def next(self) -> bytes | None:
        """Return the next request; None after the last."""
        return next(self._pending, None)

    def idle(self) -> None:
        """Note that a connection has finished."""
        self._busy -= 1
        if self._busy == 0 and not self._finished.done():
            self._finished.set_result(None)

    def failed(self, problem: Exception) -> None:
        """Abort the measurement."""
        if not self._finished.done():
            self._finished.set_exception(problem)


class _Connection(asyncio.Protocol):
    """One connection: sends a request, waits for the whole answer, sends the next."""

    def __init__(self) -> None:
        self._transport: asyncio.WriteTransport | None = None
        self._queue: _RequestQueue | None = None
        self._buffer = bytearray()
        self._sent_at = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.WriteTransport, transport)  # uvloop's transport does not inherit from it

    def begin(self, queue: _RequestQueue) -> None:
        """Start sending."""
        self._queue = queue
        self._send()

    def _send(self) -> None:
        assert self._queue is not None and self._transport is not None
        request = self._queue.next()
        if request is None:
            queue, self._queue = self._queue, None
            queue.idle()
            return
        self._sent_at = time.perf_counter()
        self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        end = self._buffer.find(b"\r\n\r\n")
        if end < 0 or self._queue is None:
            return
        length = _length(bytes(self._buffer[:end]).lower())
        if length is None:
            self._queue.failed(RuntimeError("the answer has no Content-Length"))
            return
        if len(self._buffer) < end + 4 + length:
            return
        self._queue.statuses[int(self._buffer[9:12])] += 1
        self._queue.latencies.append(time.perf_counter() - self._sent_at)
        self._queue.body_bytes += length
        del self._buffer[: end + 4 + length]
        self._send()

    def connection_lost(self, exc: Exception | None) -> None:
        if self._queue is not None:
            self._queue.failed(exc or RuntimeError("the server closed the connection"))


def _length(head: bytes) -> int | None:
    at = head.find(b"content-length:")
    if at >= 0:
        return int(head[at + 15 : head.find(b"\r", at) if b"\r" in head[at:] else len(head)])
    return 0 if head[9:12] == b"304" else None


async def _measure(order: Order) -> Outcome:
    warm, measured = requests_of(order)
    parts = urlsplit(order.url)
    loop = asyncio.get_running_loop()
    connected = [
        await loop.create_connection(_Connection, parts.hostname or "", parts.port or 80)
        for _ in range(order.connections)
    ]
    connections = [protocol for _, protocol in connected]
    if warm:
        await _through(warm, connections, order.timeout_s)
    began = time.perf_counter()
    queue = await _through(measured, connections, order.timeout_s)
    seconds = time.perf_counter() - began
    for transport, _ in connected:
        transport.close()
    latencies = sorted(queue.latencies)
    return Outcome(
        done=queue.statuses[order.expect],
        seconds=seconds,
        statuses={str(status): count for status, count in queue.statuses.items()},
        p50_ms=1000 * latencies[len(latencies) // 2],
        p99_ms=1000 * latencies[min(len(latencies) - 1, int(0.99 * len(latencies)))],
        body_bytes=queue.body_bytes,
    )


async def _through(requests: Sequence[bytes], connections: Sequence[_Connection], timeout_s: float) -> _RequestQueue:
    finished: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    queue = _RequestQueue(requests, len(connections), finished)
    for connection in connections:
        connection.begin(queue)
    await asyncio.wait_for(finished, timeout_s)
    return queue


def main() -> int:
    """Run the process."""
    order = Order(**json.load(sys.stdin))
    print(json.dumps(asdict(_loop_run(order))))
    return 0


def _loop_run(order: Order) -> Outcome:
    factory: Any = None
    try:
        import uvloop

        factory = uvloop.new_event_loop
    except ImportError:
        pass
    with asyncio.Runner(loop_factory=factory) as runner:
        return runner.run(_measure(order))


if __name__ == "__main__":
    raise SystemExit(main())
