"""The areas that the desk is narrowed to, outlined on its map."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pydeck as pdk
import shapely

from crisismap.core.errors import Invalid
from crisismap.core.layer.layer import geometries
from crisismap.core.place.place import Extent
from crisismap.services.exports.area import box_of, features_of
from crisismap.situation.situation import Situation
from crisismap.ui.frame.session_cache import cached
from crisismap.ui.map.map import haloed_lines

DETAIL = 300  # parts of the extent that an outline still shows: finer ones cannot be seen once the map fits it
_KEY = "desk-area-outline"


def box(situation: Situation, areas: Sequence[str]) -> Extent | None:
    """Return the extent of areas by code or name; None where none of them has a geometry."""
    shapes = _shapes(situation, areas)
    return box_of(shapes) if len(shapes) else None


def layers(situation: Situation, areas: Sequence[str], *, dark: bool) -> list[pdk.Layer]:
    """Return the outlines as layers of the deck: a line with a halo; none without areas."""
    versions = tuple((version.layer.id, version.version) for version in situation.layers.values())
    paths = cached(_KEY, (versions, tuple(areas)), lambda: list(_paths(_shapes(situation, areas))))
    return haloed_lines("area-outline", paths, (6, 3), dark=dark) if paths else []


def _shapes(situation: Situation, areas: Sequence[str]) -> np.ndarray[tuple[int], np.dtype[np.object_]]:
    """Return the geometries of areas; an area whose layer is gone has none."""
    found = []
    for area in areas:
        try:
            found += features_of(situation, area)
        except Invalid:
            continue
    shapes = geometries(found)
    return shapes[~shapely.is_missing(shapes) & ~shapely.is_empty(shapes)]


def _paths(shapes: np.ndarray[tuple[int], np.dtype[np.object_]]) -> Iterator[list[list[float]]]:
    """Yield the boundary lines as lists of (lon, lat), without what is too fine to be seen."""
    if not len(shapes):
        return
    west, south, east, north = shapely.total_bounds(shapes)
    fine = max(east - west, north - south) / DETAIL
    for line in shapely.get_parts(shapely.boundary(shapely.simplify(shapes, fine))):
        yield np.round(shapely.get_coordinates(line), 6).tolist()
