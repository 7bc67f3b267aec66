"""Jumps of the machine's clock, and how much time has really passed since something was stamped.

A clock that was set wrong, or set right, makes every stamp before it look older or younger by the jump. Between
two jumps the clock ran as it should: a frame. A stamp tells its frame by lying in it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from crisismap.core.moment import MINUTE_MS

NEGLIGIBLE_MS = MINUTE_MS  # a clock that is set by less than this harms nobody
_ALWAYS = np.iinfo(np.int64).min


class Jump(msgspec.Struct, frozen=True):
    """The clock should have read `before` and read `after`; ms UTC."""

    before: int
    after: int

    @property
    def by_ms(self) -> int:
        """How far, forwards or (negative) backwards."""
        return self.after - self.before


def elapsed(jumps: Sequence[Jump], since_ms: NDArray[np.int64], now_ms: int) -> NDArray[np.int64]:
    """Real ms from each of our own stamps to now, never negative; `jumps` in the order they happened.

    Where a stamp fits two frames (a clock set back reads the same time twice), the shorter time is taken: nothing
    may be found late because of a clock.
    """
    since = np.asarray(since_ms, np.int64)
    found: NDArray[Any] = np.full(since.shape, np.iinfo(np.int64).max)
    later = 0  # the sum of the jumps after the frame at hand
    end = now_ms
    for jump in reversed(jumps):
        found = np.where((since >= jump.after) & (since <= end), np.minimum(found, now_ms - later - since), found)
        later, end = later + jump.by_ms, jump.before
    found = np.where((since >= _ALWAYS) & (since <= end), np.minimum(found, now_ms - later - since), found)
    # A stamp of no frame was made in the moment of a jump, or by another clock: take it as it is.
    found = np.where(found == np.iinfo(np.int64).max, now_ms - since, found)
    passed: NDArray[np.int64] = np.maximum(found, 0).astype(np.int64)
    return passed
