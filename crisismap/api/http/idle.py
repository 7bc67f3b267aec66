"""Idle connections: those on which no request arrives are closed, so that they never crowd out others.

uvicorn closes a connection that waits for its next request, but not one that never sends its first, or that
sends the head of a request letter by letter. Bodies have their own time (`api/routes/reports.py: read_body`).
"""

from __future__ import annotations

import asyncio
import resource
from collections.abc import Iterable
from typing import Any, NamedTuple

HEAD_S = 20.0  # from opening, or from the answer before, to a whole head
LOOK_S = 5.0
# Proxies keep the connections of their pools for 60 s (nginx, most balancers). Were ours closed sooner, a proxy would
# lose the post that it sends at that very moment.
KEEP_ALIVE_S = 65


class IdleTime(NamedTuple):
    """A connection without a request at hand, the last request it had, and since when."""

    connection: Any
    cycle: Any
    since: float


class Reaper:
    """Looks at a server's connections; the clock is the event loop's."""

    def __init__(self, connections: Iterable[Any], head_s: float = HEAD_S, look_s: float = LOOK_S) -> None:
        self._connections, self._head_s, self._look_s = connections, head_s, look_s
        self._silent: dict[int, IdleTime] = {}

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            await asyncio.sleep(self._look_s)
            self.look(asyncio.get_running_loop().time())

    def look(self, now: float) -> int:
        """Close what has waited too long; gives how many there were."""
        silent = {id(one): self._silence(one, now) for one in list(self._connections) if _is_silent(one)}
        self._silent = silent
        late = [each.connection for each in silent.values() if now - each.since >= self._head_s]
        for one in late:
            one.transport.close()
        return len(late)

    def _silence(self, connection: Any, now: float) -> IdleTime:
        """Since when it is silent. uvicorn notes no times, but makes a `cycle` for each request: between two looks a
        busy connection may have had many, and another cycle than before tells of them."""
        before = self._silent.get(id(connection))
        if before is not None and before.connection is connection and before.cycle is connection.cycle:
            return before
        return IdleTime(connection, connection.cycle, now)


def raise_limit() -> None:
    """Let this process hold as many connections as the system allows it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < hard:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def _is_silent(connection: Any) -> bool:
    """Whether no request is being answered on it and uvicorn does not count its time itself.

    WebSockets have no `cycle`, and may be silent.
    """
    if not hasattr(connection, "cycle") or connection.transport is None:
        return False
    if getattr(connection, "timeout_keep_alive_task", None) is not None:
        return False
    return connection.cycle is None or bool(connection.cycle.response_complete)
