"""Detection of changes to the system clock, so that no claim or deadline expires because of one.

The system clock is compared with the time since boot, which nobody can set. Jobs that close, open or escalate by time
use `elapsed` and do nothing while `jumped` is true.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from crisismap.core.clock import NEGLIGIBLE_MS, Clock, Jump, elapsed
from crisismap.core.moment import DAY_MS, DAY_S, HOUR_S

WARNING_MS = DAY_MS  # how long people are warned after a jump
MOST_JUMPS = 50  # number of jumps remembered


def steady_clock() -> int:
    """Return ms since boot, including time asleep where the system counts it."""
    kind = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
    return time.clock_gettime_ns(kind) // 1_000_000


class ClockGuard:
    """Compares the system clock with the time since boot. `last_ms` is the time of the last write, 0 for none."""

    def __init__(self, clock: Clock, steady: Clock, *, jumps: Sequence[Jump] = (), last_ms: int = 0) -> None:
        self._clock, self._steady = clock, steady
        self._lock = Lock()
        self._jumps = tuple(jumps)
        self._last_jump: tuple[Jump, int] | None = None  # the last jump of this run and its steady time
        now_ms = clock()
        # A clock that lost its time while the machine was off is behind the last write.
        self._base = (last_ms if now_ms < last_ms - NEGLIGIBLE_MS else now_ms, steady())

    @property
    def jumps(self) -> tuple[Jump, ...]:
        """Return the remembered jumps, oldest first."""
        return self._jumps

    def jumped(self) -> bool:
        """Return whether the clock was set since the last `update`; its effects are not yet corrected."""
        with self._lock:
            return self._compare()[0] is not None

    def update(self) -> Jump | None:
        """Return the jump since the last update, if any, and remember it."""
        with self._lock:
            jump, now_ms, steady_ms = self._compare()
            self._base = (now_ms, steady_ms)
            if jump is not None:
                self._jumps = (*self._jumps, jump)[-MOST_JUMPS:]
                self._last_jump = (jump, steady_ms)
            return jump

    def elapsed(self, since_ms: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the real ms since each of our own timestamps (received_at, an event's time), corrected for jumps."""
        return elapsed(self._jumps, since_ms, self._clock())

    def warning(self) -> str | None:
        """Return the warning that is shown for a day after a jump, else None."""
        last = self._last_jump
        if last is None or self._steady() - last[1] > WARNING_MS:
            return None
        by_s = last[0].by_ms // 1000
        direction, size = ("forward", by_s) if by_s > 0 else ("back", -by_s)
        return (
            f"The clock of this computer was set {direction} by {_span(size)}. Nothing was closed or escalated because "
            "of it, but ages and times shown may be wrong by as much. Check its date and time."
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
