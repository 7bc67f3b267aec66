"""Search of typed words in many names: as written, by their sound in another script, and misspelt; pure.

A misspelt word differs by few letters (one in four to seven, more in longer words). Numbers are never corrected, since
"4th Street" is not a misspelt "5th Street".
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from rapidfuzz import fuzz, process
from rapidfuzz.distance import OSA, Prefix

from crisismap.core.text.names import LIKE_NAME, LIKE_SOUND, name_key, sounds

How = Literal["written", "sound", "misspelt"]
MOST_WORDS = 8  # typed words that may be misspelt; each is compared with all words of the names
MOST_GUESSES = 8
_INSIDE = 4  # shortest Latin word that is found inside another one: "est" does not mean "west"
_TELLING = 3  # consonants of a word that is known by them, whatever its vowels
_LONG_SOUND = 4  # consonants of a word of another script that may differ in one of them
_VOWELS_COST = 2  # as many errors as a word that only has other vowels counts for
# Longest words, in letters, with no error, one and two; longer ones may have three. Other scripts need fewer letters.
_LATIN, _OTHER = (3, 7, 12), (2, 6, 12)


@dataclass(frozen=True, slots=True)
class NameMatch:
    """The number of a name that was found, and how; the last two are guesses."""

    number: int
    how: How


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

    def find(self, query: str) -> list[NameMatch]:
        """Return the names that have every word of the query, as written first, then those that are guessed."""
        key = name_key(query)
        words = list(dict.fromkeys(key.split()))
        if not words:
            return []
        written = self._all_of([dict.fromkeys(fitting(word, self._having), 0) for word in words])
        by_sound = self._all_of([self._by_sound(word) for word in words]) if not written else {}
        guessed = self._guessed(words, "".join(key.split()))
        known = written.keys() | by_sound.keys()
        fewest = min((errors for number, errors in guessed.items() if number not in known), default=0)
        near = [number for number, errors in guessed.items() if number not in known and errors <= fewest + 1]
        near.sort(key=lambda number: (guessed[number], *_unlike(key, self._keys[number]), number))
        return [
            *(NameMatch(number, "written") for number in self._best_first(written, key)),
            *(NameMatch(number, "misspelt") for number in near),
            *(NameMatch(number, "sound") for number in self._best_first(by_sound, key)),
        ]

    def _best_first(self, numbers: Iterable[int], key: str) -> list[int]:
        """Return the whole name first, then names that begin so, then by length."""
        keys = self._keys
        return sorted(
            numbers, key=lambda number: (not keys[number].startswith(key), len(keys[number]), keys[number], number)
        )

    def _all_of(self, choices: Sequence[dict[str, int]]) -> dict[int, int]:
        """Return the names with a word of each choice, with the sum of their errors."""
        errors: dict[int, int] = {}
        for at, choice in enumerate(choices):
            best: dict[int, int] = {}
            for word, count in choice.items():
                for number in self._having[word]:
                    if at == 0 or number in errors:
                        best[number] = min(count, best.get(number, count))
            errors = {number: count + errors.get(number, 0) for number, count in best.items()}
            if not errors:
                break
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
