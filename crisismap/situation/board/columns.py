"""The situation's columns: one set per audience, a row per report that the audience may know of.

Rows are in order of arrival. Readers use a `Board`: the columns at one revision, immutable. Appending does not affect
older boards, because they end before the new rows; existing rows are changed in a copy.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from crisismap.situation.board.board import Board, Rows
from crisismap.situation.board.column import NONE
from crisismap.situation.board.table import TABLE

LAYOUT = TABLE.layout  # name -> type


class Columns:
    """One audience's growing columns; written by one thread, read through boards."""

    def __init__(self, layout: Mapping[str, type[np.generic]] = LAYOUT) -> None:
        self.board = Board(0, 0, {name: np.empty(0, dtype) for name, dtype in layout.items()})

    def rows_of_seqs(self, seqs: NDArray[np.int64]) -> Rows:
        """Return the row of each of the store's rows, NONE where it is missing."""
        return self.board.rows_of_seqs(seqs)

    def drop(self, revision: int, rows: Rows) -> None:
        """Remove rows that the audience may no longer know of. Existing boards keep them."""
        board = self.board
        keep = np.ones(board.n, np.bool_)
        keep[rows] = False
        columns = {name: column[: board.n][keep] for name, column in board.columns.items()}
        self.board = Board(board.revision, board.n - len(rows), columns, revision)

    def write(self, revision: int, rows: Rows, new_values: dict[str, NDArray[Any]]) -> None:
        """Make the next board. `rows` NONE: appended, in order, with every column; else overwritten."""
        board = self.board
        new = rows == NONE
        if not new.any() and _are_unchanged(board, rows, new_values):
            self.at(revision)
            return
        columns, n = board.columns, board.n
        if not new.all():
            columns = {name: column.copy() for name, column in columns.items()}
            for name, values in new_values.items():
                columns[name][rows[~new]] = values[~new]
        if new.any():
            columns, n = self._append(columns, n, {name: values[new] for name, values in new_values.items()})
            columns = _by_arrival(columns, n)
        self.board = Board(revision, n, columns, revision if len(rows) else board.changed)

    def at(self, revision: int) -> None:
        """Set the revision of an unchanged board."""
        self.board = Board(revision, self.board.n, self.board.columns, self.board.changed)

    @staticmethod
    def _append(
        columns: dict[str, NDArray[Any]], n: int, values: dict[str, NDArray[Any]]
    ) -> tuple[dict[str, NDArray[Any]], int]:
        end = n + len(values["seq"])
        if end > len(columns["seq"]):
            capacity = max(1024, end + end // 4)
            grown = {}
            for name, column in columns.items():
                grown[name] = np.empty(capacity, column.dtype)
                grown[name][:n] = column[:n]
            columns = grown
        for name, column in columns.items():
            column[n:end] = values[name]
        return columns, end


def _are_unchanged(board: Board, rows: Rows, values: dict[str, NDArray[Any]]) -> bool:
    """Return whether the rows already have these values, as when only what the audience may not know changed."""
    return all(np.array_equal(board[name][rows], new, equal_nan=new.dtype.kind == "f") for name, new in values.items())


def _by_arrival(columns: dict[str, NDArray[Any]], n: int) -> dict[str, NDArray[Any]]:
    """Return the rows in order of arrival, as one that was removed may have returned."""
    seqs = columns["seq"][:n]
    if n < 2 or bool(np.all(seqs[1:] > seqs[:-1])):
        return columns
    order = np.argsort(seqs)
    return {name: column[:n][order] for name, column in columns.items()}
