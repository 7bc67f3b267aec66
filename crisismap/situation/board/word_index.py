"""The word index: which reports have a rare word, to find similar reports without a place by their text.

It follows the agency's board, whose rows keep their numbers. A changed text is indexed again; when the heap is rebuilt
(after an erasure), so is the index.
"""

from __future__ import annotations

import threading
from array import array
from collections.abc import Callable, Iterable, Sequence

import msgspec
import numpy as np
from rapidfuzz import fuzz, process

from crisismap.core.text.folding import fold, split
from crisismap.situation.board.board import Board, Rows
from crisismap.situation.board.heap import Heap

PART = 2_000  # rows indexed at a time, so that concurrent queries wait only briefly
LEAST = 3  # shortest indexed word of the Latin script
FREQUENT = 0.04  # share of all reports from which on a word is ignored
FEW = 200  # number of reports below which no word is frequent
NEAR = 84.0  # similarity (0 to 100) of a misspelt word


class WordIndex:
    """Rows by word. Thread-safe. `skip`: whether a word is not indexed."""

    def __init__(self, heap: Callable[[], Heap], skip: Callable[[str], bool]) -> None:
        self._heap_now = heap
        self._skip = skip
        self._lock = threading.Lock()
        self._heap: Heap | None = None
        self._rows: dict[str, array[int]] = {}
        self._places = np.empty(0, np.int64)  # heap positions when indexed; a moved text was changed
        self._count = 0
        self._revision = 0
        self._frequent: frozenset[str] = frozenset()
        self._frequent_count = 0

    def follow(self, board: Board, stopping: Callable[[], bool] = lambda: False) -> None:
        """Index the new rows of the board; when `stopping`, the rest is left for the next call."""
        while self._index_part(board) and not stopping():
            pass

    def forget(self) -> None:
        """Rebuild the index, because an erased word may have been used by nobody else."""
        with self._lock:
            self._heap, self._rows, self._revision = None, {}, 0

    @property
    def frequent(self) -> frozenset[str]:
        """Return words that are too frequent to be significant; none while there are few reports."""
        return self._frequent

    def having(self, words: Sequence[str], most: int) -> Rows:
        """Return rows that have some of the words: most and rarest words first, newest first among equals."""
        weights: dict[int, float] = {}
        with self._lock:
            for word in words:
                rows = self._rows.get(word) or self._misspelt(word)
                worth = 1 / (1 + len(rows))
                for row in set(rows[-most * 20 :]):
                    weights[row] = weights.get(row, 0.0) + worth
        best = sorted(weights, key=lambda row: (-weights[row], -row))[:most]
        return np.array(best, np.int64)

    def _misspelt(self, word: str) -> Sequence[int]:
        if len(word) < LEAST + 2:
            return ()
        found = process.extractOne(word, self._rows.keys(), scorer=fuzz.ratio, score_cutoff=NEAR)
        return self._rows[found[0]] if found else ()

    def _index_part(self, board: Board) -> bool:
        """Index one part; return whether there is more."""
        with self._lock:
            heap = self._heap_now()
            if board.revision < self._revision:
                return False  # the caller has an older board
            self._revision = board.revision
            if heap is not self._heap or board.n < self._count:
                self._heap, self._rows, self._count, self._frequent_count, self._frequent = heap, {}, 0, 0, frozenset()
                self._places = np.empty(0, np.int64)
            positions = board["text_at"][: self._count]
            moved = np.flatnonzero(positions != self._places)
            end = min(board.n, self._count + PART)
            self._index_rows(heap, board, [*moved.tolist(), *range(self._count, end)])
            self._places = board["text_at"][:end].copy() if end > self._count or len(moved) else self._places
            self._count = end
            if self._count > max(FEW, self._frequent_count + self._frequent_count // 10):
                self._frequent_count = self._count
                often = FREQUENT * self._count
                self._frequent = frozenset(word for word, rows in self._rows.items() if len(rows) >= often)
            return self._count < board.n

    def _index_rows(self, heap: Heap, board: Board, rows: Sequence[int]) -> None:
        for row, text in zip(rows, texts(heap, board, rows), strict=True):
            for word in set(split(fold(text))):
                if (len(word) >= LEAST or not word.isascii()) and not word[0].isdecimal() and not self._skip(word):
                    self._rows.setdefault(word, array("i")).append(row)


def texts(heap: Heap, board: Board, rows: Iterable[int]) -> list[str]:
    """Return the texts of rows, each followed by its place text."""
    numbers = np.fromiter(rows, np.int64)
    columns = (board[name][numbers].tolist() for name in ("text_at", "text_len", "place_text_at", "place_text_len"))
    decode = msgspec.json.decode
    return [
        f"{decode(heap.take(text_at, text_len))} {decode(heap.take(place_text_at, place_text_len))}"
        for text_at, text_len, place_text_at, place_text_len in zip(*columns, strict=True)
    ]
