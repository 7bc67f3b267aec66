"""Search in report text, names of places in layers, and coordinates, for one audience.

Only the audience's own columns are searched, newest first, so nobody finds text they may not read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
from shapely.geometry.base import BaseGeometry

from crisismap.core.layer.layer import Feature, LayerVersion
from crisismap.core.people.person import Person
from crisismap.core.place.place import Extent, check_coordinates, within
from crisismap.core.text.storable import check_length
from crisismap.services.runtime.context import audience_of
from crisismap.situation.board.board import Board
from crisismap.situation.situation import Situation

MAX_QUERY = 200  # characters
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
    """A place that was found: degrees WGS 84, and its bounding box (None for a point)."""

    kind: Literal["coordinates", "place"]
    name: str
    about: str
    lon: float
    lat: float
    box: Extent | None = None


@dataclass(frozen=True, slots=True)
class SearchResult:
    """Places, and rows of reports (newest first) on the board of `revision`."""

    spots: tuple[PlaceHit, ...] = ()
    rows: tuple[int, ...] = ()
    revision: int = 0


def search(situation: Situation, person: Person, query: str) -> SearchResult:
    """Return all matches. Raises Invalid for a query too long, and for coordinates out of range."""
    query = " ".join(query.split())
    check_length("search", query, MAX_QUERY)
    if not query:
        return SearchResult()
    board = situation.board(audience_of(person))
    spot = coordinates(query, situation.extent)
    if spot is not None:
        return SearchResult((spot,), (), board.revision)
    words = query.casefold().split()
    spots = places(list(situation.layers.values()), words)
    return SearchResult(tuple(spots), tuple(_reports(situation, board, words)), board.revision)


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
    turned = sides[0] in ("E", "W") or sides[1] in ("N", "S")
    if not any(sides):
        turned = abs(a) > 90 or _only_plausible_swapped(a, b, extent)
    lat, lon = (b, a) if turned else (a, b)
    check_coordinates(lon, lat)
    return PlaceHit("coordinates", f"{lat:g}, {lon:g}", "latitude, longitude", lon, lat)


def _only_plausible_swapped(a: float, b: float, extent: Extent | None) -> bool:
    """Return whether the pair lies in the incident only when read as longitude, latitude."""
    if extent is None or abs(b) > 90:
        return False
    return within(a, b, extent, 0.5) and not (abs(a) <= 90 and within(b, a, extent, 0.5))


def places(layers: list[LayerVersion], words: list[str], limit: int = PLACES) -> list[PlaceHit]:
    """Return layer features whose names contain every word; names that begin with the query first."""
    query = " ".join(words)
    found: list[tuple[tuple[bool, int, str], int, Feature, str, BaseGeometry]] = []
    for version in layers:
        for feature in version.features:
            name = feature.name.casefold()
            if not name or feature.geometry is None or feature.geometry.is_empty:
                continue
            if all(word in name for word in words):
                order = (not name.startswith(query), len(name), name)
                found.append((order, len(found), feature, version.layer.title, feature.geometry))
    found.sort(key=lambda each: each[:2])
    return [_spot(feature.name, title, geometry) for _, _, feature, title, geometry in found[:limit]]


def _spot(name: str, title: str, geometry: BaseGeometry) -> PlaceHit:
    inner = geometry.representative_point()
    return PlaceHit("place", name, title, inner.x, inner.y, geometry.bounds)


def _reports(situation: Situation, board: Board, words: list[str]) -> Iterator[int]:
    """Return rows whose text or place text contains every word."""
    take = situation.heap.take
    spoken = np.flatnonzero((board["text_len"] > 2) | (board["words_len"] > 2))[::-1][:MAX_READ]
    columns = (board[name][spoken].tolist() for name in ("text_at", "text_len", "words_at", "words_len"))
    count = 0
    for row, text_at, text_len, words_at, words_len in zip(spoken.tolist(), *columns, strict=True):
        raw = take(text_at, text_len) + b" " + take(words_at, words_len)
        said = raw.decode().casefold()
        if all(word in said for word in words):
            yield row
            count += 1
            if count == REPORTS:
                return
