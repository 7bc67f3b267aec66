"""The plane in metres in which the city is drawn, conversion to degrees, and waves that bend its lines.

x is metres east and y metres north of a point in the middle of the box 80.05..80.32 E, 12.85..13.22 N.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from crisismap.core.place.geodesy import EQUATOR_DEGREE_M
from crisismap.demo.dice import numpy_dice

Floats = NDArray[np.floating[Any]]
Line = Floats  # shape (n, 2), metres

LON0, LAT0 = 80.185, 13.035
M_PER_LAT = 110_600.0
M_PER_LON = EQUATOR_DEGREE_M * math.cos(math.radians(LAT0))
STEP = 1e-6  # every coordinate lies on this grid of degrees (0.11 m)


def lonlat(geometry: BaseGeometry) -> BaseGeometry:
    """Return the geometry in degrees, rounded to six decimals. Equal points stay equal, so shared borders do too."""
    degrees = shapely.transform(geometry, lambda xy: np.round(_degrees(xy), 6))
    return shapely.make_valid(degrees) if not shapely.is_valid(degrees) else degrees


def point_lonlat(x: float, y: float) -> tuple[float, float]:
    """Return one point in degrees, rounded to six decimals."""
    return round(LON0 + x / M_PER_LON, 6), round(LAT0 + y / M_PER_LAT, 6)


def point_metres(lon: float, lat: float) -> tuple[float, float]:
    """Return one point in metres."""
    return (lon - LON0) * M_PER_LON, (lat - LAT0) * M_PER_LAT


def _degrees(xy: Floats) -> Floats:
    return np.column_stack((LON0 + xy[:, 0] / M_PER_LON, LAT0 + xy[:, 1] / M_PER_LAT))


@dataclass(frozen=True, slots=True)
class Waves:
    """A smooth random field: a sum of sines of random direction and phase. Octaves are (length, height), m."""

    kx: Floats
    ky: Floats
    phase: Floats
    height: Floats

    @classmethod
    def of(cls, seed: int, purpose: str, octaves: tuple[tuple[float, float], ...], each: int = 3) -> Waves:
        """Return a field with `each` sines per octave; the sum of an octave stays near its height."""
        rng = numpy_dice(seed, purpose)
        length = np.repeat([o[0] for o in octaves], each) * rng.uniform(0.75, 1.3, len(octaves) * each)
        height = np.repeat([o[1] for o in octaves], each) / math.sqrt(each)
        angle = rng.uniform(0, 2 * np.pi, length.size)
        k = 2 * np.pi / length
        return cls(k * np.cos(angle), k * np.sin(angle), rng.uniform(0, 2 * np.pi, length.size), height)

    def __call__(self, x: Floats, y: Floats) -> Floats:
        """Return the field's height at each point, to the millimetre."""
        total = np.zeros_like(x)
        # Not one matrix product: its rounding depends on a point's position in the array, and a ring's first and last
        # corner must stay equal.
        for kx, ky, phase, height in zip(self.kx, self.ky, self.phase, self.height, strict=True):
            total += np.sin(x * kx + y * ky + phase) * height
        return np.asarray(np.round(total, 3), dtype=np.float64)


@dataclass(frozen=True, slots=True)
class Warp:
    """A displacement that is similar for neighbours: straight lines become organic and shared borders stay shared."""

    east: Waves
    north: Waves

    @classmethod
    def of(cls, seed: int, purpose: str, octaves: tuple[tuple[float, float], ...]) -> Warp:
        """Return a warp; keep 2*pi*height/length well under 1, or lines begin to cross."""
        return cls(Waves.of(seed, f"{purpose}/e", octaves), Waves.of(seed, f"{purpose}/n", octaves))

    def __call__(self, xy: Floats) -> NDArray[np.float64]:
        """Return the moved points, (n, 2) to (n, 2)."""
        x, y = xy[:, 0], xy[:, 1]
        return np.asarray(np.column_stack((x + self.east(x, y), y + self.north(x, y))), dtype=np.float64)


def smooth(points: Line, rounds: int = 3) -> Line:
    """Return a line with cut corners (Chaikin); ends stay."""
    for _ in range(rounds):
        a, b = points[:-1], points[1:]
        inner = np.stack((0.75 * a + 0.25 * b, 0.25 * a + 0.75 * b), axis=1).reshape(-1, 2)
        points = np.vstack((points[:1], inner, points[-1:]))
    return points


def evenly(points: Line, step: float) -> Line:
    """Return the line with a point about every `step` metres."""
    along = np.concatenate(([0.0], np.cumsum(np.hypot(*np.diff(points, axis=0).T))))
    at = np.linspace(0.0, along[-1], max(2, round(along[-1] / step) + 1))
    return np.column_stack((np.interp(at, along, points[:, 0]), np.interp(at, along, points[:, 1])))


def normals(points: Line) -> Line:
    """Return unit vectors to the left of the line at each point."""
    ahead = np.gradient(points, axis=0)
    ahead /= np.maximum(np.hypot(ahead[:, 0], ahead[:, 1]), 1e-9)[:, None]
    return np.column_stack((-ahead[:, 1], ahead[:, 0]))


def ribbon(points: Line, radius: Floats) -> BaseGeometry:
    """Return a band along the line whose half width varies from point to point."""
    pieces = shapely.linestrings(np.stack((points[:-1], points[1:]), axis=1))
    return shapely.union_all(shapely.buffer(pieces, (radius[:-1] + radius[1:]) / 2, quad_segs=6))


def polygons(geometry: BaseGeometry) -> list[shapely.Polygon]:
    """Return the polygons of any geometry, largest first."""
    parts = [p for p in shapely.get_parts(geometry, return_index=False) if isinstance(p, shapely.Polygon)]
    return sorted((p for p in parts if not p.is_empty), key=lambda p: -p.area)


def lines(geometry: BaseGeometry) -> list[shapely.LineString]:
    """Return the lines of any geometry, longest first."""
    whole = shapely.line_merge(geometry) if geometry.geom_type == "MultiLineString" else geometry
    parts = [p for p in shapely.get_parts(whole) if isinstance(p, shapely.LineString)]
    return sorted((p for p in parts if not p.is_empty), key=lambda p: -p.length)
