"""Append-only lists of distinct values, so that a number, once assigned, always means the same value.

Merged columns contain such numbers (int32) instead of names: a million reports share a few thousand facts, and a
report that is not affected by a layer change keeps its numbers.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from threading import Lock
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

T = TypeVar("T", bound=Hashable)
Ints = NDArray[np.int32]
Rows = NDArray[np.intp]


class Interned(Generic[T]):
    """`items[number(value)] == value`; numbers start at 0."""

    def __init__(self) -> None:
        self.items: list[T] = []
        self._numbers: dict[T, int] = {}
        self._lock = Lock()

    def number(self, value: T) -> int:
        """Return the number of a value, assigned now if it has none."""
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
    """Numbers for tuples of values. `sets[k]` is one tuple, never empty."""

    def __init__(self) -> None:
        self.values: Interned[T] = Interned()
        self.sets: list[tuple[T, ...]] = []
        self._packed: Interned[bytes] = Interned()  # the tuples, packed as numbers of `values`
        self._lock = Lock()

    def column(self, n: int, rows: Rows, members: Rows) -> Ints:
        """Return the number of the tuple of each of `n` rows, -1 for a row without members.

        `rows` (ascending) and `members` (numbers of `values`, in the order within a tuple) are pairs; a member that
        directly repeats in a row counts once. Tuples of one length are compared as bytes by numpy, so the cost in
        Python is per distinct tuple, not per row.
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
        members = members.astype(np.int32)
        for length in np.unique(lengths).tolist():
            at = starts[lengths == length]
            tuples = members[at[:, None] + np.arange(length)].view(np.dtype((np.void, 4 * length))).ravel()
            distinct, inverse = np.unique(tuples, return_inverse=True)
            numbers = [self._number(packed) for packed in distinct.tolist()]
            out[rows[at]] = np.array(numbers, np.int32)[inverse]
        return out

    def number(self, values: tuple[T, ...]) -> int:
        """Return the number of a tuple, assigned now if it has none."""
        return self._number(np.array([self.values.number(value) for value in values], np.int32).tobytes())

    def members(self, numbers: Sequence[int]) -> tuple[Rows, Rows]:
        """Return pairs of the position in `numbers` and each member there, in order; -1 has none."""
        packed = [self._packed.items[number] if number >= 0 else b"" for number in numbers]
        position = np.repeat(np.arange(len(packed)), [len(each) // 4 for each in packed])
        return position, np.frombuffer(b"".join(packed), np.int32).astype(np.intp)

    def _number(self, packed: bytes) -> int:
        with self._lock:
            number = self._packed.number(packed)
            if number == len(self.sets):
                items = self.values.items
                self.sets.append(tuple(items[member] for member in np.frombuffer(packed, np.int32).tolist()))
        return number
