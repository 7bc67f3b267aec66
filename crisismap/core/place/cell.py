"""A place in one cell of a table: well-known text, WKB, GeoJSON, or two coordinates in any usual notation; pure."""

from __future__ import annotations

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

WGS84 = "4326"
GEOMETRY_ERRORS = (
    *(ShapelyError, ArithmeticError, AttributeError, LookupError),
    *(TypeError, ValueError, RecursionError),
)
_WKT = re.compile(
    r"(?:SRID=(?P<srid>\d+);)?\s*"
    r"(?P<text>(?:(?:MULTI)?(?:POINT|LINESTRING|POLYGON)|LINEARRING|GEOMETRYCOLLECTION)\s*[ZME(].*)",
    re.IGNORECASE | re.DOTALL,
)
_WKB = re.compile(r"0[01][0-9A-F]{16,}", re.IGNORECASE)
_WITH_HEIGHT = re.compile(r"([+-]?\d+\.\d+)[ ,]+([+-]?\d+\.\d+)(?:[ ,]+-?\d+(?:\.\d+)?){1,2}")
_SEPARATORS = (";", ",", " ", "/", "\t", "|")
Point = tuple[float, float]  # longitude, latitude


def geometry_of_cell(text: str) -> tuple[BaseGeometry, str] | None:
    """Return the geometry that a cell writes, and the code of its coordinate system: 4326 if it names none.

    Well-known text, also with a SRID, hexadecimal WKB and GeoJSON (also a feature, or `[lon, lat]`) are understood;
    None for anything else.
    """
    plain = text.strip()
    try:
        if plain[:1] in ("{", "["):
            return shapely.force_2d(shape(_geometry_member(msgspec.json.decode(plain)))), WGS84
        if match := _WKT.fullmatch(plain):
            return shapely.from_wkt(match["text"]), _code(match["srid"] or "0")
        if _WKB.fullmatch(plain):
            found = shapely.from_wkb(plain)
            return found, _code(str(shapely.get_srid(found)))
    except (*GEOMETRY_ERRORS, msgspec.MsgspecError):
        pass  # half a geometry is none
    return None


def _geometry_member(document: Any) -> Any:
    if isinstance(document, list):
        return {"type": "Point", "coordinates": document}
    return document.get("geometry", document)


def _code(srid: str) -> str:
    return WGS84 if srid == "0" else srid


def point_of_cell(text: str, extent: Extent | None, first: str = "") -> tuple[Point | None, bool]:
    """Return the point that a cell describes, and whether the cell says more than that point.

    Geometries, "lat, lon" with an optional height and accuracy, plus codes, `geo:` addresses and coordinates within a
    text or link are understood. `extent` decides between two orders; `first` is "lat" or "lon" where only one is meant.
    """
    plain = text.strip()
    point = _point_of_geometry(plain) or _pair(plain, extent, first)
    if point is not None:
        return point, False
    found = find_coordinates(plain, extent)
    if len(found) != 1:
        return None, True
    return (found[0].lon, found[0].lat), plain != found[0].quote


def _point_of_geometry(text: str) -> Point | None:
    found = geometry_of_cell(text)
    return inner_point(found[0]) if found and found[1] == WGS84 else None


def inner_point(geometry: BaseGeometry) -> Point | None:
    """Return a point, or a point on a line or inside an area; None for an empty geometry."""
    if geometry.is_empty:
        return None
    area = geometry if geometry.is_valid else shapely.make_valid(geometry)
    point = area.representative_point()
    return float(point.x), float(point.y)


def _pair(text: str, extent: Extent | None, first: str) -> Point | None:
    """Return two numbers as latitude, longitude; in the other order when only that is possible."""
    bare = text.strip("()[] ")
    if match := _WITH_HEIGHT.fullmatch(bare):
        bare = f"{match[1]} {match[2]}"
    for separator in _SEPARATORS:
        parts = [part.strip() for part in bare.split(separator) if part.strip()]
        if len(parts) != 2:
            continue
        for (lat, lon), is_turned in (((parts[0], parts[1]), False), ((parts[1], parts[0]), True)):
            if first and is_turned != (first == "lon"):
                continue
            x, y = degrees(lon, "lon"), degrees(lat, "lat")
            if x is not None and y is not None and (first or _fits((x, y), extent, is_turned=is_turned)):
                return x, y
    return None


def _fits(point: Point, extent: Extent | None, *, is_turned: bool) -> bool:
    lon, lat = point
    if abs(lat) > 90 or abs(lon) > 180:
        return False
    if extent is None or is_turned:
        return True
    return within(lon, lat, extent) or abs(lon) > 90 or not within(lat, lon, extent)
