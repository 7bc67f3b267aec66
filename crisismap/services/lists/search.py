"""Search in report text, names of places in layers, and coordinates, for one audience.

Only the audience's own columns are searched, and the corrections come from its own words, so that nobody finds or is
told text that they may not read. What matches as typed comes before what is corrected, and the result says which is
which. Around a place that was found, `near_place` lists the unanswered requests.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Literal

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from crisismap.core.layer.layer import Feature, Role
from crisismap.core.people.person import Person
from crisismap.core.place.coordinates import find_coordinates
from crisismap.core.place.geodesy import distance_m
from crisismap.core.place.place import Extent, check_coordinates, within
from crisismap.core.text.name_search import How, best_matches, fitting
from crisismap.core.text.names import name_key
from crisismap.core.text.storable import check_length
from crisismap.services.lists.queue import Queue
from crisismap.services.runtime.caches import IdentityKey
from crisismap.services.runtime.context import audience_of
from crisismap.services.runtime.place_names import PlaceNames
from crisismap.services.runtime.views import Views
from crisismap.situation.board.board import Board, Rows
from crisismap.situation.board.near import rings_around
from crisismap.situation.board.unanswered import ordered_rows
from crisismap.situation.board.word_index import searched_words, texts
from crisismap.situation.situation import Situation

MAX_QUERY = 500  # characters; the link of a place in a map is long
PLACES = 8
REPORTS = 200  # listed of those that say the words, and as many of those that nearly say them
SURE = 5  # letters of a typed word that is found misspelt as well where it is found as typed
RINGS_M = (1, 250, 500, 1_000, 2_000, 5_000)  # around a place; within one ring, the most urgent request comes first
PIECES_M = 1_500.0  # lines of one name closer than this are one road

_PAIR = re.compile(
    r"""\s*[(\[]?\s*
    (?P<a>[+-]?\d{1,3}(?:\.\d+)?)\s*°?\s*(?P<a_side>[NSEW])?
    \s*[,;\s]\s*
    (?P<b>[+-]?\d{1,3}(?:\.\d+)?)\s*°?\s*(?P<b_side>[NSEW])?
    \s*[)\]]?\s*""",
    re.VERBOSE | re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class PlaceHit:
    """A place that was found: degrees WGS 84, and its bounding box, west > east across 180 (None for a point)."""

    kind: Literal["coordinates", "place"]
    name: str
    about: str
    lon: float
    lat: float
    box: Extent | None = None
    how: How = "written"
    called: str = ""  # the name that was found, in the language that was typed
    shape: BaseGeometry | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class SearchResult:
    """Places, and rows of reports on the board of `revision`: `written` rows that say the words, then those nearly so.

    Both parts have the newest first. `words` are the spellings in the second one; `place_first`: the query names the
    first place rather than words of reports.
    """

    places: tuple[PlaceHit, ...] = ()
    rows: tuple[int, ...] = ()
    revision: int = 0
    written: int = 0
    words: tuple[str, ...] = ()
    place_first: bool = False


@dataclass(frozen=True, slots=True)
class NearPlace:
    """The unanswered requests around a place, by distance and urgency; the first `inside` of them are in it."""

    queue: Queue
    inside: int


def search(views: Views, person: Person, query: str) -> SearchResult:
    """Return all matches. Raises Invalid for a query too long, and for coordinates out of range."""
    query = " ".join(query.split())
    check_length("search", query, MAX_QUERY)
    if not query:
        return SearchResult()
    board = views.situation.board(audience_of(person))
    places = tuple(find_places(views, query, misspelt=True))
    if any(place.kind == "coordinates" for place in places):
        return SearchResult(places, (), board.revision, place_first=True)
    rows, written, words = _reports(views, person, board, query)
    named = bool(places) and name_key(query) == name_key(places[0].called)
    return SearchResult(places, rows, board.revision, written, words, bool(places) and (named or not written))


def near_place(views: Views, person: Person, place: PlaceHit) -> NearPlace:
    """Return unanswered requests in and around a place: those in it, then ring by ring, the most urgent first in each.

    Within a ring the order is that of the list of requests. Requests without a place of their own are left out.
    """
    audience = audience_of(person)
    board = views.situation.board(audience)

    def make() -> NearPlace:
        shape = place.shape if place.shape is not None else shapely.Point(place.lon, place.lat)
        waiting = board.unanswered_rows
        rings = rings_around(board.waiting, shape, (place.lon, place.lat), RINGS_M)
        rows = ordered_rows(board, waiting[rings < len(RINGS_M)], views.situation.rules.ranking)
        rings = rings[waiting.searchsorted(rows)]
        rows = rows[np.argsort(rings, kind="stable")]
        rows.flags.writeable = False
        return NearPlace(Queue(board, rows), int(np.count_nonzero(rings == 0)))

    return views.caches.lists.get((audience, place), make, stamp=IdentityKey(board))


def coordinates(query: str, extent: Extent | None) -> PlaceHit | None:
    """Return the point of two numbers: latitude first, as people write it, unless only the other order is plausible.

    None if the query is not a pair of numbers. Raises Invalid for one out of range.
    """
    match = _PAIR.fullmatch(query)
    if match is None:
        return None
    a, b = float(match["a"]), float(match["b"])
    sides = ((match["a_side"] or "").upper(), (match["b_side"] or "").upper())
    if sides[0] in ("S", "W"):
        a = -abs(a)
    if sides[1] in ("S", "W"):
        b = -abs(b)
    swapped = sides[0] in ("E", "W") or sides[1] in ("N", "S")
    if not any(sides):
        swapped = abs(a) > 90 or _only_plausible_swapped(a, b, extent)
    lat, lon = (b, a) if swapped else (a, b)
    check_coordinates(lon, lat)
    return PlaceHit("coordinates", f"{lat:g}, {lon:g}", "latitude, longitude", lon, lat)


def _written(query: str, extent: Extent | None) -> PlaceHit | None:
    """Return the point that a link, a code or degrees in another form give; None without any."""
    found = find_coordinates(query, extent)
    if not found:
        return None
    best = max(found, key=lambda each: each.confidence)
    return PlaceHit("coordinates", f"{best.lat:g}, {best.lon:g}", best.reason, best.lon, best.lat)


def _only_plausible_swapped(a: float, b: float, extent: Extent | None) -> bool:
    """Return whether the pair lies in the incident only when read as longitude, latitude."""
    if extent is None or abs(b) > 90:
        return False
    return within(a, b, extent, 0.5) and not (abs(a) <= 90 and within(b, a, extent, 0.5))


def find_places(views: Views, query: str, most: int = PLACES, *, misspelt: bool = False) -> list[PlaceHit]:
    """Return the point of typed coordinates or of a link, or else the layer features whose names contain every word.

    Accents, case and signs do not matter. Names that begin with the query come first; without any, names that sound
    like it, in whatever script, and before those, if wanted, names that the query may misspell. Raises Invalid for
    coordinates out of range.
    """
    extent = views.situation.extent
    point = coordinates(query, extent) or _written(query, extent)
    if point is not None:
        return [point]
    hits = list(islice(_named(views, query, misspelt=misspelt), most))
    labels = [(hit.name, hit.about) for hit in hits]
    return [
        replace(hit, about=f"{hit.about} · near {hit.lat:.3f}, {hit.lon:.3f}") if labels.count(label) > 1 else hit
        for hit, label in zip(hits, labels, strict=True)
    ]


def index_places(views: Views) -> list[PlaceNames]:
    """Return the names of all layers; what has changed since the last call is indexed now."""
    # Areas first: of a ward and a point of one name, the ward has the requests.
    layers = sorted(views.situation.layers.values(), key=lambda version: version.layer.role is not Role.AREA)
    return views.caches.place_names.of(layers)


def _named(views: Views, query: str, *, misspelt: bool) -> Iterator[PlaceHit]:
    """Yield places by their names, best first; a feature, and a road that comes in pieces, only once."""
    found = ((match, names) for names in index_places(views) for match in names.search.find(query))
    seen: set[int] = set()
    roads: list[PlaceHit] = []
    for match, names in best_matches(found):
        called, feature = names.features[match.number]
        if id(feature) in seen or (match.how == "misspelt" and not misspelt):
            continue
        seen.add(id(feature))
        hit = _hit(called, feature, names.title, match.how)
        if hit.shape is not None and hit.shape.geom_type.endswith("LineString"):
            if any(_is_piece(hit, other) for other in roads):
                continue
            roads.append(hit)
        yield hit


def _hit(called: str, feature: Feature, title: str, how: How) -> PlaceHit:
    shape = feature.geometry
    assert shape is not None  # noqa: S101 - `PlaceNames` leaves out features without one
    inner = shape.representative_point()
    name = feature.name.strip() or called
    about = title if name_key(called) == name_key(name) else f"{called} · {title}"
    return PlaceHit("place", name, about, inner.x, inner.y, feature.bounds(), how, called, shape)


def _is_piece(hit: PlaceHit, other: PlaceHit) -> bool:
    same = (hit.name, hit.about) == (other.name, other.about)
    return same and distance_m(hit.lon, hit.lat, other.lon, other.lat) < PIECES_M


def _reports(views: Views, person: Person, board: Board, query: str) -> tuple[tuple[int, ...], int, tuple[str, ...]]:
    """Return rows whose text or place text has every word, how many of them as typed, and the corrected words."""
    typed = list(dict.fromkeys(searched_words(query)))
    index = views.searched[audience_of(person)]
    index.follow(board)
    found = index.find(typed, board.n)
    written = [row for row, _ in islice(_saying(views.situation, board, found.written, typed, {}), REPORTS)]
    words = {word: frozenset(near) for word, near in found.words.items() if not written or len(word) >= SURE}
    nearly = list(islice(_saying(views.situation, board, found.corrected, typed, words), REPORTS))
    spellings = dict.fromkeys(word for _, meant in nearly for word in meant)
    return (*written, *(row for row, _ in nearly)), len(written), tuple(spellings)


def _saying(
    situation: Situation, board: Board, rows: Rows, typed: list[str], near: dict[str, frozenset[str]]
) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows that really have each typed word, or one near it, with the words that were corrected."""
    for row in rows.tolist():
        [text] = texts(situation.heap, board, [row])
        words = set(searched_words(text))
        meant: list[str] = []
        for word in typed:
            if not fitting(word, words):
                others = near.get(word, frozenset()) & words
                if not others:
                    break
                meant += sorted(others)
        else:
            yield row, meant
