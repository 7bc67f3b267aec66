"""Texts of several boards in one heap: each is held once, and overwritten when no audience may read it any more."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from crisismap.core.privacy import Audience
from crisismap.situation.board.board import Board, Rows
from crisismap.situation.board.column import NONE
from crisismap.situation.board.columns import Columns
from crisismap.situation.board.heap import NO_TEXT, Heap, Mark

TextNames = Sequence[tuple[str, str]]  # the two columns of each text: position in the heap, and length


class SharedTexts:
    """The texts of all audiences' columns. Used by the thread that writes these, one audience after the other.

    A text that one audience may no longer read is written anew for the other, so that it can be overwritten at its
    position, where boards that are still held have it.
    """

    def __init__(self, heap: Heap, names: TextNames, columns: Mapping[Audience, Columns]) -> None:
        self._heap = heap
        self._names = names
        self._columns = columns
        self._leaving: set[int] = set()  # positions of texts that an audience may not read any more

    def share(self, audience: Audience, rows: Rows, values: dict[str, NDArray[Any]], mark: Mark) -> None:
        """Give a text that a board has already its position there, and overwrite texts that were removed.

        `rows` are those of the audience's board that get the values, NONE for new ones; the values' own texts were
        added to the heap since `mark`.
        """
        board, other = self._columns[audience].board, self._other(audience).board
        rows_there = other.rows_of_seqs(values["seq"])
        shares = False
        for at, length in self._names:
            same = self._same(board, rows, values, (at, length))
            shared = self._same(other, rows_there, values, (at, length)) & ~same
            self._blank(audience, rows[(rows != NONE) & ~same], at, length)
            values[at][same] = board.part(rows[same])[at]
            values[at][shared] = other.part(rows_there[shared])[at]
            shares |= bool(same.any() or shared.any())
        if shares:
            self._move_new(values, mark)

    def blank(self, audience: Audience, rows: Rows) -> None:
        """Overwrite the texts of rows that an audience may no longer know of, but for those of another audience."""
        for at, length in self._names:
            self._blank(audience, rows, at, length)

    def _same(
        self, board: Board, rows: Rows, values: Mapping[str, NDArray[Any]], names: tuple[str, str]
    ) -> NDArray[np.bool_]:
        """Return which texts a board has as they are; empty ones have no position of their own."""
        at, length = names
        same = np.zeros(len(rows), np.bool_)
        known = np.flatnonzero((rows != NONE) & (values[length] > NO_TEXT[1]))
        known = known[board.part(rows[known])[length] == values[length][known]]
        places = zip(
            values[at][known].tolist(),
            board.part(rows[known])[at].tolist(),
            values[length][known].tolist(),
            strict=True,
        )
        take, leaving = self._heap.take, self._leaving
        same[known] = [old not in leaving and take(new, size) == take(old, size) for new, old, size in places]
        return same

    def _move_new(self, values: dict[str, NDArray[Any]], mark: Mark) -> None:
        """Write the texts that no board has without the gaps between them."""
        heap = self._heap
        first = heap.position(mark)
        new = [(at, length, np.flatnonzero(values[at] >= first)) for at, length in self._names]
        texts = [
            [heap.take(*place) for place in zip(values[at][rows].tolist(), values[length][rows].tolist(), strict=True)]
            for at, length, rows in new
        ]
        heap.rewind(mark)
        for (at, _, rows), parts in zip(new, texts, strict=True):
            values[at][rows] = [heap.add(part)[0] for part in parts]

    def _blank(self, audience: Audience, rows: Rows, at: str, length: str) -> None:
        part, other = self._columns[audience].board.part(rows), self._other(audience).board
        there = other.rows_of_seqs(part["seq"])
        elsewhere = np.where(there != NONE, other.part(there)[at], NO_TEXT[0]) if other.n else NO_TEXT[0]
        alone = part[at] != elsewhere
        self._leaving.update(part[at][~alone & (part[length] > NO_TEXT[1])].tolist())
        for place in zip(part[at][alone].tolist(), part[length][alone].tolist(), strict=True):
            self._heap.blank(*place)
            self._leaving.discard(place[0])

    def _other(self, audience: Audience) -> Columns:
        return next(columns for other, columns in self._columns.items() if other is not audience)
