"""Idle connections: those that were opened and ask for nothing are closed, so that they never crowd out others.

uvicorn times out a connection that waits for its next question, but not one that never asks its first, or that
sends a question letter by letter. Bodies have their own time (`api/routes/reports.py: read_body`).
"""

from __future__ import annotations

import asyncio
import resource
from collections.abc import Iterable
from typing import Any

HEAD_S = 20.0  # from opening to a whole question
LOOK_S = 5.0


class Reaper:
    """Looks at a server's connections; the clock is the event loop's."""

    def __init__(self, connections: Iterable[Any], head_s: float = HEAD_S) -> None:
        self._connections, self._head_s = connections, head_s
        self._since: dict[int, tuple[Any, float]] = {}

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            await asyncio.sleep(LOOK_S)
            self.look(asyncio.get_running_loop().time())

    def look(self, now: float) -> int:
        """Close what has waited too long; gives how many there were."""
        silent = {id(one): one for one in list(self._connections) if _asks_nothing(one)}
        self._since = {
            key: self._since[key] if key in self._since and self._since[key][0] is one else (one, now)
            for key, one in silent.items()
        }
        late = [one for one, since in self._since.values() if now - since >= self._head_s]
        for one in late:
            one.transport.close()
        return len(late)


def raise_limit() -> None:
    """Let this process hold as many connections as the system allows it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < hard:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def _asks_nothing(connection: Any) -> bool:
    """Whether no question is being answered on it. WebSockets have no `cycle`, and may be silent."""
    if not hasattr(connection, "cycle") or connection.transport is None:
        return False
    return connection.cycle is None or bool(connection.cycle.response_complete)
