"""The place of a feature of a file: a point, or one on its line or inside its area."""

from __future__ import annotations

import json
from typing import Any

from shapely.geometry import shape

from crisismap.core.place.cell import GEOMETRY_ERRORS, inner_point

Position = tuple[Any, Any]  # longitude, latitude: numbers, or what stands in their place


def point_of_geometry(geometry: Any) -> Position | None:
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
        return inner_point(shape(geometry))
    except GEOMETRY_ERRORS as error:
        raise ValueError("not a geometry") from error


def geometry_text(geometry: Any) -> str:
    """Return a geometry that cannot be read as text, for people."""
    return json.dumps(geometry, ensure_ascii=False, default=str)
