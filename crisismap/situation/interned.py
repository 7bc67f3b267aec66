"""Lists of distinct values that only grow, so that a number once handed out means the same for ever.

Merged columns hold such numbers (int32) in place of names: a million reports share a few thousand facts, and
a report that a changed layer does not touch keeps its numbers.
"""

from __future__ import annotations

from collections.abc import Hashable
from threading import Lock
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

T = TypeVar("T", bound=Hashable)
Ints = NDArray[np.int32]
Rows = NDArray[np.intp]


class Interned(Generic[T]):
    """`items[number(value)] == value`; numbers count from 0."""

    def __init__(self) -> None:
        self.items: list[T] = []
        self._numbers: dict[T, int] = {}
        self._lock = Lock()

    def number(self, value: T) -> int:
        """The number of a value, given now if it has none."""
        found = self._numbers.get(value)
        if found is None:
            with self._lock:
                found = self._numbers.get(value)
                if found is None:
                    found = len(self.items)
                    self.items.append(value)
                    self._numbers[value] = found
        return found


class InternedSets(Generic[T]):
    """Numbers for tuples of values. `sets[k]` is one tuple; every prefix of a tuple has a number too."""

    def __init__(self) -> None:
        self.values: Interned[T] = Interned()
        self.sets: list[tuple[T, ...]] = []
        self._longer: dict[tuple[int, int], int] = {}
        self._lock = Lock()

    def column(self, n: int, rows: Rows, members: Rows) -> Ints:
        """Number of the tuple of each of `n` rows, -1 where it has no member.

        `rows` (ascending) and `members` (numbers of `values`, in the order wanted inside a tuple) are pairs;
        a member that follows itself in the same row counts once. All rows advance together, member by member,
        so the cost in Python is per distinct tuple and not per row.
        """
        out = np.full(n, -1, np.int32)
        if not len(rows):
            return out
        new_row = np.empty(len(rows), bool)
        new_row[0] = True
        np.not_equal(rows[1:], rows[:-1], out=new_row[1:])
        keep = new_row.copy()
        keep[1:] |= members[1:] != members[:-1]
        if not keep.all():
            rows, members, new_row = rows[keep], members[keep], new_row[keep]
        starts = np.flatnonzero(new_row)
        lengths = np.diff(starts, append=len(rows))
        width = len(self.values.items)
        for depth in range(int(lengths.max())):
            at = starts[lengths > depth] + depth
            row = rows[at]
            steps, inverse = np.unique((out[row].astype(np.int64) + 1) * width + members[at], return_inverse=True)
            numbers = [self._step(int(step) // width - 1, int(step) % width) for step in steps]
            out[row] = np.array(numbers, np.int32)[inverse]
        return out

    def _step(self, prefix: int, member: int) -> int:
        found = self._longer.get((prefix, member))
        if found is None:
            with self._lock:
                found = self._longer.get((prefix, member))
                if found is None:
                    found = len(self.sets)
                    head = self.sets[prefix] if prefix >= 0 else ()
                    self.sets.append((*head, self.values.items[member]))
                    self._longer[prefix, member] = found
        return found
