"""The clients of one kind: connections on which calls are made, and what waits for one."""

from __future__ import annotations

import asyncio
import re
import time
from collections import Counter, deque
from typing import cast

STALE_S = 10.0  # an idle connection is dropped before any server drops it, which could happen to a request on its way
NO_ANSWER = 0
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_CHUNKED = re.compile(rb"\r\ntransfer-encoding: *chunked", re.IGNORECASE)
_CLOSE = re.compile(rb"\r\nconnection: *close", re.IGNORECASE)
_REVISION = re.compile(rb'"revision":(\d+)')
_LAST_CHUNK = b"\r\n0\r\n\r\n"


class Call:
    """One request: its bytes, when it is meant to be sent, and, for a post, its key and what it was answered."""

    __slots__ = ("answered", "due", "key", "request", "revision", "status")

    def __init__(self, request: bytes, key: str = "") -> None:
        self.request = request
        self.key = key
        self.due = self.answered = 0.0
        self.status = NO_ANSWER
        self.revision = 0

    @property
    def unanswered(self) -> bool:
        """Return whether nobody knows what became of it."""
        return self.status == NO_ANSWER


class Lane:
    """At most `most` connections to one server; who waits longer than `timeout_s` hangs up."""

    newest = 0  # the newest revision that any lane was told, which a map puts into the address of its tiles

    def __init__(self, host: str, port: int, timeout_s: float, most: int) -> None:
        self._host, self._port, self._most = host, port, most
        self.timeout_s = timeout_s
        self._idle: list[_Connection] = []
        self._working: set[_Connection] = set()
        self._waiting: deque[Call] = deque()
        self._open = 0
        self._connecting: set[asyncio.Task[None]] = set()
        self.statuses: Counter[int] = Counter()
        self.latencies: list[float] = []
        self.taken = self.timeouts = self.resets = self.body_bytes = 0

    @property
    def busy(self) -> bool:
        """Return whether anybody still waits."""
        return bool(self._working or self._waiting)

    def take(self, call: Call) -> None:
        """Make a call now, or as soon as a connection is free."""
        self.taken += 1
        if self._idle:
            self._send(self._idle.pop(), call)
            return
        self._waiting.append(call)
        self._open_another()

    def _open_another(self) -> None:
        if self._waiting and self._open < self._most:
            self._open += 1
            task = asyncio.ensure_future(self._connect())
            self._connecting.add(task)
            task.add_done_callback(self._connecting.discard)

    async def _connect(self) -> None:
        try:
            _, connection = await asyncio.get_running_loop().create_connection(
                lambda: _Connection(self), self._host, self._port
            )
        except OSError:
            self._open -= 1
            if self._waiting:  # refused: who waits longest gives up
                self._waiting.popleft()
                self.resets += 1
            return
        self.freed(connection)

    def freed(self, connection: _Connection) -> None:
        """Use a connection for who waits longest."""
        self._working.discard(connection)
        if connection.closes:
            connection.abort()
        elif self._waiting:
            self._send(connection, self._waiting.popleft())
        else:
            connection.since = time.perf_counter()
            self._idle.append(connection)

    def _send(self, connection: _Connection, call: Call) -> None:
        self._working.add(connection)
        connection.send(call, call.request.replace(b"@revision@", b"%d" % Lane.newest, 1))

    def finished(self, connection: _Connection, call: Call, size: int, body: bytes) -> None:
        """Note an answer."""
        call.answered = time.perf_counter()
        self.statuses[call.status] += 1
        self.body_bytes += size
        if call.status < 400:
            self.latencies.append(call.answered - call.due)
        if call.key and (found := _REVISION.search(body)):
            call.revision = int(found[1])
            Lane.newest = max(Lane.newest, call.revision)
        self.freed(connection)

    def lost(self, connection: _Connection, call: Call | None) -> None:
        """Note a closed connection: a reset if an answer was due on it."""
        self._open -= 1
        if call is not None:
            self._working.discard(connection)
            self.resets += 1
        elif connection in self._idle:
            self._idle.remove(connection)
        self._open_another()

    def sweep(self, now: float) -> None:
        """Hang up for all who have waited too long, and drop what is long idle."""
        for connection in [each for each in self._working if now - each.call_due > self.timeout_s]:
            self.timeouts += 1
            self._working.discard(connection)
            connection.abort()
        while self._waiting and now - self._waiting[0].due > self.timeout_s:
            self._waiting.popleft()
            self.timeouts += 1
        for connection in [each for each in self._idle if now - each.since > STALE_S]:
            self._idle.remove(connection)
            connection.abort()

    def close(self) -> None:
        """Close all connections."""
        for connection in [*self._idle, *self._working]:
            connection.abort()


class _Connection(asyncio.Protocol):
    """One connection with at most one call on it."""

    def __init__(self, lane: Lane) -> None:
        self._lane = lane
        self._transport: asyncio.Transport | None = None
        self._call: Call | None = None
        self._head = self._end = b""  # the head so far; the last bytes of the body
        self._size = 0
        self._length: int | None = None  # None: in chunks
        self._is_ours = False  # we have closed it
        self.closes = False  # the server closes it after this answer
        self.since = 0.0

    @property
    def call_due(self) -> float:
        """Return when its call was meant to be sent."""
        return self._call.due if self._call else float("inf")

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's does not inherit from it

    def send(self, call: Call, request: bytes) -> None:
        """Send a request."""
        assert self._transport is not None
        self._call, self._size, self._length = call, 0, None
        self._head = self._end = b""
        self._transport.write(request)

    def abort(self) -> None:
        """Hang up."""
        assert self._transport is not None
        self._is_ours = True
        self._transport.abort()

    def data_received(self, data: bytes) -> None:
        call = self._call
        if call is None:
            return
        if call.status == NO_ANSWER:
            data = self._read_head(call, data)
            if call.status == NO_ANSWER:
                return
        self._size += len(data)
        self._end = (self._end + data)[-len(_LAST_CHUNK) :]
        if self._end == _LAST_CHUNK if self._length is None else self._size >= self._length:
            self._call = None
            self._lane.finished(self, call, self._size, data)

    def _read_head(self, call: Call, data: bytes) -> bytes:
        """Set the status once the head is there, and return what follows it."""
        self._head += data
        head, end, rest = self._head.partition(b"\r\n\r\n")
        if not end:
            return b""
        call.status = int(head[9:12])
        self.closes = _CLOSE.search(head) is not None
        if length := _LENGTH.search(head):
            self._length = int(length[1])
        elif not _CHUNKED.search(head):
            self._length = 0
        return rest

    def connection_lost(self, exc: Exception | None) -> None:
        call, self._call = self._call, None
        if call is not None and not self._is_ours:
            call.status = NO_ANSWER
        elif call is not None:
            call.status, call = NO_ANSWER, None  # it has been counted as a timeout
        self._lane.lost(self, call)
