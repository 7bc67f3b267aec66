"""Search for words in free text, in any script and any case."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import cache
from itertools import groupby
from typing import TypeAlias

_FIRST_MARK = 0x300
_END = "end"  # key of the letter tree: a word ends here
_WIDTHLESS = "\u00ad\u200b\u200c\u200d\u2060\ufeff"
# Characters that phones insert: curly apostrophes, soft hyphens, joiners and marks of no width.
PLAIN_SIGNS = {**dict.fromkeys("\u2018\u2019\u02bc", "'"), **dict.fromkeys(_WIDTHLESS, "")}
_PLAIN = str.maketrans(PLAIN_SIGNS)

_Tree: TypeAlias = dict[str, "_Tree"]


def fold(text: str) -> str:
    """Return a text folded for searching: one case, one form of each letter, plain apostrophes, single spaces."""
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text.translate(_PLAIN))
    return " ".join(text.casefold().split())


def matcher(words: Iterable[str]) -> re.Pattern[str] | None:
    """Return a pattern for any of the words or phrases, to be searched in `fold`ed text; None for no words.

    Only whole words match ("sos" does not match "sosial"), except that `*` at the end allows longer words.
    """
    any_of = _any_of(words)
    return re.compile(f"(?<!{_letter()}){any_of}") if any_of else None


def _any_of(words: Iterable[str]) -> str:
    """Return an expression for whole words, and for prefixes; "" for none."""
    folded = [fold(word) for word in words]
    alone = _branches(_tree(word for word in folded if not word.endswith("*")))
    begun = _branches(_tree(word[:-1] for word in folded if word.endswith("*")))
    # The class of all letters takes a millisecond to compile, so it is used once behind all words.
    parts = ([f"{alone}(?!{_letter()})"] if alone else []) + ([begun] if begun else [])
    return f"(?:{'|'.join(parts)})" if parts else ""


def _tree(words: Iterable[str]) -> _Tree:
    root: _Tree = {}
    for word in words:
        node = root
        for character in word:
            node = node.setdefault(character, {})
        node[_END] = {}
    return root


def _branches(node: _Tree) -> str:
    """Return an expression that branches letter by letter, so that hundreds of words cost hardly more than ten."""
    parts = [re.escape(character) + _branches(child) for character, child in node.items() if character != _END]
    if len(parts) == 1 and _END not in node:
        return parts[0]
    return f"(?:{'|'.join(parts)}){'?' if _END in node else ''}" if parts else ""


@cache
def _letter() -> str:
    return rf"[\w{_marks()}]"


def split(text: str) -> list[str]:
    """Return the words and numbers of `fold`ed text, vowel signs kept with their letters; `#tag` is a word as well."""
    return _word().findall(text)


@cache
def _word() -> re.Pattern[str]:
    return re.compile(rf"[^\W_](?:[^\W_]|[{_marks()}])*")


@cache
def _marks() -> str:
    """Return combining vowel signs and accents: parts of a word that `\\w` leaves out.

    As ranges, for a character class.
    """
    codes = [c for c in range(_FIRST_MARK, 0x10000) if unicodedata.category(chr(c)) in ("Mn", "Mc")]
    runs = groupby(enumerate(codes), lambda pair: pair[1] - pair[0])
    ends = [(run[0][1], run[-1][1]) for run in (list(found) for _, found in runs)]
    return "".join(f"{chr(first)}-{chr(last)}" for first, last in ends)
