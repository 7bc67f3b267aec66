"""Admission: when it is too much, exports wait first, then tiles, then lists, so that reports always have room.

Overload is measured where it is felt: how late the event loop runs what is due, and how many reports wait to be stored.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from crisismap.core.errors import Unavailable
from crisismap.core.limits import WorkLimit

MEASURE_S = 0.1
FADES = 0.8  # what is left of a measured delay at the next measurement, so that one quiet moment lets nobody in


@dataclass(frozen=True, slots=True)
class WorkState:
    """One class of work now. `held`: overload keeps all of it waiting."""

    kind: str
    running: int
    waiting: int
    refused: int
    held: bool


@dataclass(slots=True)
class _Line:
    """One class of work: who waits for the first time, and who has begun and comes back."""

    limit: WorkLimit
    running: int = 0
    refused: int = 0
    waiting: deque[asyncio.Future[None]] = field(default_factory=deque)
    returning: deque[asyncio.Future[None]] = field(default_factory=deque)


class Admission:
    """Belongs to one event loop; its state can be read from any thread. `writes` counts what waits to be stored."""

    def __init__(self, limits: Mapping[str, WorkLimit], writes: Callable[[], int]) -> None:
        self._lines = {kind: _Line(limit) for kind, limit in limits.items()}
        self._writes = writes
        self._measuring: asyncio.Task[None] | None = None
        self.lag_ms = 0.0

    def states(self) -> list[WorkState]:
        """Return the state of each class, in the order in which they wait."""
        return [
            WorkState(kind, line.running, len(line.waiting), line.refused, self._is_held(line))
            for kind, line in list(self._lines.items())
        ]

    async def begin(self, kind: str) -> Turn:
        """Wait for a turn, which must be left at the end. Raises Unavailable when too many wait, or for too long."""
        if self._measuring is None or self._measuring.done():
            self._measuring = asyncio.get_running_loop().create_task(self._measure())
        line = self._lines[kind]
        if line.running < line.limit.at_once and not line.waiting and not self._is_held(line):
            line.running += 1
        elif len(line.waiting) < line.limit.waiting:
            await self._wait(line, line.waiting, line.limit.patience_s)
        else:
            line.refused += 1
            raise Unavailable("too_busy")
        return Turn(self, kind)

    def leave(self, kind: str) -> None:
        """Give a turn to the next."""
        line = self._lines[kind]
        line.running -= 1
        self._let_in(line)

    async def come_back(self, kind: str) -> None:
        """Wait for a turn again: what has begun is finished, however long it takes."""
        line = self._lines[kind]
        if line.running < line.limit.at_once and not line.returning:
            line.running += 1
        else:
            await self._wait(line, line.returning, None)

    def measured(self, lag_ms: float) -> None:
        """Take in how late the event loop is, and let in whom it no longer holds back."""
        self.lag_ms = max(lag_ms, self.lag_ms * FADES)
        for line in self._lines.values():
            self._let_in(line)

    async def _measure(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            due = loop.time() + MEASURE_S
            await asyncio.sleep(MEASURE_S)
            self.measured(1000 * (loop.time() - due))

    def _is_held(self, line: _Line) -> bool:
        return self.lag_ms > line.limit.lag_ms or self._writes() > line.limit.writes

    async def _wait(self, line: _Line, queue: deque[asyncio.Future[None]], patience_s: float | None) -> None:
        turn = asyncio.get_running_loop().create_future()
        queue.append(turn)
        try:
            await asyncio.wait_for(turn, patience_s)
        except TimeoutError:
            line.refused += 1
            raise Unavailable("too_busy") from None
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():  # it was let in and cancelled at the same moment
                line.running -= 1
                self._let_in(line)
            raise
        finally:
            if turn in queue:
                queue.remove(turn)

    def _let_in(self, line: _Line) -> None:
        while line.running < line.limit.at_once:
            queue = line.returning or line.waiting
            if not queue or (queue is line.waiting and self._is_held(line)):
                return
            turn = queue.popleft()
            if not turn.done():
                line.running += 1
                turn.set_result(None)


class Turn:
    """A place among the work of one class."""

    def __init__(self, admission: Admission, kind: str) -> None:
        self._admission, self._kind = admission, kind
        self._held = True

    def leave(self) -> None:
        """Give the place to the next, once."""
        if self._held:
            self._held = False
            self._admission.leave(self._kind)

    async def resume(self) -> None:
        """Go on after `leave`."""
        if not self._held:
            await self._admission.come_back(self._kind)
            self._held = True
