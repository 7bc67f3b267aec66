"""Jumps of the system clock, and the real time that has passed since a timestamp.

When the clock is set, every earlier timestamp looks older or younger by the jump. The time between two jumps is a
frame; a timestamp belongs to the frame that contains it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from crisismap.core.moment import MINUTE_MS

Clock = Callable[[], int]  # returns the time in ms UTC
NEGLIGIBLE_MS = MINUTE_MS  # smaller corrections are ignored
_ALWAYS = np.iinfo(np.int64).min


class Jump(msgspec.Struct, frozen=True):
    """A correction of the system clock from `before` to `after`; ms UTC."""

    before: int
    after: int

    @property
    def by_ms(self) -> int:
        """Return the size of the jump in ms; negative when the clock was set back."""
        return self.after - self.before


def elapsed(jumps: Sequence[Jump], since_ms: NDArray[np.int64], now_ms: int) -> NDArray[np.int64]:
    """Return the real ms from each of our own timestamps to now, never negative; `jumps` in chronological order.

    A timestamp that lies in two frames (a clock set back reads the same time twice) gets the shorter duration, so that
    a clock change never makes anything overdue.
    """
    since = np.asarray(since_ms, np.int64)
    found: NDArray[Any] = np.full(since.shape, np.iinfo(np.int64).max)
    later = 0  # sum of the jumps after the current frame
    end = now_ms
    for jump in reversed(jumps):
        found = np.where((since >= jump.after) & (since <= end), np.minimum(found, now_ms - later - since), found)
        later, end = later + jump.by_ms, jump.before
    found = np.where((since >= _ALWAYS) & (since <= end), np.minimum(found, now_ms - later - since), found)
    # A timestamp in no frame was made during a jump, or by another clock: use it unchanged.
    found = np.where(found == np.iinfo(np.int64).max, now_ms - since, found)
    age: NDArray[np.int64] = np.maximum(found, 0).astype(np.int64)
    return age
