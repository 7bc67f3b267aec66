"""Columns of which few rows were changed, and columns of some rows: what is not read of them is never copied.

Most revisions change one row among a million. The arrays of a column are shared by many boards, and each board has the
values of the few rows that were changed since; they are written into new arrays when there are many of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

MOST = 1024  # rows with values of their own
Rows = NDArray[np.int64]
Arrays = Mapping[str, NDArray[Any]]
_NO_ROWS: Rows = np.empty(0, np.int64)


def unlike(one: NDArray[Any], other: NDArray[Any]) -> NDArray[np.bool_]:
    """Return where two columns differ; NaN equals NaN."""
    differ: NDArray[np.bool_] = (one != other) & ~((one != one) & (other != other))  # noqa: PLR0124
    return differ


class Patched(Mapping[str, NDArray[Any]]):
    """Columns of `n` rows: shared arrays, which may be longer, and the values that replace theirs in some rows."""

    def __init__(self, n: int, shared: dict[str, NDArray[Any]], rows: Rows = _NO_ROWS, values: Arrays = {}) -> None:  # noqa: B006 - never written
        self.n = n
        self._shared = shared
        self._rows = rows  # ascending
        self._values = values
        self._made: dict[str, NDArray[Any]] = {}

    def __getitem__(self, name: str) -> NDArray[Any]:
        """Return a whole column; the first reader of one with replaced values makes it."""
        values = self._values.get(name)
        if values is None:
            return self._shared[name]
        made = self._made.get(name)
        return self._make(name, values) if made is None else made

    def __iter__(self) -> Iterator[str]:
        return iter(self._shared)

    def __len__(self) -> int:
        return len(self._shared)

    def replaced(self, rows: Rows) -> tuple[Rows, Rows]:
        """Return which of these rows have values of their own, and where those are."""
        if not len(self._rows):
            return _NO_ROWS, _NO_ROWS
        at = np.minimum(self._rows.searchsorted(rows), len(self._rows) - 1)
        own = np.flatnonzero(self._rows[at] == rows)
        return own, at[own]

    def take(self, name: str, rows: Rows, replaced: tuple[Rows, Rows]) -> NDArray[Any]:
        """Return a column's values in these rows."""
        taken: NDArray[Any] = self._shared[name][rows]
        values = self._values.get(name)
        if values is not None:
            own, at = replaced
            taken[own] = values[at]
        return taken

    def written(self, rows: Rows, values: Arrays) -> Patched:
        """Return the columns with other values in some rows, which are ascending."""
        before = self._settled()
        together = np.union1d(before._rows, rows)
        at, replaced = together.searchsorted(rows), before.replaced(together)
        found = {}
        for name in before._values.keys() | values.keys():
            found[name] = before.take(name, together, replaced)
            if name in values:
                found[name][at] = values[name]
        after = Patched(self.n, before._shared, together, found)
        return after if len(together) <= MOST else after._settled(every=True)

    def appended(self, values: Arrays) -> Patched:
        """Return the columns with further rows, which are written behind the end of the columns before."""
        before = self._settled()
        end = self.n + len(values["seq"])
        shared = before._shared
        if end > len(shared["seq"]):
            capacity = max(1024, end + end // 4)
            shared = {name: _copy(column, self.n, capacity) for name, column in shared.items()}
        for name, column in shared.items():
            column[self.n : end] = values[name]
        return Patched(end, shared, before._rows, before._values)

    def _make(self, name: str, values: NDArray[Any]) -> NDArray[Any]:
        column = _copy(self._shared[name], self.n, len(self._shared[name]))
        column[self._rows] = values
        self._made[name] = column  # complete, for other threads
        return column

    def _settled(self, *, every: bool = False) -> Patched:
        """Return equal columns, in which what was made for readers (or `every` column) needs no own values."""
        if every:
            for name, own in self._values.items():
                self._make(name, own)
        made = dict(self._made)
        if not made:
            return self
        values = {name: own for name, own in self._values.items() if name not in made}
        return Patched(self.n, self._shared | made, self._rows if values else _NO_ROWS, values)


class Taken(Mapping[str, NDArray[Any]]):
    """Columns of some rows of others, each taken when it is first read."""

    def __init__(self, source: Arrays, rows: Rows) -> None:
        self._source = source
        self._rows = rows
        self._replaced = source.replaced(rows) if isinstance(source, Patched) else None
        self._taken: dict[str, NDArray[Any]] = {}

    def __getitem__(self, name: str) -> NDArray[Any]:
        taken = self._taken.get(name)
        if taken is None:
            source = self._source
            if isinstance(source, Patched) and self._replaced is not None:
                taken = source.take(name, self._rows, self._replaced)
            else:
                taken = source[name][self._rows]
            self._taken[name] = taken
        return taken

    def __iter__(self) -> Iterator[str]:
        return iter(self._source)

    def __len__(self) -> int:
        return len(self._source)


def _copy(column: NDArray[Any], n: int, capacity: int) -> NDArray[Any]:
    """Return the first n values in an array with room for more."""
    copy = np.empty(capacity, column.dtype)
    copy[:n] = column[:n]
    return copy
