"""Positions: the point that represents the geometry of a row.

A report has a point. A line or an area is replaced by a point on or inside it and is not stored: a second geometry
would have to be redacted, merged and exported with every report, and no other channel has one.
"""

from __future__ import annotations

from typing import Any

import shapely
from shapely.errors import ShapelyError
from shapely.geometry import shape

from crisismap.channels.file.mapping import ReportMapping
from crisismap.channels.file.raw_row import RawRow
from crisismap.channels.file.values import finite, lookup, number_of
from crisismap.core.errors import Invalid
from crisismap.core.place.place import check_coordinates


def position_of(found: RawRow, mapping: ReportMapping | None) -> dict[str, float]:
    """Return lon and lat as members of the body, nothing for a row without a place. Raises Invalid."""
    if found.geometry is not None:
        lon, lat = _point(found.geometry)
        check_coordinates(lon, lat)
        return {"lon": lon, "lat": lat}
    names = (mapping.lon, mapping.lat) if mapping and mapping.lon else ("lon", "lat")
    values = [number_of(name, lookup(found.properties, name)) for name in names]
    check_coordinates(*values)
    return {key: value for key, value in zip(("lon", "lat"), values, strict=True) if value is not None}


def _point(geometry: Any) -> tuple[float, float]:
    """Return the position of a point, a point on a line, a point inside an area."""
    if not isinstance(geometry, dict):
        raise Invalid("geometry", geometry, "not_a_geometry")
    if geometry.get("type") == "Point":
        match geometry.get("coordinates"):
            case [lon, lat, *_]:
                return finite("lon", lon), finite("lat", lat)
        raise Invalid("geometry", geometry, "point_needs_two")
    try:
        drawn = shape(geometry)
        if not drawn.is_valid:
            drawn = shapely.make_valid(drawn)
        point = drawn.representative_point()
        return float(point.x), float(point.y)
    except (ShapelyError, ArithmeticError, AttributeError, LookupError, TypeError, ValueError, RecursionError):
        raise Invalid("geometry", geometry, "geometry_unreadable") from None
