"""How alike two texts are as descriptions of a place and a trouble, in any script; pure.

Words that everybody writes in a disaster ("water", "banjir") say nothing; the rare ones do, above all names of places
("jalan Laksana") and the numbers of units ("RT 04", "gang 31"), which tell one neighbour from the next.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from rapidfuzz import fuzz, process

from crisismap.core.text.folding import fold, split

FUZZY = 84.0  # from here on (0 to 100) two words are one, written differently
GLUED = 6  # letters from which a word may be looked for inside another one
MOST_WORDS = 60  # of a text that are read; what it is about stands in front
MOST_LETTERS = 600
_SHORT_FUZZY = 4  # letters below which words must be equal
_ACCENTS = re.compile("[\u0300-\u036f]")
_THRICE = re.compile(r"([^\W\d])\1{2,}")
_GLUED_NUMBER = re.compile(r"([^\W\d]{2,})(\d+)")
_ROMAN = {"ii": "2", "iii": "3", "iv": "4", "vi": "6", "vii": "7", "viii": "8", "ix": "9", "xi": "11", "xii": "12"}


@dataclass(frozen=True)
class Vocabulary:
    """What words mean to the comparing, from data/rules/duplicates.toml."""

    common: frozenset[str]
    common_beginnings: tuple[str, ...]
    before_name: frozenset[str]
    after_name: frozenset[str]
    units: Mapping[str, str]  # word -> the word that stands for it and its likes
    measures: frozenset[str]
    topics: Mapping[str, str]  # word -> the topic it speaks of
    topic_beginnings: Mapping[str, str]

    def is_common(self, word: str) -> bool:
        """Whether a word says nothing of what a report is about."""
        return word in self.common or word.startswith(self.common_beginnings)

    def topic(self, word: str) -> str | None:
        """What a word shows a report to be about."""
        found = self.topics.get(word)
        if found is None and word.startswith(self._topic_beginnings):
            return next(topic for begun, topic in self.topic_beginnings.items() if word.startswith(begun))
        return found

    @cached_property
    def _topic_beginnings(self) -> tuple[str, ...]:
        return tuple(self.topic_beginnings)

    @cached_property
    def kinds(self) -> frozenset[str]:
        """Words that say of what kind a place is, but not which."""
        return self.before_name | self.after_name | frozenset(self.units)


@dataclass(frozen=True)
class TextFeatures:
    """What is read from a text: rare words, those of them that name places, and units with their numbers."""

    text: str
    rare: tuple[str, ...]
    names: frozenset[str]
    units: Mapping[str, frozenset[str]]
    topics: frozenset[str]

    @cached_property
    def glued(self) -> str:
        """All words without spaces, to find what one wrote together and another apart."""
        return "".join(split(self.text))


@dataclass(frozen=True, slots=True)
class Likeness:
    """`share` 0..1 of the rare words of the shorter text, and of both (`mutual`); None where one has none."""

    share: float | None
    mutual: float
    words: tuple[str, ...]  # the rare words in both, as the first one writes them
    same_name: str  # "" for none
    other_names: bool
    same_unit: str
    other_unit: str
    other_topics: bool
    whole: float  # 0..1, of the texts as they stand


def vocabulary_from(data: Mapping[str, Any]) -> Vocabulary:
    """A vocabulary from its TOML table. Raises KeyError, TypeError for one that lacks or misuses a list."""
    common = [_bare(fold(word)) for word in data["common"]]
    topics = [(fold(word), topic) for topic, words in data["topics"].items() for word in words]
    return Vocabulary(
        common=frozenset(word for word in common if not word.endswith("*")),
        common_beginnings=tuple(word[:-1] for word in common if word.endswith("*")),
        before_name=frozenset(map(fold, data["before_name"])),
        after_name=frozenset(map(fold, data["after_name"])),
        units={fold(word): fold(likes[0]) for likes in data["units"] for word in likes},
        measures=frozenset(map(fold, data["measures"])),
        topics={word: topic for word, topic in topics if not word.endswith("*")},
        topic_beginnings={word[:-1]: topic for word, topic in topics if word.endswith("*")},
    )


def read(text: str, vocabulary: Vocabulary, frequent: Container[str] = ()) -> TextFeatures:
    """What a text says of where and what. `frequent`: words that many reports of this incident have, so not rare."""
    folded = _THRICE.sub(r"\1", _bare(fold(text[:MOST_LETTERS])))
    words = list(_apart(split(folded)[:MOST_WORDS], vocabulary))
    rare: list[str] = []
    names: set[str] = set()
    units: dict[str, set[str]] = {}
    for at, word in enumerate(words):
        before = words[at - 1] if at else ""
        after = words[at + 1] if at + 1 < len(words) else ""
        if before in vocabulary.units and _numbers(word):
            units.setdefault(vocabulary.units[before], set()).add(_plain(word))
            continue
        if word in frequent or not _tells(word, before, after, vocabulary):
            continue
        rare.append(_plain(word))
        if not word[0].isdecimal() and (before in vocabulary.before_name or after in vocabulary.after_name):
            names.add(word)
    return TextFeatures(
        folded,
        tuple(dict.fromkeys(rare)),
        frozenset(names),
        {name: frozenset(numbers) for name, numbers in units.items()},
        frozenset(filter(None, map(vocabulary.topic, words))),
    )


def _bare(text: str) -> str:
    """Latin letters without accents, which phones leave out; vowel signs of other scripts stay."""
    if text.isascii():
        return text
    return unicodedata.normalize("NFC", _ACCENTS.sub("", unicodedata.normalize("NFD", text)))


def _apart(words: Iterable[str], vocabulary: Vocabulary) -> Iterable[str]:
    """`rt04rw06` as four words: a unit's word and its number are often glued."""
    for word in words:
        parts = _GLUED_NUMBER.findall(word)
        if parts and all(name in vocabulary.units for name, _ in parts):
            for name, number in parts:
                yield from (name, number)
        else:
            yield word


def _tells(word: str, before: str, after: str, vocabulary: Vocabulary) -> bool:
    """Whether a word belongs to what a report is about."""
    if vocabulary.is_common(word) or word in vocabulary.kinds or word in vocabulary.measures:
        return False
    if word[0].isdecimal():
        beside = vocabulary.measures.intersection((before, after))
        return not beside and not word.endswith(("cm", "m", "ft")) and not before[:1].isdecimal()
    return len(word) > 2 or not word.isascii()


def _numbers(word: str) -> bool:
    return any(c.isdecimal() for c in word) or word in _ROMAN or len(word) == 1


def _plain(word: str) -> str:
    return _ROMAN.get(word) or word.lstrip("0") or "0"


def compare(a: TextFeatures, b: TextFeatures) -> Likeness:
    """How alike two texts are."""
    shared = _shared(a, b)
    weight = sum(map(_weight, shared))
    least = min(sum(map(_weight, a.rare)), sum(map(_weight, b.rare)))
    both = sum(map(_weight, a.rare)) + sum(map(_weight, b.rare))
    named = [word for word in shared if word in a.names or _near(word, b.names)]
    elsewhere = bool(a.names and b.names) and not named
    same, other = _units(a, b)
    return Likeness(
        share=min(1.0, weight / least) if a.rare and b.rare else None,
        mutual=min(1.0, 2 * weight / both) if both else 0.0,
        words=shared,
        same_name=named[0] if named else "",
        other_names=elsewhere,
        same_unit=same,
        other_unit=other,
        other_topics=bool(a.topics and b.topics) and not a.topics & b.topics,
        whole=fuzz.ratio(a.text, b.text) / 100 if a.rare or b.rare or min(len(a.text), len(b.text)) > 25 else 0.0,
    )


def _shared(a: TextFeatures, b: TextFeatures) -> tuple[str, ...]:
    """Rare words of `a` that `b` has too, in its own spelling, or glued to others."""
    return tuple(
        word
        for word in a.rare
        if _near(word, b.rare)
        or (len(word) >= GLUED and word in b.glued)
        or any(len(other) >= GLUED and other.endswith(word) and other in a.glued for other in b.rare)
    )


def _near(word: str, others: Iterable[str]) -> bool:
    if word in others:
        return True
    if len(word) < _SHORT_FUZZY or word[0].isdecimal():
        return False
    fitting = [other for other in others if len(other) >= _SHORT_FUZZY]
    return process.extractOne(word, fitting, scorer=fuzz.ratio, score_cutoff=FUZZY) is not None


def _weight(word: str) -> float:
    return 0.5 if word[0].isdecimal() or len(word) < _SHORT_FUZZY else 1.0


def _units(a: TextFeatures, b: TextFeatures) -> tuple[str, str]:
    """A unit that is the same and one that is not, in words; "" for none."""
    same = other = ""
    for name in sorted(a.units.keys() & b.units.keys()):
        common = a.units[name] & b.units[name]
        if common:
            same = same or f"{name} {min(common)}"
        else:
            other = other or f"{name} {min(a.units[name])} and {min(b.units[name])}"
    return same, other
