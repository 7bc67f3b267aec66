"""Gazetteer matching: place names in free text, misspelt or joined, in any script; pure.

A name matches by its rare words: "street" and "nagar" occur in many names and match none by themselves. Several places
of one name are all returned, each with less confidence, because the text cannot tell which one is meant.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Container, Iterable, Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz, process
from rapidfuzz.distance import Postfix

from crisismap.core.place.geodesy import distance_m
from crisismap.core.text.folding import split
from crisismap.core.text.names import fold_accents, sounds

FUZZY = 80.0  # similarity (0 to 100) of a misspelt word
LEAST_FUZZY = 5  # shortest word that may be misspelt; shorter in scripts that need fewer letters
GLUED = 7  # shortest name that is searched for in joined words
ENDING = 4  # length of a common ending from which on the beginnings are compared separately
BEGINNING = 60.0  # similarity (0 to 100) of the beginnings
COVERED = 0.6  # share of a name's weight that must match
APART_M = 1_500.0  # pieces of one name closer than this are one place (a road comes in pieces)
BEST = 0.9
SOUND = 0.9  # similarity (0..1) of words of two scripts that sound alike
SHORT_SOUND = 0.65  # the same where they have two consonants only
KIND = 0.3  # weight of a generic word, relative to others
MOST_WORDS = 200


@dataclass(frozen=True, slots=True)
class GazetteerEntry:
    """A named place. `about` is the source of the name; `accuracy_m` half the size of the place."""

    name: str
    about: str
    lon: float
    lat: float
    accuracy_m: float
    inside: Callable[[float, float], bool] | None = None  # for an area: whether it contains a point


@dataclass(frozen=True, slots=True)
class GazetteerMatch:
    """One place that a text may mean; `confidence` 0..1."""

    place: GazetteerEntry
    confidence: float
    reason: str


class Gazetteer:
    """An index of place names; immutable, so safe in any thread. `kinds`: generic words such as "street"."""

    def __init__(self, names: Iterable[GazetteerEntry], kinds: Container[str] = ()) -> None:
        self._kinds = kinds
        self._names: list[GazetteerEntry] = []
        self._words: list[tuple[str, ...]] = []
        self._having: dict[str, list[int]] = defaultdict(list)
        for named in names:
            words = tuple(dict.fromkeys(split(fold_accents(named.name))))
            if not words or all(word[0].isdecimal() for word in words):
                continue  # a number alone ("12") would match every text
            for word in words:
                self._having[word].append(len(self._names))
            self._names.append(named)
            self._words.append(words)
        self._glued = {"".join(words): at for at, words in enumerate(self._words) if sum(map(len, words)) >= GLUED}
        self._sounding: dict[str, list[str]] = defaultdict(list)
        for word in self._having:
            for sound in sounds(word):
                self._sounding[sound].append(word)
        self._long = [word for word in self._having if len(word) >= _min_fuzzy_length(word)]

    def __len__(self) -> int:
        return len(self._names)

    def find(self, text: str, most: int = 8) -> list[GazetteerMatch]:
        """Return the places that a text names, most likely first."""
        by_name: dict[str, list[tuple[GazetteerEntry, float, bool]]] = defaultdict(list)
        for at, (sure, misspelt) in self._matches(split(fold_accents(text))[:MOST_WORDS]).items():
            by_name[" ".join(self._words[at])].append((self._names[at], sure, misspelt))
        places = [place for group in by_name.values() for place in _merge_nearby(group)]
        offered = [_match(place, places) for place in places]
        return sorted(offered, key=lambda each: (-each.confidence, each.place.accuracy_m))[:most]

    def _matches(self, text_words: Sequence[str]) -> dict[int, tuple[float, bool]]:
        """Return name indexes with the quality of the match (0..1), and whether a word was misspelt."""
        likeness = self._known(text_words)
        hits: dict[int, float] = defaultdict(float)
        for word, sure in likeness.items():
            for at in self._having[word]:
                hits[at] += self._weight(word) * sure
        matches = {}
        for at, weight in hits.items():
            words = self._words[at]
            full = sum(map(self._weight, words))
            # A number identifies a name: "4th Cross Street" is not "5th Cross Street".
            numbered = all(word in likeness for word in words if word[0].isdecimal())
            if numbered and weight >= COVERED * full:
                matches[at] = weight / full, any(likeness.get(word, 1.0) < 1 for word in words)
        glued = "".join(text_words)
        for name, at in self._glued.items() if len(glued) < MOST_WORDS * 10 else ():
            if at not in matches and name in glued:
                matches[at] = 0.9, True
        return matches

    def _known(self, text_words: Sequence[str]) -> dict[str, float]:
        """Return the words of names that occur in the text, with their similarity (0..1)."""
        known: dict[str, float] = {}
        for word in dict.fromkeys(text_words):
            if word in self._having:
                known[word] = 1.0
                continue
            for other, like in self._by_sound(word):
                known[other] = max(known.get(other, 0.0), like)
            if len(word) >= _min_fuzzy_length(word) and not word[0].isdecimal():
                for other, like, _ in process.extract(word, self._long, scorer=fuzz.ratio, score_cutoff=FUZZY, limit=3):
                    if _have_similar_beginnings(word, other):
                        known[other] = max(known.get(other, 0.0), (like / 100) ** 2)
        return known

    def _by_sound(self, word: str) -> list[tuple[str, float]]:
        """Return the words of names in other scripts that sound like this word, with their similarity (0..1)."""
        (sound,) = sounds(word) or ("",)
        others = self._sounding.get(sound, ()) if len(sound) > 1 else ()
        like = SHORT_SOUND if len(sound) == 2 else SOUND
        return [(other, like) for other in others if other.isascii() != word.isascii()]

    def _weight(self, word: str) -> float:
        """Return the weight of a word: lower the more names have it, lowest for generic words, often left out."""
        return (KIND if word in self._kinds else 1) / (1 + math.log(len(self._having[word])))


@dataclass(frozen=True, slots=True)
class _NameMatch:
    named: GazetteerEntry
    sure: float
    misspelt: bool
    of: int  # number of places with this name


def _merge_nearby(group: list[tuple[GazetteerEntry, float, bool]]) -> list[_NameMatch]:
    """Merge nearby pieces of one name into one place, and keep distant ones separate."""
    heaps: list[list[GazetteerEntry]] = []
    for named, _, _ in group:
        near = [heap for heap in heaps if any(_metres(named, other) < APART_M for other in heap)]
        joined = [named, *(each for heap in near for each in heap)]
        heaps = [heap for heap in heaps if heap not in near] + [joined]
    _, sure, misspelt = group[0]
    return [_NameMatch(_merge_pieces(heap), sure, misspelt, len(heaps)) for heap in heaps]


def _merge_pieces(pieces: list[GazetteerEntry]) -> GazetteerEntry:
    """Return one place for all pieces: the piece nearest to their centre, as accurate as the farthest one is away."""
    if len(pieces) == 1:
        return pieces[0]
    lon, lat = (sum(getattr(piece, axis) for piece in pieces) / len(pieces) for axis in ("lon", "lat"))
    middle = min(pieces, key=lambda piece: distance_m(piece.lon, piece.lat, lon, lat))
    reach = math.ceil(max(_metres(middle, piece) + piece.accuracy_m for piece in pieces))
    return GazetteerEntry(middle.name, middle.about, middle.lon, middle.lat, reach, middle.inside)


def _match(match: _NameMatch, matches: Sequence[_NameMatch]) -> GazetteerMatch:
    reasons = [f"the name {match.named.name} ({match.named.about})"]
    sure = BEST * match.sure
    if match.misspelt:
        reasons.append("spelt a little otherwise")
    around = _containing_area(match, matches)
    if around:
        reasons.append(f"inside {around}, which is named too")
        sure = min(0.95, sure * 1.1)
    if match.of > 1:
        reasons.append(f"one of {match.of} places of this name")
        sure *= 0.8 if around else 1 / match.of
    return GazetteerMatch(match.named, round(sure, 3), "; ".join(reasons))


def _containing_area(match: _NameMatch, matches: Sequence[_NameMatch]) -> str:
    """Return the name of an area in the same text that contains this place; "" for none."""
    for other in matches:
        inside = other.named.inside
        if other is match or inside is None or other.named.accuracy_m <= match.named.accuracy_m:
            continue
        if inside(match.named.lon, match.named.lat):
            return other.named.name
    return ""


def _have_similar_beginnings(a: str, b: str) -> bool:
    """Return whether two words with a common ending also begin alike: Avvainagar is not Paarinagar."""
    ending = Postfix.similarity(a, b)
    return ending < ENDING or fuzz.ratio(a[:-ending], b[:-ending]) >= BEGINNING


def _metres(a: GazetteerEntry, b: GazetteerEntry) -> float:
    return distance_m(a.lon, a.lat, b.lon, b.lat)


def _min_fuzzy_length(word: str) -> int:
    return LEAST_FUZZY if word.isascii() else LEAST_FUZZY - 1
