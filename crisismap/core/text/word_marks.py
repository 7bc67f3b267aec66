"""Marks of the words of a text, in which two texts with mostly the same words agree and others do not; pure.

Each mark is the least of all words under another order (MinHash; Broder, "On the resemblance and containment of
documents", 1997): two texts agree in a mark as often as they share words. Digits, order and case make no difference, so
that one text with another number in each copy keeps its marks.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from itertools import chain

import numpy as np

from crisismap.core.text.folding import fold

MARKS = 8
BITS = 16
MOST_LETTERS = 1_000  # of a text that are read
NO_WORDS = 0, 0
_SIGNS = ".,;:!?…\"'()[]#*-–—/।॥،؛؟。、！？"
_LONG = 12  # letters; longer is not a word, but a sentence in a script that has no spaces
_FACTOR = np.uint32(0x9E3779B1)  # Knuth's multiplicative hash
_SEEDS = np.array([zlib.crc32(b"%d" % n) for n in range(MARKS)], np.uint32)[:, None]  # each gives another order


def word_marks(text: str) -> tuple[int, int]:
    """Return the eight marks, of 16 bits each, as two numbers; `NO_WORDS` for a text without words."""
    return marks_of_texts((text,))[0]


def marks_of_texts(texts: Iterable[str]) -> list[tuple[int, int]]:
    """Return the marks of each of some texts."""
    words = [_numbers(text) for text in texts]
    found = [NO_WORDS] * len(words)
    spoken = [at for at, some in enumerate(words) if some]
    if not spoken:
        return found
    ends = np.cumsum([len(words[at]) for at in spoken])
    numbers = np.fromiter(chain.from_iterable(words), np.uint32, ends[-1])
    least = np.minimum.reduceat((numbers ^ _SEEDS) * _FACTOR, np.concatenate(([0], ends[:-1])), axis=1)
    marks = np.ascontiguousarray((least >> BITS).astype(np.uint16).T)
    for at, (high, low) in zip(spoken, marks.view(np.uint64).tolist(), strict=True):
        found[at] = high, low
    return found


def _numbers(text: str) -> set[int]:
    """Return a number for each word."""
    words: set[int] = set()
    for written in fold(text[:MOST_LETTERS]).split():
        word = written.strip(_SIGNS)
        if word.isalpha() and len(word) <= _LONG:  # the most common case first
            words.add(zlib.crc32(word.encode()))
        elif not any(map(str.isdigit, word)):
            words.update(zlib.crc32(part.encode()) for part in _parts(word))
    return words


def _parts(word: str) -> Iterable[str]:
    """Return the word, or every three letters of a long one."""
    return filter(None, (word,)) if len(word) <= _LONG else (word[at : at + 3] for at in range(len(word) - 2))
