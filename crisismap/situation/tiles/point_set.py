"""A set of points that changes: sorted columns, and beside them the few points that are new, moved or gone since.

Whoever reads a part of it reads both together. A change costs what changed; the columns are made again when many have.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from crisismap.situation.tiles import morton
from crisismap.situation.tiles.marks import UNRANKED, Positions, ranges
from crisismap.situation.tiles.points import Numbers, PointColumns

LEAST, SHARE = 1024, 256  # changes beside the columns: so many, or one in so many points where that is more
MANY = 8_192  # points of a tile whose sums are kept while the columns are the same
MOST_SUMS = 256  # tiles whose sums are kept


@dataclass(frozen=True, slots=True)
class Sums:
    """Sums over the points of the ranges of keys; arrays [n], `demand` is [5, n], `first` the smallest row."""

    x: Positions
    y: Positions
    demand: Positions
    first: Positions


class _Base:
    """The sorted columns, the position of each row, and sums of large tiles; shared by many sets."""

    def __init__(self, columns: PointColumns) -> None:
        for column in columns.all():
            column.flags.writeable = False
        self.columns = columns
        self.sums: dict[tuple[int, int], Sums] = {}
        self._positions: Numbers | None = None

    def positions(self, rows: Numbers) -> morton.Positions:
        """Return where the columns have any of these rows, ascending."""
        own, count = self.columns.row, len(self.columns)
        if not count:
            return np.empty(0, np.intp)
        size = int(own.max()) + 1 if self._positions is None else len(self._positions)
        if size > 16 * count + 1024:  # sparse, which reports never are
            return np.flatnonzero(np.isin(own, rows))
        if self._positions is None:
            positions = np.full(size, count, np.uint32)
            positions[own] = np.arange(count, dtype=np.uint32)
            self._positions = positions
        found = self._positions[rows[rows < size]]
        return np.unique(found[found < count]).astype(np.intp)


class PointSet:
    """An immutable set of points; thread-safe."""

    def __init__(self, columns: PointColumns) -> None:
        self._base = _Base(columns)
        self._removed: morton.Positions = np.empty(0, np.intp)  # of the base, ascending
        self._fresh = columns.take(np.empty(0, np.intp))

    def __len__(self) -> int:
        return len(self._base.columns) - len(self._removed) + len(self._fresh)

    def columns(self) -> PointColumns:
        """Return all points."""
        if not len(self._removed) and not len(self._fresh):
            return self._base.columns
        return self._base.columns.with_changes(self._removed, self._fresh)

    def changed(self, fresh: PointColumns, removed_rows: Numbers) -> PointSet:
        """Return the set with `fresh` points, in place of those with the same rows, and without `removed_rows`."""
        gone = np.concatenate([fresh.row, removed_rows])
        after = PointSet.__new__(PointSet)
        after._base = self._base
        after._removed = np.union1d(self._removed, self._base.positions(gone))
        after._fresh = self._fresh.with_changes(np.flatnonzero(np.isin(self._fresh.row, gone)), fresh)
        if len(after._removed) + len(after._fresh) <= max(LEAST, len(self._base.columns) // SHARE):
            return after
        return PointSet(after.columns())

    def find(self, row: int) -> PointColumns:
        """Return the point with a row, as one or none."""
        rows = np.array([row], np.uint32)
        at = np.setdiff1d(self._base.positions(rows), self._removed)
        return self._base.columns.take(at) if len(at) else self._fresh.take(np.flatnonzero(self._fresh.row == row))

    def within(self, begin: morton.Keys, end: morton.Keys) -> Window:
        """Return the points in some ranges of keys, ascending."""
        return Window(self._base, self._removed, self._fresh, begin, end)


class Window:
    """The points of a set in `n` ranges of keys; `size` is how many each has."""

    def __init__(
        self, base: _Base, removed: morton.Positions, fresh: PointColumns, begin: morton.Keys, end: morton.Keys
    ) -> None:
        self._base, self._removed, self._fresh = base, removed, fresh
        self._begin, self._tile = begin, (int(begin[0]), int(end[-1]))
        self._old = [base.columns.key.searchsorted(each) for each in (begin, end)]
        self._gone = [removed.searchsorted(each) for each in self._old]
        self._new = [fresh.key.searchsorted(each) for each in (begin, end)]
        size = self._old[1] - self._old[0]
        self._changes = bool(len(removed) or len(fresh))
        if self._changes:
            size = size - (self._gone[1] - self._gone[0]) + (self._new[1] - self._new[0])
        self.size: Positions = size

    def number_of(self, key: int) -> int:
        """Return the number of the range that has a key."""
        return int(self._begin.searchsorted(key, "right")) - 1

    def take(self, which: npt.NDArray[np.bool_]) -> tuple[PointColumns, Positions]:
        """Return the points in some of the ranges, in order, and the number of the range of each."""
        number = np.flatnonzero(which)
        start, size = self._old[0][number], self._old[1][number] - self._old[0][number]
        at = ranges(start, size)
        if not self._changes:
            return self._base.columns.take(at), np.repeat(number, size)
        kept = ~_among(self._removed, at)
        at, of = at[kept], np.repeat(number, size)[kept]
        start, size = self._new[0][number], self._new[1][number] - self._new[0][number]
        fresh = self._fresh.take(ranges(start, size))
        columns = self._base.columns.take(at).with_changes(np.empty(0, np.intp), fresh)
        return columns, np.sort(np.append(of, np.repeat(number, size)))

    def sums(self) -> Sums:
        """Return the sums over ranges that are next to each other; of those without points they mean nothing."""
        found = self._sums_of_base()
        if not self._changes:
            return found
        sums = Sums(*(each.copy() for each in (found.x, found.y, found.demand, found.first)))
        columns, (begin, end) = self._base.columns, self._old
        gone = self._removed[self._gone[0][0] : self._gone[1][-1]]
        fresh = slice(self._new[0][0], self._new[1][-1])
        left, of_fresh = columns.take(gone), self._fresh.take(np.arange(fresh.start, fresh.stop))
        of_left = begin.searchsorted(gone, "right") - 1
        number = np.repeat(np.arange(len(self.size)), self._new[1] - self._new[0])
        _add(sums, of_left, left, -1)
        _add(sums, number, of_fresh, 1)
        # The smallest row of a range may have gone.
        for each in np.unique(of_left[left.row == found.first[of_left]]).tolist():
            at = np.arange(begin[each], end[each])
            rows = columns.row[at[~_among(self._removed, at)]]
            sums.first[each] = rows.astype(np.int64).min(initial=_LAST)
        np.minimum.at(sums.first, number, of_fresh.row.astype(np.int64))
        return sums

    def _sums_of_base(self) -> Sums:
        sums = self._base.sums.get(self._tile)
        if sums is None:
            sums = _sums(self._base.columns, *self._old)
            if self._old[1][-1] - self._old[0][0] > MANY:
                if len(self._base.sums) >= MOST_SUMS:
                    self._base.sums.clear()
                self._base.sums[self._tile] = sums
        return sums


_LAST = np.iinfo(np.int64).max


def _sums(points: PointColumns, begin: Positions, end: Positions) -> Sums:
    occupied = end > begin
    n = len(begin)
    x, y, demand = np.zeros(n, np.int64), np.zeros(n, np.int64), np.zeros((UNRANKED, n), np.int64)
    first = np.full(n, _LAST)
    if occupied.any():
        part, offsets = slice(begin[0], end[-1]), begin[occupied] - begin[0]
        x[occupied] = np.add.reduceat(points.x[part], offsets, dtype=np.uint64)
        y[occupied] = np.add.reduceat(points.y[part], offsets, dtype=np.uint64)
        asks = points.demand[part]
        for each in range(UNRANKED):
            # As bytes and 32 bits it takes half the time of truth values and 64.
            asked = (asks == each + 1).view(np.uint8)
            demand[each, occupied] = np.add.reduceat(asked, offsets, dtype=np.uint32)
        first[occupied] = np.minimum.reduceat(points.row[part], offsets)
    return Sums(x, y, demand, first)


def _add(sums: Sums, number: Positions, points: PointColumns, sign: int) -> None:
    np.add.at(sums.x, number, sign * points.x.astype(np.int64))
    np.add.at(sums.y, number, sign * points.y.astype(np.int64))
    asks = points.demand <= UNRANKED
    np.add.at(sums.demand, (points.demand[asks].astype(np.intp) - 1, number[asks]), sign)


def _among(ascending: morton.Positions, at: morton.Positions) -> npt.NDArray[np.bool_]:
    """Return which of `at` are in the other positions."""
    if not len(ascending):
        return np.zeros(len(at), np.bool_)
    found: npt.NDArray[np.bool_] = ascending[np.minimum(ascending.searchsorted(at), len(ascending) - 1)] == at
    return found
