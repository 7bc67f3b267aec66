"""Closing idle and stuck connections, so that they never use up all connections.

uvicorn closes a connection that waits for its next request, but not one that never sends its first, or that sends the
head of a request byte by byte. Bodies have limits of their own (`api/routes/reports.py: read_body`). Nor does it close
one whose client never reads: it waits for room in the connection's buffer, and closing would wait for it too.
"""

from __future__ import annotations

import asyncio
import resource
from collections.abc import Iterable
from typing import Any, NamedTuple

HEAD_S = 20.0  # from opening, or from the previous response, to a complete head
STUCK_S = 60.0  # a full connection that takes nothing for so long; a slow phone empties a buffer of the kernel in it
CHECK_S = 5.0
# Proxies keep pooled connections for 60 s (nginx, most load balancers). If we closed ours earlier, a proxy would lose a
# POST that it sends at that moment.
KEEP_ALIVE_S = 65


class IdleTime(NamedTuple):
    """A connection without a request in progress: its last request, and since when."""

    connection: Any
    cycle: Any
    since: float


class FullTime(NamedTuple):
    """A connection that takes no more: the bytes that wait for it, and since when they are as many."""

    connection: Any
    waiting: int
    since: float


class Reaper:
    """Checks a server's connections; the clock is the event loop's."""

    def __init__(
        self,
        connections: Iterable[Any],
        head_s: float = HEAD_S,
        check_s: float = CHECK_S,
        stuck_s: float = STUCK_S,
    ) -> None:
        self._connections, self._head_s, self._check_s, self._stuck_s = connections, head_s, check_s, stuck_s
        self._silent: dict[int, IdleTime] = {}
        self._full: dict[int, FullTime] = {}

    async def run(self) -> None:
        """Check periodically until cancelled."""
        while True:
            await asyncio.sleep(self._check_s)
            self.check(asyncio.get_running_loop().time())

    def check(self, now: float) -> int:
        """Close connections idle or stuck for too long and return their number."""
        silent = {id(one): self._silence(one, now) for one in list(self._connections) if _is_silent(one)}
        self._silent = silent
        idle = [each.connection for each in silent.values() if now - each.since >= self._head_s]
        for one in idle:
            one.transport.close()
        self._full = {id(one): self._fullness(one, now) for one in list(self._connections) if _is_full(one)}
        stuck = [each.connection for each in self._full.values() if now - each.since >= self._stuck_s]
        for one in stuck:
            one.transport.abort()
        return len(idle) + len(stuck)

    def _fullness(self, connection: Any, now: float) -> FullTime:
        """Return since when the connection takes nothing: nothing is added to a full buffer, so it only shrinks."""
        waiting = connection.transport.get_write_buffer_size()
        before = self._full.get(id(connection))
        if before is not None and before.connection is connection and before.waiting == waiting:
            return before
        return FullTime(connection, waiting, now)

    def _silence(self, connection: Any, now: float) -> IdleTime:
        """Return since when the connection is idle. uvicorn stores no times but makes a `cycle` for each request:

        a cycle other than at the previous check means that requests were answered in between.
        """
        before = self._silent.get(id(connection))
        if before is not None and before.connection is connection and before.cycle is connection.cycle:
            return before
        return IdleTime(connection, connection.cycle, now)


def raise_limit() -> None:
    """Raise this process's limit of open connections to the system's maximum."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < hard:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def _is_full(connection: Any) -> bool:
    """Return whether the server waits for the client to read, so that it can write or close. Not of WebSockets."""
    flow, transport = getattr(connection, "flow", None), getattr(connection, "transport", None)
    if flow is None or transport is None:
        return False
    return bool(flow.write_paused) or (transport.is_closing() and transport.get_write_buffer_size() > 0)


def _is_silent(connection: Any) -> bool:
    """Return whether no request is in progress and uvicorn has no timeout of its own running.

    WebSockets have no `cycle`, and may be silent.
    """
    if not hasattr(connection, "cycle") or connection.transport is None:
        return False
    if getattr(connection, "timeout_keep_alive_task", None) is not None:
        return False
    return connection.cycle is None or bool(connection.cycle.response_complete)
