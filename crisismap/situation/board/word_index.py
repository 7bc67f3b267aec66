"""Word indexes: which reports have a word, to find similar reports by rare words, and those that somebody searches for.

Each follows the board of one audience, whose rows keep their numbers, and has no words that this audience may not read.
A changed text is indexed again; when the heap is rebuilt (after an erasure), so is the index.
"""

from __future__ import annotations

import re
import threading
from array import array
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import msgspec
import numpy as np
from rapidfuzz import fuzz, process

from crisismap.core.text.folding import fold, split
from crisismap.core.text.name_search import fitting, misspelt
from crisismap.core.text.names import fold_accents
from crisismap.situation.board.board import Board, Mask, Rows
from crisismap.situation.board.heap import NO_TEXT, Heap

PART = 2_000  # rows indexed at a time, so that concurrent queries wait only briefly
LEAST = 3  # shortest indexed word of the Latin script
FREQUENT = 0.04  # share of all reports from which on a word is ignored
FEW = 200  # number of reports below which no word is frequent
NEAR = 84.0  # similarity (0 to 100) of a misspelt word
LONGEST = 40  # letters of a word that are searched for
MOST_LOOKED_UP = 6  # typed words
ENOUGH = 1_000  # rows that have the words as typed, from which on nobody needs corrections
_SYMBOL = re.compile("[\u2190-\u2bff\U0001f000-\U0001faff]")


@dataclass(frozen=True, slots=True)
class FoundRows:
    """Rows of an index, newest first, with all words as typed, or with some of them corrected to `words`.

    A text may have been changed since, so that each row must be read before it is shown.
    """

    written: Rows
    corrected: Rows
    words: Mapping[str, Sequence[str]] = field(default_factory=dict)  # typed word -> those it may mean


def searched_words(text: str) -> list[str]:
    """Return the words, numbers and symbols of a text as they are searched for: in one case, without accents."""
    folded = fold_accents(text)
    symbols = [] if folded.isascii() else _SYMBOL.findall(folded)
    return [word[:LONGEST] for word in (*split(folded), *symbols)]


def rare_words(skip: Callable[[str], bool]) -> Callable[[str], list[str]]:
    """Return a function from a text to the words that make texts similar: no short ones, no numbers, none to `skip`."""

    def words(text: str) -> list[str]:
        found = split(fold(text))
        return [w for w in found if (len(w) >= LEAST or not w.isascii()) and not w[0].isdecimal() and not skip(w)]

    return words


class WordIndex:
    """Rows by word. Thread-safe. `words`: the words of a text that are indexed."""

    def __init__(self, heap: Callable[[], Heap], words: Callable[[str], Iterable[str]]) -> None:
        self._heap_now = heap
        self._words_of = words
        self._lock = threading.Lock()
        self._heap: Heap | None = None
        self._rows: dict[str, array[int]] = {}
        self._board: Board | None = None  # when last indexed
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

    def find(self, typed: Sequence[str], count: int) -> FoundRows:
        """Return those of the first `count` rows that have all the typed words, and those with near spellings.

        Only the longest words are looked up, which mean most; where very many rows have them, nothing is corrected.
        """
        typed = sorted((word[:LONGEST] for word in dict.fromkeys(typed)), key=len, reverse=True)[:MOST_LOOKED_UP]
        nothing: Rows = np.empty(0, np.int64)
        if not typed:
            return FoundRows(nothing, nothing)
        with self._lock:
            known = self._rows.keys()
            fits = {word: fitting(word, known) for word in typed}
            masks = {word: self._mask(fits[word], count) for word in typed}
            written = np.logical_and.reduce(list(masks.values()))
            if np.count_nonzero(written) >= ENOUGH:
                return FoundRows(np.flatnonzero(written)[::-1], nothing)
            words: dict[str, Sequence[str]] = {}
            wide = np.ones(count, np.bool_)
            for word in typed:
                words[word] = [other for other in misspelt(word, known) if other not in fits[word]]
                wide &= masks[word] | self._mask(words[word], count)
                if not wide.any():
                    break
        return FoundRows(np.flatnonzero(written)[::-1], np.flatnonzero(wide & ~written)[::-1], words)

    def _mask(self, words: Iterable[str], count: int) -> Mask:
        mask = np.zeros(count, np.bool_)
        for word in words:
            rows = np.frombuffer(self._rows[word], np.intc)
            mask[rows[rows < count]] = True
        return mask

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
                self._board = None
            moved = _moved(board, self._board, self._count)
            end = min(board.n, self._count + PART)
            self._index_rows(heap, board, [*moved.tolist(), *range(self._count, end)])
            self._board, self._count = board, end
            if self._count > max(FEW, self._frequent_count + self._frequent_count // 10):
                self._frequent_count = self._count
                often = FREQUENT * self._count
                self._frequent = frozenset(word for word, rows in self._rows.items() if len(rows) >= often)
            return self._count < board.n

    def _index_rows(self, heap: Heap, board: Board, rows: Sequence[int]) -> None:
        numbers = np.asarray(rows, np.int64)
        lengths = board["text_len"][numbers], board["place_text_len"][numbers]
        said = numbers[(lengths[0] > NO_TEXT[1]) | (lengths[1] > NO_TEXT[1])].tolist()
        for row, text in zip(said, texts(heap, board, said), strict=True):
            for word in set(self._words_of(text)):
                self._rows.setdefault(word, array("i")).append(row)


def _moved(board: Board, older: Board | None, count: int) -> Rows:
    """Return which of the first rows have texts elsewhere in the heap than on an older board: they were changed."""
    if older is None:
        return np.arange(count)
    rows = board.rows_since(older)
    rows = np.arange(count) if rows is None else rows[rows < count]
    now, then = board.part(rows), older.part(rows)
    return rows[np.logical_or.reduce([now[name] != then[name] for name in ("text_at", "place_text_at")])]


def texts(heap: Heap, board: Board, rows: Iterable[int]) -> list[str]:
    """Return the texts of rows, each followed by its place text."""
    numbers = np.fromiter(rows, np.int64)
    columns = (board[name][numbers].tolist() for name in ("text_at", "text_len", "place_text_at", "place_text_len"))
    decode = msgspec.json.decode
    return [
        f"{decode(heap.take(text_at, text_len))} {decode(heap.take(place_text_at, place_text_len))}"
        for text_at, text_len, place_text_at, place_text_len in zip(*columns, strict=True)
    ]
