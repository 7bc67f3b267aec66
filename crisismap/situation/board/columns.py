"""The situation's columns: one set per audience, a row per report that the audience may know of.

Rows are in order of arrival. Readers use a `Board`: the columns at one revision, immutable. Appending does not affect
older boards, because they end before the new rows; existing rows are changed beside the shared arrays (see `patched`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from crisismap.situation.board.board import Board, Rows
from crisismap.situation.board.column import NONE
from crisismap.situation.board.patched import Patched, unlike
from crisismap.situation.board.table import TABLE

LAYOUT = TABLE.layout  # name -> type


class Columns:
    """One audience's growing columns; written by one thread, read through boards."""

    def __init__(self, layout: Mapping[str, type[np.generic]] = LAYOUT) -> None:
        self._columns = Patched(0, {name: np.empty(0, dtype) for name, dtype in layout.items()})
        self.board = Board(0, 0, self._columns)

    def begin(self, board: Board) -> None:
        """Continue from a board that was kept; its arrays are not written to."""
        self._columns = Patched(board.n, dict(board.columns))
        self.board = replace(board, columns=self._columns, followed=None)

    def rows_of_seqs(self, seqs: NDArray[np.int64]) -> Rows:
        """Return the row of each of the store's rows, NONE where it is missing."""
        return self.board.rows_of_seqs(seqs)

    def drop(self, revision: int, rows: Rows) -> None:
        """Remove rows that the audience may no longer know of. Existing boards keep them."""
        board = self.board
        self._renumber(board.revision, np.delete(np.arange(board.n), rows), revision)

    def write(self, revision: int, rows: Rows, new_values: Mapping[str, NDArray[Any]]) -> None:
        """Make the next board. `rows` NONE: appended, in order, with every column; else overwritten, ascending."""
        board, columns = self.board, self._columns
        new = rows == NONE
        changed, different = _differences(board, rows[~new], {name: v[~new] for name, v in new_values.items()})
        if not new.any() and not len(changed):
            self.at(revision)
            return
        if len(changed):
            columns = columns.written(changed, different)
        if new.any():
            columns = columns.appended({name: values[new] for name, values in new_values.items()})
        written = np.append(changed, np.arange(board.n, columns.n))
        after = Board(revision, columns.n, columns, revision, board.writes.and_then(changed))
        tally = board.tally.moved(board.part(changed), after.part(written), changed, written)
        self._columns, self.board = columns, replace(after, followed=tally)
        if new.any() and not _ascends(columns["seq"][max(board.n - 1, 0) : columns.n]):
            # One that was removed has returned: in order of arrival again.
            self._renumber(revision, np.argsort(self.board["seq"]), revision)

    def at(self, revision: int) -> None:
        """Set the revision of an unchanged board."""
        self.board = replace(self.board, revision=revision)

    def _renumber(self, revision: int, rows: Rows, changed: int) -> None:
        """Make the next board of these rows of the last one."""
        self._columns = Patched(len(rows), {name: self.board[name][rows] for name in self._columns})
        self.board = Board(revision, len(rows), self._columns, changed)


def _differences(board: Board, rows: Rows, values: Mapping[str, NDArray[Any]]) -> tuple[Rows, dict[str, NDArray[Any]]]:
    """Return which of the rows get other values, and those of the columns in which any does.

    There are none, for instance, when only what the audience may not know was changed.
    """
    if not len(rows):
        return rows, {}
    part, differs = board.part(rows), np.zeros(len(rows), np.bool_)
    names = []
    for name, new in values.items():
        other = unlike(part[name], new)
        if other.any():
            names.append(name)
            differs |= other
    return rows[differs], {name: values[name][differs] for name in names}


def _ascends(seqs: NDArray[np.int64]) -> bool:
    return bool(np.all(seqs[1:] > seqs[:-1]))
