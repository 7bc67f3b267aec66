"""Search of typed words in many names: as written, by their sound in another script, and misspelt; pure.

A misspelt word differs by few letters (one in four to seven, more in longer words). Numbers are never corrected, since
"4th Street" is not a misspelt "5th Street".
"""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, TypeVar

from rapidfuzz import fuzz, process
from rapidfuzz.distance import OSA, Prefix

from crisismap.core.text.names import LIKE_NAME, LIKE_SOUND, name_key, sounds

How = Literal["written", "sound", "misspelt"]
T = TypeVar("T")
_HOWS: tuple[How, ...] = ("written", "misspelt", "sound")
MOST_WORDS = 8  # typed words that are compared with all words of the names; of more, none may be misspelt
MOST_GUESSES = 8
MOST_FOUND = 50  # names, of each kind
_INSIDE = 4  # shortest Latin word that is found inside another one: "est" does not mean "west"
_TELLING = 3  # consonants of a word that is known by them, whatever its vowels
_LONG_SOUND = 4  # consonants of a word of another script that may differ in one of them
SPREAD = 1  # errors by which a guess may be worse than the best one
_VOWELS_COST = 2  # as many errors as a word that only has other vowels counts for
# Longest words, in letters, with no error, one and two; longer ones may have three. Other scripts need fewer letters.
_LATIN, _OTHER = (3, 7, 12), (2, 6, 12)


@dataclass(frozen=True, slots=True)
class NameMatch:
    """The number of a name that was found, and how; the last two are guesses. `rank` orders those found alike."""

    number: int
    how: How
    rank: tuple[Any, ...] = field(default=(), compare=False)


def errors_allowed(word: str) -> int:
    """Return in how many letters a word may be misspelt."""
    if any(letter.isdecimal() for letter in word):
        return 0
    return sum(len(word) > most for most in (_LATIN if word.isascii() else _OTHER))


def fitting(typed: str, words: Iterable[str]) -> list[str]:
    """Return the words that begin with a typed one, or have it inside if it is long enough to mean them."""
    if len(typed) >= _INSIDE or not typed.isascii():
        return [word for word in words if typed in word]
    return [word for word in words if word.startswith(typed)]


def misspelt(typed: str, words: Iterable[str]) -> dict[str, int]:
    """Return the words that a typed one may be a misspelling of, with the number of errors, fewest first."""
    most = errors_allowed(typed)
    if not most:
        return {}
    found = process.extract(typed, words, scorer=OSA.distance, score_cutoff=most, limit=None)  # type: ignore[arg-type]
    near = {word: int(errors) for word, errors, _ in found if errors_allowed(word)}
    return dict(sorted(near.items(), key=lambda each: (each[1], *_unlike(typed, each[0])))[:MOST_GUESSES])


def best_matches(matches: Iterable[tuple[NameMatch, T]]) -> list[tuple[NameMatch, T]]:
    """Return matches of several lists of names, best first; guesses only as far as they compete with the best.

    What is written comes before what is misspelt, and that before what sounds alike in another script, which counts
    only where nothing is written.
    """
    found = sorted(matches, key=lambda each: (_HOWS.index(each[0].how), each[0].rank))
    written = any(match.how == "written" for match, _ in found)
    fewest = min((match.rank[0] for match, _ in found if match.how == "misspelt"), default=0)
    return [
        (match, of)
        for match, of in found
        if not (match.how == "misspelt" and match.rank[0] > fewest + SPREAD) and not (match.how == "sound" and written)
    ]


class NameSearch:
    """An index of names, immutable, so safe in any thread. A name is known by its number in `names`."""

    def __init__(self, names: Sequence[str]) -> None:
        self._keys = [name_key(name) for name in names]
        self._having: dict[str, list[int]] = defaultdict(list)
        self._glued: dict[str, list[int]] = defaultdict(list)
        for number, key in enumerate(self._keys):
            words = key.split()
            for word in dict.fromkeys(words):
                self._having[word].append(number)
            self._glued["".join(words)].append(number)
        self._sounding: dict[str, list[str]] = defaultdict(list)
        for word in self._having:
            for sound in sounds(word):
                self._sounding[sound].append(word)

    def find(self, query: str, most: int = MOST_FOUND) -> list[NameMatch]:
        """Return the names that have every word of the query, as written first, then those that are guessed."""
        key = name_key(query)
        words = sorted(dict.fromkeys(key.split()), key=len, reverse=True)
        if not words:
            return []
        written = self._all_of([dict.fromkeys(fitting(word, self._having), 0) for word in words[:MOST_WORDS]])
        if len(words) > MOST_WORDS:
            written = {
                number: errors
                for number, errors in written.items()
                if all(fitting(word, self._keys[number].split()) for word in words[MOST_WORDS:])
            }
        found = self._best_first("written", written, key, most)
        if len(written) >= most:
            return found
        few = len(words) <= MOST_WORDS
        by_sound = self._all_of([self._by_sound(word) for word in words]) if few and not written else {}
        guessed = self._guessed(words, "".join(key.split()))
        near = {number: errors for number, errors in guessed.items() if number not in written}
        ranks = ((errors, *_unlike(key, self._keys[number]), number) for number, errors in near.items())
        found += [NameMatch(rank[-1], "misspelt", rank) for rank in heapq.nsmallest(most, ranks)]
        heard = [number for number in by_sound if number not in near]
        return found + self._best_first("sound", heard, key, most)

    def _best_first(self, how: How, numbers: Iterable[int], key: str, most: int) -> list[NameMatch]:
        """Return the whole name first, then names that begin so, then by length."""
        keys = self._keys
        ranks = ((not keys[number].startswith(key), len(keys[number]), keys[number], number) for number in numbers)
        return [NameMatch(rank[-1], how, rank) for rank in heapq.nsmallest(most, ranks)]

    def _all_of(self, choices: Sequence[dict[str, int]]) -> dict[int, int]:
        """Return the names with a word of each choice, with the sum of their errors. The rarest choice comes first."""
        first, *others = sorted(choices, key=lambda choice: sum(len(self._having[word]) for word in choice))
        errors: dict[int, int] = {}
        for word, count in first.items():
            for number in self._having[word]:
                errors[number] = min(count, errors.get(number, count))
        for choice in others:
            for number, sum_before in list(errors.items()):
                counts = [choice[word] for word in self._keys[number].split() if word in choice]
                if counts:
                    errors[number] = sum_before + min(counts)
                else:
                    del errors[number]
        return errors

    def _guessed(self, words: Sequence[str], glued: str) -> dict[int, int]:
        """Return the names that the words may be a misspelling of, or that are written in one word or in more."""
        errors: dict[int, int] = {}
        if len(words) <= MOST_WORDS:
            errors = self._all_of(
                [
                    self._other_vowels(word)
                    | misspelt(word, self._having.keys())
                    | dict.fromkeys(fitting(word, self._having), 0)
                    for word in words
                ]
            )
        whole = misspelt(glued, self._glued.keys()) | ({glued: 0} if glued in self._glued else {})
        for name, count in whole.items():
            for number in self._glued[name]:
                errors[number] = min(count, errors.get(number, count))
        return errors

    def _other_vowels(self, word: str) -> dict[str, int]:
        """Return the words of the same script with the same consonants: Mylapur is Mylapore."""
        (sound,) = sounds(word) or ("",)
        if len(sound) < _TELLING or not errors_allowed(word):
            return {}
        others = (other for other in self._sounding.get(sound, ()) if other.isascii() == word.isascii())
        return {other: _VOWELS_COST for other in others if fuzz.ratio(word, other) >= LIKE_NAME}

    def _by_sound(self, word: str) -> dict[str, int]:
        """Return the words of another script that sound like this one."""
        (sound,) = sounds(word) or ("",)
        if not sound:
            return {}
        alike = {sound}
        if len(sound) >= _LONG_SOUND:
            near = process.extract(sound, self._sounding.keys(), scorer=fuzz.ratio, score_cutoff=LIKE_SOUND, limit=None)
            alike |= {other for other, *_ in near if len(other) >= _LONG_SOUND}
        return {
            other: 0 for each in alike for other in self._sounding.get(each, ()) if other.isascii() != word.isascii()
        }


def _unlike(typed: str, word: str) -> tuple[int, int, str]:
    """Return what orders words with as many errors: the longest common beginning first, then the length."""
    return -Prefix.similarity(typed, word), abs(len(typed) - len(word)), word
