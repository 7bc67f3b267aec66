"""Repair of geometries: in range, finite, two-dimensional, valid."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import LineString, MultiLineString, MultiPolygon, Polygon
from shapely.affinity import translate
from shapely.geometry.base import BaseGeometry

_LINES, _POLYGONS = (1, 2, 5), (3, 6)  # shapely type ids, single, ring and multi
_TURN = 360.0  # degrees; programs that draw across 180 continue longitudes: 181 instead of -179
_ZERO, _NEAR_ZERO = 1e-6, 2.0  # degrees; what is nearer to 0, 0 than the first is there
ZERO = "its coordinates are 0, 0"  # what systems write for a place that nobody entered
_SLACK = 1e-9  # degrees; rounding may put a reprojected corner beyond the pole or the date line


@dataclass(frozen=True, slots=True)
class RepairResult:
    """One geometry after repair; `problem` is why it is refused, `repaired` whether it was changed.

    `turned`: whether it jumped from one edge of the map to the other and was taken the short way.
    """

    geometry: BaseGeometry | None
    problem: str = ""
    repaired: bool = False
    turned: bool = False


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
    """Return each geometry made valid, or the reason why it cannot be.

    A line or ring that jumps from one edge of the map to the other is taken the short way, across 180 degrees.
    """
    flat = shapely.force_2d(geometries)
    flat, turned = _short_way(flat)
    inside, valid, empty = in_degrees(flat), shapely.is_valid(flat), shapely.is_empty(flat)
    runs_on = runs_past_180(flat) & ~inside
    nowhere = at_zero(flat)
    results = []
    for index, geometry in enumerate(flat):
        if geometry is None or empty[index]:
            results.append(RepairResult(None, "no geometry"))
        elif runs_on[index]:
            result = RepairResult(geometry) if valid[index] else _repair(geometry)
            cut = None if result.geometry is None else _cut_at_180(result.geometry)
            results.append(result if cut is None else RepairResult(cut, repaired=True, turned=bool(turned[index])))
        elif not inside[index]:
            results.append(RepairResult(None, "coordinates outside longitude +-180, latitude +-90"))
        elif nowhere[index]:
            results.append(RepairResult(None, ZERO))
        elif valid[index]:
            results.append(RepairResult(geometry))
        else:
            results.append(_repair(geometry))
    return results


def at_zero(geometries: NDArray[np.object_]) -> NDArray[np.bool_]:
    """Return for each geometry whether it is at 0, 0, or has a corner there far from all others: no place was given."""
    points, owner = shapely.get_coordinates(geometries, return_index=True)
    found = np.zeros(len(geometries), dtype=bool)
    with np.errstate(invalid="ignore"):
        zero = (np.abs(points) < _ZERO).all(axis=1)
        # On an axis: the corner of a grid's cell.
        near = ((np.abs(points) < _NEAR_ZERO).all(axis=1) | (np.abs(points) < _ZERO).any(axis=1)) & ~zero
    found[owner[zero]] = True
    found[owner[near]] = False
    return found


def _short_way(geometries: NDArray[np.object_]) -> tuple[NDArray[np.object_], NDArray[np.bool_]]:
    """Return the geometries with lines and rings that continue beyond 180 degrees, and which ones were changed."""
    points, owner = shapely.get_coordinates(geometries, return_index=True)
    jumps = (np.abs(np.diff(points[:, 0])) > _TURN / 2) & (np.diff(owner) == 0)
    turned = np.zeros(len(geometries), dtype=bool)
    kinds = shapely.get_type_id(geometries)
    result = geometries.copy()
    for index in np.unique(owner[:-1][jumps]) if len(owner) else ():
        if kinds[index] in (*_LINES, *_POLYGONS) and (new := _continued(geometries[index])) is not None:
            result[index], turned[index] = new, True
    return result, turned


def _continued(geometry: BaseGeometry) -> BaseGeometry | None:
    """Return a line or polygon whose longitudes run on past 180 degrees; None where nothing changes."""
    changed = False
    parts: list[BaseGeometry] = []
    for part in shapely.get_parts(geometry):
        if int(shapely.get_type_id(part)) in _LINES:
            line = continue_longitudes(shapely.get_coordinates(part))
            changed |= line is not None
            parts.append(part if line is None else LineString(line))
            continue
        rings = [shapely.get_coordinates(ring) for ring in (part.exterior, *part.interiors)]
        running = [continue_longitudes(ring) for ring in rings]
        if all(ring is None for ring in running):
            parts.append(part)
            continue
        changed = True
        shell, *holes = [ring if new is None else new for ring, new in zip(rings, running, strict=True)]
        middle = (shell[:, 0].min() + shell[:, 0].max()) / 2
        for hole in holes:  # into the turn of their shell
            hole[:, 0] += _TURN * np.round((middle - (hole[:, 0].min() + hole[:, 0].max()) / 2) / _TURN)
        parts.append(Polygon(shell, holes))
    if not changed:
        return None
    if len(parts) == 1:
        return parts[0]
    if int(shapely.get_type_id(geometry)) in _POLYGONS:
        return MultiPolygon([part for part in parts if isinstance(part, Polygon)])
    return MultiLineString([part for part in parts if isinstance(part, LineString)])


def continue_longitudes(line: NDArray[np.float64]) -> NDArray[np.float64] | None:
    """Return the positions with longitudes that run on where they jump to the other side of the map, else None.

    None also for a ring along the whole map, or around a pole.
    """
    jump = float(np.abs(np.diff(line[:, 0])).max(initial=0))
    if not _TURN / 2 < jump < _TURN:
        return None
    running = line.copy()
    running[:, 0] = np.unwrap(line[:, 0], period=_TURN)
    is_ring = np.array_equal(line[0], line[-1])
    if is_ring and abs(running[-1, 0] - running[0, 0]) > _TURN / 2:
        return None
    middle = (running[:, 0].min() + running[:, 0].max()) / 2
    running[:, 0] -= _TURN * np.round(middle / _TURN)
    return running


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
