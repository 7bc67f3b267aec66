"""Text similarity of two reports as descriptions of a place and a problem, in any script; pure.

Words that everybody writes in a disaster ("water", "banjir") are ignored; the rare ones count, above all place names
("jalan Laksana") and the numbers of units ("RT 04", "gang 31"), which distinguish neighbours.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from typing import Any

from rapidfuzz import fuzz, process

from crisismap.core.text.folding import fold, split

FUZZY = 84.0  # from this similarity on (0 to 100) two words are spellings of one
GLUED = 6  # shortest word that is searched for inside another one
MOST_WORDS = 60  # of a text that are read; the subject comes first
MOST_LETTERS = 600
_SHORT_FUZZY = 4  # shorter words must be equal
_ACCENTS = re.compile("[\u0300-\u036f]")
_THRICE = re.compile(r"([^\W\d])\1{2,}")
_GLUED_NUMBER = re.compile(r"([^\W\d]{2,})(\d+)")
_ROMAN = {"ii": "2", "iii": "3", "iv": "4", "vi": "6", "vii": "7", "viii": "8", "ix": "9", "xi": "11", "xii": "12"}


@dataclass(frozen=True)
class Vocabulary:
    """The meaning of words in comparisons, from data/rules/duplicates.toml."""

    common: frozenset[str]
    common_beginnings: tuple[str, ...]
    before_name: frozenset[str]
    after_name: frozenset[str]
    units: Mapping[str, str]  # word -> the canonical word of its group
    measures: frozenset[str]
    topics: Mapping[str, str]  # word -> its topic
    topic_beginnings: Mapping[str, str]

    def is_common(self, word: str) -> bool:
        """Return whether a word is too common to identify the subject of a report."""
        return word in self.common or word.startswith(self.common_beginnings)

    def topic(self, word: str) -> str | None:
        """Return the topic of a word; None for none."""
        found = self.topics.get(word)
        if found is None and word.startswith(self._topic_beginnings):
            return next(topic for begun, topic in self.topic_beginnings.items() if word.startswith(begun))
        return found

    @cached_property
    def _topic_beginnings(self) -> tuple[str, ...]:
        return tuple(self.topic_beginnings)

    @cached_property
    def kinds(self) -> frozenset[str]:
        """Return the generic words for kinds of places."""
        return self.before_name | self.after_name | frozenset(self.units)


@dataclass(frozen=True)
class TextFeatures:
    """Features of a text: rare words, the place names among them, and units with their numbers."""

    text: str
    rare: tuple[str, ...]
    names: frozenset[str]
    units: Mapping[str, frozenset[str]]
    topics: frozenset[str]

    @cached_property
    def glued(self) -> str:
        """Return all words without spaces, to match words that are joined in one text and separate in the other."""
        return "".join(split(self.text))


@dataclass(frozen=True, slots=True)
class Likeness:
    """`share` 0..1 of the rare words of the shorter text, and of both (`mutual`); None where one has none."""

    share: float | None
    mutual: float
    words: tuple[str, ...]  # the rare words in both, in the spelling of the first
    same_name: str  # "" for none
    other_names: bool
    same_unit: str
    other_unit: str
    other_topics: bool
    whole: float  # 0..1, of the complete texts


def vocabulary_from(data: Mapping[str, Any]) -> Vocabulary:
    """Return a vocabulary from its TOML table. Raises KeyError or TypeError for a missing or invalid list."""
    common = [_without_accents(fold(word)) for word in data["common"]]
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
    """Return the features of a text. `frequent`: words that many reports of this incident have, so not rare."""
    folded = _THRICE.sub(r"\1", _without_accents(fold(text[:MOST_LETTERS])))
    words = list(_split_units(split(folded)[:MOST_WORDS], vocabulary))
    rare: list[str] = []
    names: set[str] = set()
    units: dict[str, set[str]] = {}
    for at, word in enumerate(words):
        before = words[at - 1] if at else ""
        after = words[at + 1] if at + 1 < len(words) else ""
        if before in vocabulary.units and _is_unit_number(word):
            units.setdefault(vocabulary.units[before], set()).add(_plain(word))
            continue
        if word in frequent or not _is_significant(word, before, after, vocabulary):
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


def _without_accents(text: str) -> str:
    """Return Latin letters without accents, which phones leave out; vowel signs of other scripts stay."""
    if text.isascii():
        return text
    return unicodedata.normalize("NFC", _ACCENTS.sub("", unicodedata.normalize("NFD", text)))


def _split_units(words: Iterable[str], vocabulary: Vocabulary) -> Iterable[str]:
    """Split joined units and numbers: `rt04rw06` becomes four words."""
    for word in words:
        parts = _GLUED_NUMBER.findall(word)
        if parts and all(name in vocabulary.units for name, _ in parts):
            yield from chain.from_iterable(parts)
        else:
            yield word


def _is_significant(word: str, before: str, after: str, vocabulary: Vocabulary) -> bool:
    """Return whether a word belongs to the subject of a report."""
    if vocabulary.is_common(word) or word in vocabulary.kinds or word in vocabulary.measures:
        return False
    if word[0].isdecimal():
        beside = vocabulary.measures.intersection((before, after))
        return not beside and not word.endswith(("cm", "m", "ft")) and not before[:1].isdecimal()
    return len(word) > 2 or not word.isascii()


def _is_unit_number(word: str) -> bool:
    return any(c.isdecimal() for c in word) or word in _ROMAN or len(word) == 1


def _plain(word: str) -> str:
    return _ROMAN.get(word) or word.lstrip("0") or "0"


def compare(a: TextFeatures, b: TextFeatures) -> Likeness:
    """Return the similarity of two texts."""
    shared = _shared_words(a, b)
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


def _shared_words(a: TextFeatures, b: TextFeatures) -> tuple[str, ...]:
    """Return the rare words of `a` that `b` also has, in its own spelling, or joined to others."""
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
    """Return a common unit and a differing one, as text; "" for none."""
    same = other = ""
    for name in sorted(a.units.keys() & b.units.keys()):
        common = a.units[name] & b.units[name]
        if common:
            same = same or f"{name} {min(common)}"
        else:
            other = other or f"{name} {min(a.units[name])} and {min(b.units[name])}"
    return same, other
