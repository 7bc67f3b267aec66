"""The clock guard: notices that the machine's clock was set, so that nothing is taken for late because of it.

The machine also counts the time since it was started, which nobody can set; the two must agree. Jobs that close,
open or escalate by time ask `elapsed`, and do nothing while `jumped`.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from crisismap.core.clock import NEGLIGIBLE_MS, Jump, elapsed
from crisismap.core.moment import DAY_MS, DAY_S, HOUR_S

TOLD_MS = DAY_MS  # how long people are told of a jump
KEPT = 50  # jumps remembered


def steady_clock() -> int:
    """ms since this machine was started, its sleep counted where the system can."""
    kind = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
    return time.clock_gettime_ns(kind) // 1_000_000


class ClockGuard:
    """Compares two clocks. `last_ms`: when something was last written, as the clock read then; 0 for never."""

    def __init__(
        self, clock: Callable[[], int], steady: Callable[[], int], *, jumps: Sequence[Jump] = (), last_ms: int = 0
    ) -> None:
        self._clock, self._steady = clock, steady
        self._lock = Lock()
        self._jumps = tuple(jumps)
        self._seen: tuple[Jump, int] | None = None  # the last one noticed in this run, and the steady time
        now_ms = clock()
        # A clock that lost its time while the machine was off is behind what was written.
        self._base = (last_ms if now_ms < last_ms - NEGLIGIBLE_MS else now_ms, steady())

    @property
    def jumps(self) -> tuple[Jump, ...]:
        """All that are remembered, oldest first."""
        return self._jumps

    def jumped(self) -> bool:
        """Whether the clock has been set since `look`: what comes of it is not done yet."""
        with self._lock:
            return self._compare()[0] is not None

    def look(self) -> Jump | None:
        """The jump since the last look, if there was one; it is remembered."""
        with self._lock:
            jump, now_ms, steady_ms = self._compare()
            self._base = (now_ms, steady_ms)
            if jump is not None:
                self._jumps = (*self._jumps, jump)[-KEPT:]
                self._seen = (jump, steady_ms)
            return jump

    def elapsed(self, since_ms: NDArray[np.int64]) -> NDArray[np.int64]:
        """Real ms since each of our own stamps (received_at, an event's time), whatever the clock did meanwhile."""
        return elapsed(self._jumps, since_ms, self._clock())

    def notice(self) -> str | None:
        """What people are told for a day after a jump."""
        seen = self._seen
        if seen is None or self._steady() - seen[1] > TOLD_MS:
            return None
        by_s = seen[0].by_ms // 1000
        way, size = ("forward", by_s) if by_s > 0 else ("back", -by_s)
        return (
            f"The clock of this computer was set {way} by {_span(size)}. Nothing was closed or escalated because of "
            "it, but ages and times shown may be wrong by as much. Check its date and time."
        )

    def _compare(self) -> tuple[Jump | None, int, int]:
        now_ms, steady_ms = self._clock(), self._steady()
        expected = self._base[0] + steady_ms - self._base[1]
        far = abs(now_ms - expected) >= NEGLIGIBLE_MS
        return (Jump(expected, now_ms) if far else None), now_ms, steady_ms


def _span(seconds: int) -> str:
    for size, unit in ((DAY_S, "days"), (HOUR_S, "hours"), (60, "minutes")):
        if seconds >= 2 * size:
            return f"{seconds // size} {unit}"
    return f"{seconds} seconds"
