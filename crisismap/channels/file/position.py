"""The place of a row: a geometry, columns of longitude and latitude, or one cell with both in any usual notation."""

from __future__ import annotations

import json
import re
from typing import Any

import msgspec
import shapely
from shapely.errors import ShapelyError
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from crisismap.core.place.coordinates import find_coordinates
from crisismap.core.place.degrees import degrees
from crisismap.core.place.place import Extent, within

_GEOMETRY_ERRORS = (
    *(ShapelyError, ArithmeticError, AttributeError, LookupError),
    *(TypeError, ValueError, RecursionError),
)
_WKT = re.compile(r"(?:SRID=(?:4326|0);)?\s*((?:MULTI)?(?:POINT|LINESTRING|POLYGON)|GEOMETRYCOLLECTION)\s*[ZM(]", re.I)
_WKB = re.compile(r"0[01][0-9A-F]{40,}", re.IGNORECASE)
_WITH_HEIGHT = re.compile(r"([+-]?\d+\.\d+)[ ,]+([+-]?\d+\.\d+)(?:[ ,]+-?\d+(?:\.\d+)?){1,2}")
_SEPARATORS = (";", ",", " ", "/", "\t", "|")
Point = tuple[Any, Any]  # longitude, latitude: numbers, or what stands in their place


def point_of_geometry(geometry: Any) -> Point | None:
    """Return the coordinates of a point as they are, of a line or area a point on or inside it; None for no geometry.

    Raises ValueError when it cannot be read.
    """
    if not isinstance(geometry, dict):
        raise ValueError("not an object")
    if geometry.get("type") == "Point":
        match geometry.get("coordinates"):
            case [lon, lat, *_]:
                return lon, lat
            case []:
                return None
        raise ValueError("a point needs two numbers")
    try:
        return _inside(shape(geometry))
    except _GEOMETRY_ERRORS as error:
        raise ValueError("not a geometry") from error


def point_of_cell(text: str, extent: Extent | None) -> tuple[Point | None, bool]:
    """Return the point that a cell describes, and whether the cell says more than that point.

    Well-known text, hexadecimal WKB, GeoJSON (also `[lon, lat]`), "lat, lon" with an optional height and accuracy, plus
    codes, `geo:` addresses and coordinates within a text or link are understood. `extent` decides between two orders.
    """
    plain = text.strip()
    point = _encoded(plain) or _pair(plain, extent)
    if point is not None:
        return point, False
    found = find_coordinates(plain, extent)
    if len(found) != 1:
        return None, True
    return (found[0].lon, found[0].lat), plain != found[0].quote


def _encoded(text: str) -> Point | None:
    try:
        if match := _WKT.match(text):
            return _inside(shapely.from_wkt(text[match.start(1) :]))
        if _WKB.fullmatch(text):
            return _inside(shapely.from_wkb(text))
        if text[:1] not in ("{", "["):
            return None
        document = msgspec.json.decode(text)
        geometry = document.get("geometry", document) if isinstance(document, dict) else document
        geometry = {"type": "Point", "coordinates": geometry} if isinstance(geometry, list) else geometry
        return point_of_geometry(geometry)
    except (*_GEOMETRY_ERRORS, msgspec.DecodeError):
        return None


def _pair(text: str, extent: Extent | None) -> Point | None:
    """Return two numbers as latitude, longitude; in the other order when only that is possible."""
    bare = text.strip("()[] ")
    if match := _WITH_HEIGHT.fullmatch(bare):
        bare = f"{match[1]} {match[2]}"
    for separator in _SEPARATORS:
        parts = [part.strip() for part in bare.split(separator) if part.strip()]
        if len(parts) != 2:
            continue
        for (lat, lon), turned in (((parts[0], parts[1]), False), ((parts[1], parts[0]), True)):
            point = degrees(lon, "lon"), degrees(lat, "lat")
            if None not in point and _fits(point, extent, turned=turned):
                return point
    return None


def _fits(point: Point, extent: Extent | None, *, turned: bool) -> bool:
    lon, lat = point
    if abs(lat) > 90 or abs(lon) > 180:
        return False
    if extent is None or turned:
        return True
    return within(lon, lat, extent) or abs(lon) > 90 or not within(lat, lon, extent)


def _inside(geometry: BaseGeometry) -> Point | None:
    if geometry.is_empty:
        return None
    area = geometry if geometry.is_valid else shapely.make_valid(geometry)
    point = area.representative_point()
    return float(point.x), float(point.y)


def geometry_text(geometry: Any) -> str:
    """Return a geometry that cannot be read as text, for people."""
    return json.dumps(geometry, ensure_ascii=False, default=str)
