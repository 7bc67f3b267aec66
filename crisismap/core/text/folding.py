"""Finding written words in what people say, in any script and any case."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import cache
from itertools import groupby

_FIRST_MARK = 0x300
_WIDTHLESS = "\u00ad\u200b\u200c\u200d\u2060\ufeff"
# What phones put in without being asked: curly apostrophes, soft hyphens, joiners and marks of no width.
_PLAIN = str.maketrans({**dict.fromkeys("\u2018\u2019\u02bc", "'"), **dict.fromkeys(_WIDTHLESS)})


def fold(text: str) -> str:
    """The text as words are searched in it: one case, one form of each letter, plain apostrophes, single spaces."""
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text.translate(_PLAIN))
    return " ".join(text.casefold().split())


def matcher(words: Iterable[str]) -> re.Pattern[str] | None:
    """A pattern for any of the words or phrases, to be searched in `fold`ed text; None for no words.

    A word stands alone ("sos" is not found in "sosial"), unless it ends in `*`, then longer words count as well.
    """
    whole, begun, letter = list[str](), list[str](), rf"[\w{_marks()}]"
    for word in words:
        folded = fold(word)
        (begun if folded.endswith("*") else whole).append(re.escape(folded.removesuffix("*")))
    # `letter` is long: written once for all words and not once for each, or the rules take a second to read.
    parts = begun + ([f"(?:{'|'.join(whole)})(?!{letter})"] if whole else [])
    return re.compile(f"(?<!{letter})(?:{'|'.join(parts)})") if parts else None


def split(text: str) -> list[str]:
    """The words and numbers of `fold`ed text, vowel signs kept with their letters; `#tag` is a word as well."""
    return _word().findall(text)


@cache
def _word() -> re.Pattern[str]:
    return re.compile(rf"[^\W_](?:[^\W_]|[{_marks()}])*")


@cache
def _marks() -> str:
    """Vowel signs and accents that stand as characters of their own: parts of a word that `\\w` leaves out.

    As ranges, to be put between brackets.
    """
    codes = [c for c in range(_FIRST_MARK, 0x10000) if unicodedata.category(chr(c)) in ("Mn", "Mc")]
    runs = groupby(enumerate(codes), lambda pair: pair[1] - pair[0])
    ends = [(run[0][1], run[-1][1]) for run in (list(found) for _, found in runs)]
    return "".join(f"{chr(first)}-{chr(last)}" for first, last in ends)
