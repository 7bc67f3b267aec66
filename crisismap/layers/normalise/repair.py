"""Repair of geometries: in range, finite, two-dimensional, valid."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.affinity import translate
from shapely.geometry.base import BaseGeometry

_LINES, _POLYGONS = (1, 2, 5), (3, 6)  # shapely type ids, single, ring and multi
_TURN = 360.0  # degrees; programs that draw across 180 continue longitudes: 181 instead of -179
_SLACK = 1e-9  # degrees; rounding may put a reprojected corner beyond the pole or the date line


@dataclass(frozen=True, slots=True)
class RepairResult:
    """One geometry after repair; `problem` is why it is refused, `repaired` whether it was changed."""

    geometry: BaseGeometry | None
    problem: str = ""
    repaired: bool = False


def in_degrees(geometries: NDArray[np.object_], limit: float = 180.0) -> NDArray[np.bool_]:
    """Return for each geometry whether it lies within `limit` degrees of longitude and 90 of latitude.

    True for missing ones; false where a coordinate is not finite.
    """
    points, owner = shapely.get_coordinates(geometries, return_index=True)
    with np.errstate(invalid="ignore"):
        good = (np.abs(points[:, 0]) <= limit + _SLACK) & (np.abs(points[:, 1]) <= 90 + _SLACK)
    inside = np.ones(len(geometries), dtype=bool)
    inside[owner[~good]] = False
    return inside


def runs_past_180(geometries: NDArray[np.object_]) -> NDArray[np.bool_]:
    """Return for each geometry whether it is in range if longitudes may continue by one turn; true for missing ones."""
    west, _, east, _ = shapely.bounds(geometries).T
    with np.errstate(invalid="ignore"):
        once: NDArray[np.bool_] = in_degrees(geometries, _TURN) & ~(east - west > _TURN)
    return once


def check(geometries: NDArray[np.object_]) -> list[RepairResult]:
    """Return each geometry made valid, or the reason why it cannot be."""
    flat = shapely.force_2d(geometries)
    inside, valid, empty = in_degrees(flat), shapely.is_valid(flat), shapely.is_empty(flat)
    runs_on = runs_past_180(flat) & ~inside
    results = []
    for index, geometry in enumerate(flat):
        if geometry is None or empty[index]:
            results.append(RepairResult(None, "no geometry"))
        elif runs_on[index]:
            result = RepairResult(geometry) if valid[index] else _repair(geometry)
            cut = None if result.geometry is None else _cut_at_180(result.geometry)
            results.append(result if cut is None else RepairResult(cut, repaired=True))
        elif not inside[index]:
            results.append(RepairResult(None, "coordinates outside longitude +-180, latitude +-90"))
        elif valid[index]:
            results.append(RepairResult(geometry))
        else:
            results.append(_repair(geometry))
    return results


def _cut_at_180(geometry: BaseGeometry) -> BaseGeometry:
    """Cut a geometry at 180 degrees as RFC 7946 requires, and move the part beyond to the other side."""
    kind = int(shapely.get_type_id(geometry))
    kinds = next((each for each in (_LINES, _POLYGONS) if kind in each), (kind,))
    pieces = []
    for turn in (-_TURN, 0.0, _TURN):
        piece = shapely.intersection(geometry, shapely.box(turn - 180, -90, turn + 180, 90))
        # A polygon that only touches the cut leaves a line there, which is not part of it.
        part = None if piece.is_empty else _parts_of(piece, kinds)
        if part is not None:
            pieces.append(translate(part, xoff=-turn))
    return pieces[0] if len(pieces) == 1 else shapely.union_all(pieces)


def _repair(geometry: BaseGeometry) -> RepairResult:
    """Return a valid geometry of the same dimension; "structure" keeps overlaps, the older method drops them."""
    why = shapely.is_valid_reason(geometry).partition("[")[0].strip().lower() or "invalid"
    kind = shapely.get_type_id(geometry)
    if kind in _POLYGONS:
        result = _parts_of(shapely.make_valid(geometry, method="structure", keep_collapsed=False), _POLYGONS)
    elif kind in _LINES:
        result = _parts_of(shapely.make_valid(geometry), _LINES)
    else:
        result = shapely.make_valid(geometry)
    if result is None or result.is_empty:
        return RepairResult(None, f"geometry beyond repair ({why})")
    return RepairResult(result, repaired=True)


def _parts_of(geometry: BaseGeometry, kinds: tuple[int, ...]) -> BaseGeometry | None:
    """Return the parts of these types, as one geometry."""
    if shapely.get_type_id(geometry) in kinds:
        return geometry
    parts = [part for part in shapely.get_parts(geometry) if shapely.get_type_id(part) in kinds]
    return shapely.union_all(parts) if parts else None
