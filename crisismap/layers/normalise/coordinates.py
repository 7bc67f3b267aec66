"""Conversion of GeoJSON geometries to shapely, with errors where shapely would guess or crash."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from shapely.geometry import (
    GeometryCollection,
    LinearRing,
    LineString,
    MultiLineString,
    MultiPoint,
    MultiPolygon,
    Point,
    Polygon,
)
from shapely.geometry.base import BaseGeometry

_MAX_DEPTH = 8  # of nested collections; real data has fewer


class BadGeometry(ValueError):
    """A geometry that is invalid, with the reason as text."""


class Builder:
    """Builds one geometry; afterwards `repaired` is whether a ring had to be closed."""

    def __init__(self) -> None:
        self.repaired = False
        self._makers: dict[str, Callable[[Any], BaseGeometry]] = {
            "Point": self._point,
            "LineString": self._line,
            "Polygon": self._polygon,
            "MultiPoint": lambda c: MultiPoint([self._point(p) for p in _items(c)]),
            "MultiLineString": lambda c: MultiLineString([self._line(p) for p in _items(c)]),
            "MultiPolygon": lambda c: MultiPolygon([self._polygon(p) for p in _items(c)]),
        }

    def build(self, geometry: Any, depth: int = 0) -> BaseGeometry | None:
        """Return the geometry, 2D; None for null and for empty coordinates. Raises BadGeometry."""
        if geometry is None:
            return None
        if not isinstance(geometry, dict):
            raise BadGeometry("the geometry is not an object")
        kind = geometry.get("type")
        if kind == "GeometryCollection":
            return self._collection(geometry.get("geometries"), depth)
        maker = self._makers.get(kind) if isinstance(kind, str) else None
        if maker is None:
            raise BadGeometry(f"there is no geometry of type {str(kind)[:40]}")
        coordinates = geometry.get("coordinates")
        return None if coordinates == [] else maker(coordinates)

    def _collection(self, parts: Any, depth: int) -> BaseGeometry | None:
        if depth >= _MAX_DEPTH:
            raise BadGeometry("geometry collections are nested too deeply")
        members = [self.build(part, depth + 1) for part in _items(parts)]
        present = [part for part in members if part is not None]
        return GeometryCollection(present) if present else None

    def _point(self, coordinates: Any) -> Point:
        return Point(positions([coordinates])[0])

    def _line(self, coordinates: Any) -> LineString:
        points = positions(coordinates)
        if len(points) < 2:
            raise BadGeometry("a line needs two positions")
        return LineString(points)

    def _polygon(self, coordinates: Any) -> Polygon:
        rings = [self._ring(ring) for ring in _items(coordinates)]
        if not rings:
            raise BadGeometry("a polygon needs a ring")
        return Polygon(rings[0], rings[1:])

    def _ring(self, coordinates: Any) -> LinearRing:
        points = positions(coordinates)
        if len(points) and not np.array_equal(points[0], points[-1]):
            points = np.vstack([points, points[:1]])
            self.repaired = True
        if len(points) < 4:
            raise BadGeometry("a polygon's ring needs three different positions")
        return LinearRing(points)


def build(geometry: Any) -> tuple[BaseGeometry | None, str, bool]:
    """Return a geometry or the reason why it is invalid, and whether a ring had to be closed."""
    builder = Builder()
    try:
        return builder.build(geometry), "", builder.repaired
    except BadGeometry as error:
        return None, str(error), builder.repaired


def positions(coordinates: Any) -> NDArray[np.float64]:
    """Return a list of positions as an array (n, 2): lon, lat; height and measure are dropped."""
    rows = _items(coordinates)
    try:
        array = np.asarray(rows)
    except ValueError:  # ragged: heights on some positions only
        array = np.asarray([], dtype=object)
    if array.ndim == 2 and array.shape[1] >= 2 and array.dtype.kind in "iuf":
        points = np.asarray(array[:, :2], dtype=np.float64)
        if not ((points == 0) | (points == 1)).any():  # which true and false would be as well
            return points
    return np.asarray([_position(row) for row in rows], dtype=np.float64).reshape(-1, 2)


def _position(row: Any) -> tuple[float, float]:
    if not isinstance(row, list) or len(row) < 2:
        raise BadGeometry(f"a position needs two numbers (got {str(row)[:40]})")
    for number in row[:2]:
        if isinstance(number, bool) or not isinstance(number, int | float):
            raise BadGeometry(f"coordinates must be numbers (got {str(row)[:40]})")
    try:
        return float(row[0]), float(row[1])
    except OverflowError:
        raise BadGeometry("coordinates must be finite numbers") from None


def _items(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise BadGeometry(f"coordinates must be a list (got {str(value)[:40]})")
    return value
