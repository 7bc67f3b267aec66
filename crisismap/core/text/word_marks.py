"""Marks of the words of a text, in which two texts with mostly the same words agree and others do not; pure.

Each mark is the least of all words under another order (MinHash; Broder, "On the resemblance and containment of
documents", 1997): two texts agree in a mark as often as they share words. Digits, order and case make no difference, so
that one text with another number in each copy keeps its marks.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable

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
    words: set[int] = set()
    for written in fold(text[:MOST_LETTERS]).split():
        word = written.strip(_SIGNS)
        if word.isalpha() and len(word) <= _LONG:  # the most common case first
            words.add(zlib.crc32(word.encode()))
        elif not any(map(str.isdigit, word)):
            words.update(zlib.crc32(part.encode()) for part in _parts(word))
    if not words:
        return NO_WORDS
    marks = ((np.fromiter(words, np.uint32, len(words)) ^ _SEEDS) * _FACTOR).min(axis=1) >> BITS
    high, low = marks.astype(np.uint16).view(np.uint64).tolist()
    return high, low


def _parts(word: str) -> Iterable[str]:
    """Return the word, or every three letters of a long one."""
    return filter(None, (word,)) if len(word) <= _LONG else (word[at : at + 3] for at in range(len(word) - 2))
