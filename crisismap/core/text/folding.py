"""Finding written words in what people say, in any script and any case."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import cache
from itertools import groupby
from typing import TypeAlias

_FIRST_MARK = 0x300
_END = "end"  # in a tree of letters: a word ends here
_WIDTHLESS = "\u00ad\u200b\u200c\u200d\u2060\ufeff"
# What phones put in without being asked: curly apostrophes, soft hyphens, joiners and marks of no width.
_PLAIN = str.maketrans({**dict.fromkeys("\u2018\u2019\u02bc", "'"), **dict.fromkeys(_WIDTHLESS)})

_Tree: TypeAlias = dict[str, "_Tree"]


def fold(text: str) -> str:
    """The text as words are searched in it: one case, one form of each letter, plain apostrophes, single spaces."""
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text.translate(_PLAIN))
    return " ".join(text.casefold().split())


def matcher(words: Iterable[str]) -> re.Pattern[str] | None:
    """Return a pattern for any of the words or phrases, to be searched in `fold`ed text; None for no words.

    A word stands alone ("sos" is not found in "sosial"), unless it ends in `*`, then longer words count as well.
    """
    any_of = _any_of(words)
    return re.compile(f"(?<!{_letter()}){any_of}") if any_of else None


def matcher_apart_from(words: Iterable[str], denials: Iterable[str]) -> re.Pattern[str] | None:
    """Return a pattern for `finds`: any of the words where they are no part of a denial ("no help needed")."""
    any_of, denied = _any_of(words), _any_of(denials)
    if not any_of:
        return None
    return re.compile(f"(?<!{_letter()})(?:{denied}|({any_of}))" if denied else f"(?<!{_letter()})({any_of})")


def finds(pattern: re.Pattern[str], folded: str) -> bool:
    """Return whether a text says one of the words of `matcher_apart_from`; what a denial covers is skipped."""
    return any(found.lastindex for found in pattern.finditer(folded))


def _any_of(words: Iterable[str]) -> str:
    """Return an expression for words that stand alone, and for beginnings; "" for none."""
    folded = [fold(word) for word in words]
    alone = _branches(_tree(word for word in folded if not word.endswith("*")))
    begun = _branches(_tree(word[:-1] for word in folded if word.endswith("*")))
    # The class of all letters takes a millisecond to compile: it stands once behind all words, not behind each.
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
