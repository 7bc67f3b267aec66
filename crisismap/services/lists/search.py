"""Search in report text, names of places in layers, and coordinates, for one audience.

Only the audience's own columns are searched, newest first, so nobody finds text they may not read.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Literal

import numpy as np
from shapely.geometry.base import BaseGeometry

from crisismap.core.layer.layer import Feature
from crisismap.core.people.person import Person
from crisismap.core.place.coordinates import find_coordinates
from crisismap.core.place.place import Extent, check_coordinates, within
from crisismap.core.text.names import fold_accents, name_key, sounds_like
from crisismap.core.text.storable import check_length
from crisismap.services.runtime.context import audience_of
from crisismap.situation.board.board import Board
from crisismap.situation.situation import Situation

MAX_QUERY = 500  # characters; the link of a place in a map is long
MAX_READ = 200_000  # reports whose text one search reads, newest first
PLACES = 8
REPORTS = 100

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


@dataclass(frozen=True, slots=True)
class SearchResult:
    """Places, and rows of reports (newest first) on the board of `revision`."""

    places: tuple[PlaceHit, ...] = ()
    rows: tuple[int, ...] = ()
    revision: int = 0


def search(situation: Situation, person: Person, query: str) -> SearchResult:
    """Return all matches. Raises Invalid for a query too long, and for coordinates out of range."""
    query = " ".join(query.split())
    check_length("search", query, MAX_QUERY)
    if not query:
        return SearchResult()
    board = situation.board(audience_of(person))
    places = tuple(find_places(situation, query))
    at_point = any(place.kind == "coordinates" for place in places)
    rows = () if at_point else tuple(islice(_reports(situation, board, fold_accents(query).split()), REPORTS))
    return SearchResult(places, rows, board.revision)


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


def find_places(situation: Situation, query: str, most: int = PLACES) -> list[PlaceHit]:
    """Return the point of typed coordinates or of a link, or else the layer features whose names contain every word.

    Accents, case and signs do not matter. Names that begin with the query come first; without any, names that sound
    like it, in whatever script. Raises Invalid for coordinates out of range.
    """
    point = coordinates(query, situation.extent) or _written(query, situation.extent)
    if point is not None:
        return [point]
    begin = name_key(query)
    words = begin.split()

    def has_all_words(name: str) -> bool:
        key = name_key(name)
        return bool(words) and all(word in key for word in words)

    matches = _named(situation, has_all_words)
    if not matches:
        matches = _named(situation, lambda name: sounds_like(query, name))
    matches.sort(key=lambda each: (not name_key(each[0].name).startswith(begin), len(each[0].name), each[0].name))
    found = ((f, title, shape.representative_point()) for f, title, shape in matches[:most])
    return [PlaceHit("place", f.name, title, inner.x, inner.y, f.bounds()) for f, title, inner in found]


def _named(situation: Situation, fits: Callable[[str], bool]) -> list[tuple[Feature, str, BaseGeometry]]:
    """Return the features with a place whose name fits, with the titles of their layers."""
    return [
        (feature, version.layer.title, geometry)
        for version in situation.layers.values()
        for feature in version.features
        if feature.name and (geometry := feature.geometry) is not None and not geometry.is_empty and fits(feature.name)
    ]


def _reports(situation: Situation, board: Board, words: list[str]) -> Iterator[int]:
    """Return rows whose text or place text contains every word."""
    read_text = situation.heap.take
    rows = np.flatnonzero((board["text_len"] > 2) | (board["place_text_len"] > 2))[::-1][:MAX_READ]
    columns = (board[name][rows].tolist() for name in ("text_at", "text_len", "place_text_at", "place_text_len"))
    for row, text_at, text_len, place_text_at, place_text_len in zip(rows.tolist(), *columns, strict=True):
        raw = read_text(text_at, text_len) + b" " + read_text(place_text_at, place_text_len)
        text = raw.decode().casefold() if raw.isascii() else fold_accents(raw.decode())
        if all(word in text for word in words):
            yield row
