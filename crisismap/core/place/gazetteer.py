"""Names of places found in what people say, misspelt or glued, in any script; pure.

A name counts by its rare words: "street" and "nagar" stand in many names and find none. Several places of one name are
all offered, each with less confidence, because the words cannot tell which one is meant.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Container, Iterable, Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz, process
from rapidfuzz.distance import Postfix

from crisismap.core.place.geodesy import distance_m
from crisismap.core.text.folding import fold, split

FUZZY = 80.0  # likeness (0 to 100) of a misspelt word
LEAST_FUZZY = 5  # letters of a word that may be misspelt, fewer in scripts that need fewer
GLUED = 7  # letters of a name that is looked for in words written together
ENDING = 4  # letters in common at the end from which on the beginnings must be alike by themselves
BEGINNING = 60.0  # likeness (0 to 100) of them
COVERED = 0.6  # the weight of a name that must be found
APART_M = 1_500.0  # pieces of one name nearer than this are one place (a road comes in pieces)
BEST = 0.9
KIND = 0.3  # of the worth of another word
MOST_WORDS = 200


@dataclass(frozen=True, slots=True)
class GazetteerEntry:
    """A place with a name. `about` says where the name is from; `accuracy_m` half the size of the thing."""

    name: str
    about: str
    lon: float
    lat: float
    accuracy_m: float
    inside: Callable[[float, float], bool] | None = None  # an area that holds other places


@dataclass(frozen=True, slots=True)
class GazetteerMatch:
    """One place that the words may mean; `confidence` 0..1."""

    place: GazetteerEntry
    confidence: float
    reason: str


class Gazetteer:
    """Names to find. `kinds`: words such as "street", of which there are many. Made once, used by any thread."""

    def __init__(self, names: Iterable[GazetteerEntry], kinds: Container[str] = ()) -> None:
        self._kinds = kinds
        self._names: list[GazetteerEntry] = []
        self._words: list[tuple[str, ...]] = []
        self._having: dict[str, list[int]] = defaultdict(list)
        for named in names:
            words = tuple(dict.fromkeys(split(fold(named.name))))
            if not words or all(word[0].isdecimal() for word in words):
                continue  # a number alone ("12") would be found in every text
            for word in words:
                self._having[word].append(len(self._names))
            self._names.append(named)
            self._words.append(words)
        self._glued = {"".join(words): at for at, words in enumerate(self._words) if sum(map(len, words)) >= GLUED}
        self._long = [word for word in self._having if len(word) >= _least(word)]

    def __len__(self) -> int:
        return len(self._names)

    def find(self, text: str, most: int = 8) -> list[GazetteerMatch]:
        """The places that a text names, the likeliest first."""
        found = self._matches(split(fold(text))[:MOST_WORDS])
        places = [place for group in self._by_name(found).values() for place in _together(group)]
        offered = [_offer(place, places) for place in places]
        return sorted(offered, key=lambda each: (-each.confidence, each.place.accuracy_m))[:most]

    def _matches(self, said: Sequence[str]) -> dict[int, tuple[float, bool]]:
        """Numbers of the names that are said: how well 0..1, and whether a word was misspelt."""
        likeness = self._known(said)
        hits: dict[int, float] = defaultdict(float)
        for word, sure in likeness.items():
            for at in self._having[word]:
                hits[at] += self._weight(word) * sure
        matches = {}
        for at, weight in hits.items():
            words = self._words[at]
            full = sum(map(self._weight, words))
            # A number in a name is the name: "4th Cross Street" is not "5th Cross Street".
            numbered = all(word in likeness for word in words if word[0].isdecimal())
            if numbered and weight >= COVERED * full:
                matches[at] = weight / full, any(likeness.get(word, 1.0) < 1 for word in words)
        glued = "".join(said)
        for name, at in self._glued.items() if len(glued) < MOST_WORDS * 10 else ():
            if at not in matches and name in glued:
                matches[at] = 0.9, True
        return matches

    def _known(self, said: Sequence[str]) -> dict[str, float]:
        """Words of names that are said, with how like they are written (0..1)."""
        known: dict[str, float] = {}
        for word in dict.fromkeys(said):
            if word in self._having:
                known[word] = 1.0
            elif len(word) >= _least(word) and not word[0].isdecimal():
                for other, like, _ in process.extract(word, self._long, scorer=fuzz.ratio, score_cutoff=FUZZY, limit=3):
                    if _begin_alike(word, other):
                        known[other] = max(known.get(other, 0.0), (like / 100) ** 2)
        return known

    def _weight(self, word: str) -> float:
        """What a word is worth in a name: the more names have it, the less; people shorten or leave out kinds."""
        return (KIND if word in self._kinds else 1) / (1 + math.log(len(self._having[word])))

    def _by_name(self, found: dict[int, tuple[float, bool]]) -> dict[str, list[tuple[GazetteerEntry, float, bool]]]:
        groups: dict[str, list[tuple[GazetteerEntry, float, bool]]] = defaultdict(list)
        for at, (sure, misspelt) in found.items():
            groups[" ".join(self._words[at])].append((self._names[at], sure, misspelt))
        return groups


@dataclass(frozen=True, slots=True)
class _Meant:
    named: GazetteerEntry
    sure: float
    misspelt: bool
    of: int  # how many places have this name


def _together(group: list[tuple[GazetteerEntry, float, bool]]) -> list[_Meant]:
    """Pieces of one name that lie together as one place, the others apart."""
    heaps: list[list[GazetteerEntry]] = []
    for named, _, _ in group:
        near = [heap for heap in heaps if any(_metres(named, other) < APART_M for other in heap)]
        joined = [named, *(each for heap in near for each in heap)]
        heaps = [heap for heap in heaps if heap not in near] + [joined]
    _, sure, misspelt = group[0]
    return [_Meant(_joined(heap), sure, misspelt, len(heaps)) for heap in heaps]


def _joined(pieces: list[GazetteerEntry]) -> GazetteerEntry:
    """One place for all pieces: the piece nearest to their middle, as exact as the way to the farthest one."""
    if len(pieces) == 1:
        return pieces[0]
    lon, lat = (sum(getattr(piece, axis) for piece in pieces) / len(pieces) for axis in ("lon", "lat"))
    middle = min(pieces, key=lambda piece: distance_m(piece.lon, piece.lat, lon, lat))
    reach = math.ceil(max(_metres(middle, piece) + piece.accuracy_m for piece in pieces))
    return GazetteerEntry(middle.name, middle.about, middle.lon, middle.lat, reach, middle.inside)


def _offer(meant: _Meant, all_meant: Sequence[_Meant]) -> GazetteerMatch:
    reasons = [f"the name {meant.named.name} ({meant.named.about})"]
    sure = BEST * meant.sure
    if meant.misspelt:
        reasons.append("spelt a little otherwise")
    around = _around(meant, all_meant)
    if around:
        reasons.append(f"inside {around}, which is named too")
        sure = min(0.95, sure * 1.1)
    if meant.of > 1:
        reasons.append(f"one of {meant.of} places of this name")
        sure *= 0.8 if around else 1 / meant.of
    return GazetteerMatch(meant.named, round(sure, 3), "; ".join(reasons))


def _around(meant: _Meant, all_meant: Sequence[_Meant]) -> str:
    """The name of an area that is said as well and holds this place; "" for none."""
    for other in all_meant:
        inside = other.named.inside
        if other is meant or inside is None or other.named.accuracy_m <= meant.named.accuracy_m:
            continue
        if inside(meant.named.lon, meant.named.lat):
            return other.named.name
    return ""


def _begin_alike(a: str, b: str) -> bool:
    """Whether two words are alike before an ending that both have: Avvainagar is not Paarinagar."""
    ending = Postfix.similarity(a, b)
    return ending < ENDING or fuzz.ratio(a[:-ending], b[:-ending]) >= BEGINNING


def _metres(a: GazetteerEntry, b: GazetteerEntry) -> float:
    return distance_m(a.lon, a.lat, b.lon, b.lat)


def _least(word: str) -> int:
    return LEAST_FUZZY if word.isascii() else LEAST_FUZZY - 1
