"""Places of feed entries: GeoRSS (simple and GML) and the older geo:lat and geo:long. Runs in the sandbox.

Sources: the OGC GeoRSS standard 1.0 (latitude first, radius of a circle in metres), W3C Basic Geo. The feed parser
keeps only the last place of an entry, so places are read from the elements themselves.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from xml.etree.ElementTree import Element

import pyproj  # noqa: F401 - circles need it, and the sandbox lets nothing be loaded later

from crisismap.core.errors import shorten
from crisismap.core.place.geodesy import circle
from crisismap.layers.formats.cap import local_name

_NAMESPACES = ("georss.org/georss", "opengis.net/gml")  # parts of the namespaces of places
_CIRCLE_POINTS = 64
_LONGEST_RADIUS_M = 20_000_000.0
_SEPARATORS = re.compile(r"[\s,;]+")
_NUMBERS = ("posList", "pos", "coordinates", "lowerCorner", "upperCorner")  # elements of GML with numbers

Geometry = dict[str, Any]
Ring = list[list[float]]


def places(entry: Element) -> tuple[Geometry | None, list[str]]:
    """Return all places of an entry as one GeoJSON geometry, and a phrase for each that cannot be read.

    An empty element gives neither. geo:lat and geo:long count only where there is no GeoRSS, as publishers write the
    same point in both.
    """
    elements = [
        (local_name(node), texts)
        for node in entry.iter()
        if local_name(node) in _READERS and any(name in node.tag for name in _NAMESPACES) and (texts := _texts(node))
    ]
    if not elements:
        pair = [" ".join(_inside(entry, names)[:1]) for names in (("lat",), ("long", "lon"))]
        elements = [("point", [" ".join(pair)])] if any(pair) else []
    attributes = {(name, value.rpartition(":")[2]) for node in entry.iter() for name, value in node.attrib.items()}
    found: list[Geometry] = []
    problems: list[str] = []
    for kind, texts in elements:
        try:
            parts = [_numbers(text, attributes if kind[0].isupper() else set()) for text in texts]
            geometry = _READERS[kind](*parts)
        except ValueError:
            problems.append(f"{kind} {shorten(texts[0], 60)!r} cannot be read")
            continue
        if geometry not in found:
            found.append(geometry)
    return _together(found), problems


def _together(found: list[Geometry]) -> Geometry | None:
    if len(found) < 2:
        return found[0] if found else None
    kinds = {geometry["type"] for geometry in found}
    if len(kinds) > 1:
        return {"type": "GeometryCollection", "geometries": found}
    return {"type": f"Multi{kinds.pop()}", "coordinates": [geometry["coordinates"] for geometry in found]}


def _texts(node: Element) -> list[str]:
    """Return the texts of one place: of a polygon in GML one a ring, the outer one first."""
    if local_name(node) == "Polygon":
        rings = [" ".join(_inside(ring, _NUMBERS)) for ring in node.iter() if local_name(ring) == "LinearRing"]
        return [ring for ring in rings if ring]
    text = " ".join(_inside(node, _NUMBERS)) if local_name(node)[0].isupper() else (node.text or "").strip()
    return [text] if text else []


def _inside(node: Element, names: tuple[str, ...]) -> list[str]:
    """Return the texts of the elements inside with one of these names, without empty ones."""
    return [text for each in node.iter() if local_name(each) in names and (text := (each.text or "").strip())]


def _numbers(text: str, attributes: set[tuple[str, str]]) -> list[float]:
    """Return latitudes and longitudes in turn; `attributes` say whether GML has heights, or longitudes first."""
    numbers = [float(part) for part in _SEPARATORS.split(text.strip(" \t\r\n,;"))]
    if ("srsDimension", "3") in attributes:
        numbers = [number for place, number in enumerate(numbers) if place % 3 < 2]
    if ("srsName", "CRS84") in attributes:
        numbers = [numbers[place ^ 1] for place in range(len(numbers) // 2 * 2)]
    return numbers


def _positions(numbers: list[float], least: int) -> Ring:
    """Return lon, lat pairs. Raises ValueError for an odd count, or for fewer than `least` pairs."""
    if len(numbers) % 2 or len(numbers) < 2 * least:
        raise ValueError("not that many pairs")
    return [[lon, lat] for lat, lon in zip(numbers[::2], numbers[1::2], strict=True)]


def _point(numbers: list[float]) -> Geometry:
    ((lon, lat),) = _positions(numbers[:2] if len(numbers) == 3 else numbers, 1)  # the third is a height
    return {"type": "Point", "coordinates": [lon, lat]}


def _line(numbers: list[float]) -> Geometry:
    return {"type": "LineString", "coordinates": _positions(numbers, 2)}


def _polygon(*rings: list[float]) -> Geometry:
    return {"type": "Polygon", "coordinates": [_positions(ring, 3) for ring in rings]}


def _box(numbers: list[float]) -> Geometry:
    (west, south), (east, north) = _positions(numbers, 2)
    return {"type": "Polygon", "coordinates": [[[west, south], [east, south], [east, north], [west, north]]]}


def _circle(numbers: list[float]) -> Geometry:
    lat, lon, radius_m = numbers
    if not (abs(lat) <= 90 and abs(lon) <= 180 and 0 < radius_m <= _LONGEST_RADIUS_M):
        raise ValueError("no circle on the Earth")
    return {"type": "Polygon", "coordinates": [circle(lon, lat, radius_m, _CIRCLE_POINTS).tolist()]}


# Elements by their local names; those of GML begin with a capital letter.
_READERS: dict[str, Callable[..., Geometry]] = {
    "point": _point,
    "line": _line,
    "polygon": _polygon,
    "box": _box,
    "circle": _circle,
    "Point": _point,
    "LineString": _line,
    "Polygon": _polygon,
    "Envelope": _box,
}
