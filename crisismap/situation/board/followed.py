"""What each board knows without reading all its rows, because it follows from the board before and the changed rows:
the unanswered requests, counts, and which rows the last writes changed.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from crisismap.situation.board.column import STATES

MOST_WRITES = 1024  # that are remembered
MOST_ROWS = 65_536  # that these have changed
_BYTES = 256  # values of a column of bytes
_OPEN, _CLAIMED = STATES.index("open"), STATES.index("claimed")

Rows = NDArray[np.int64]
Mask = NDArray[np.bool_]
Numbers = NDArray[np.int64]


class _Columns(Protocol):
    """What is counted: a board, or a part of one."""

    def __getitem__(self, name: str) -> NDArray[Any]:
        """Return a column."""


def are_unanswered(states: NDArray[np.uint8]) -> Mask:
    """Return which states are open or claimed."""
    mask: Mask = (states == _OPEN) | (states == _CLAIMED)
    return mask


@dataclass(frozen=True, slots=True)
class Tally:
    """The rows of the unanswered requests, ascending, and counts of all reports and of the requests among them.

    `by_category` and `by_area` are [2, numbers]: reports, and requests; `by_area` has those in no area first.
    """

    unanswered: Rows
    by_category: Numbers
    by_area: Numbers
    by_need: Numbers

    @classmethod
    def of(cls, columns: _Columns) -> Tally:
        """Count all rows."""
        return cls(np.flatnonzero(are_unanswered(columns["state"])), *_counts(columns))

    def moved(self, before: _Columns, after: _Columns, changed: Rows, all_rows: Rows) -> Tally:
        """Return the tally when the `changed` rows were as `before`, and `all_rows`, new ones too, are as `after`."""
        gone = changed[are_unanswered(before["state"])]
        come = all_rows[are_unanswered(after["state"])]
        rows = self.unanswered
        if len(gone):
            rows = np.delete(rows, rows.searchsorted(gone))
        if len(come):
            rows = np.insert(rows, rows.searchsorted(come), come)
        counts = zip(self._numbers(), _counts(before), _counts(after), strict=True)
        return Tally(rows, *(_sum(_sum(now, new), -old) for now, old, new in counts))

    def _numbers(self) -> tuple[Numbers, Numbers, Numbers]:
        return self.by_category, self.by_area, self.by_need


def _counts(columns: _Columns) -> tuple[Numbers, Numbers, Numbers]:
    asks, category, area = columns["asks"], columns["category"], columns["area"] + 1
    size = int(area.max(initial=0)) + 1
    return (
        np.stack([np.bincount(category[kept], minlength=_BYTES) for kept in (slice(None), asks)]),
        np.stack([np.bincount(area[kept], minlength=size) for kept in (slice(None), asks)]),
        np.bincount(columns["need"], minlength=_BYTES),
    )


def _sum(left: Numbers, right: Numbers) -> Numbers:
    """Return the sum of counts of which one may have more numbers than the other."""
    small, large = sorted((left, right), key=lambda counts: counts.shape[-1])
    total = large.copy()
    total[..., : small.shape[-1]] += small
    return total


@dataclass(frozen=True, slots=True)
class Writes:
    """The rows that the last writes changed. `order` is another object when rows have other numbers than before."""

    order: object
    count: int = 0
    _changed: int = 0  # rows, in all writes so far
    _last: tuple[tuple[int, int, Rows], ...] = ()  # for each write: its count and _changed, and the rows

    def and_then(self, rows: Rows) -> Writes:
        """Return the writes with one that changed these rows; new rows are not among them."""
        count, changed = self.count + 1, self._changed + len(rows)
        last = (*self._last, (count, changed, rows))[-MOST_WRITES:]
        last = last[bisect_right(last, changed - MOST_ROWS - 1, key=lambda write: write[1]) :]
        return Writes(self.order, count, changed, last)

    def since(self, older: Writes) -> Rows | None:
        """Return the rows, ascending, that were changed since; None when that is not known, or rows have moved."""
        if self.order is not older.order or older.count > self.count:
            return None
        missed = self.count - older.count
        if missed > len(self._last):
            return None
        rows = [write[2] for write in self._last[len(self._last) - missed :]]
        return np.unique(np.concatenate([np.empty(0, np.int64), *rows]))
