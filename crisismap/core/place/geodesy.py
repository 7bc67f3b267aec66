"""Distances, directions and lengths on the ground. Degrees are WGS 84, lengths metres.

Three methods, each for one use:
- the sphere (`distance_m`, `distances_m`): error at most 0.6 percent, fast for any number of points;
- the ellipsoid (`earth_centred` with `arc`, `degree_of_longitude` and `degree_of_latitude`): centimetres up to 100 km,
  and usable in trees and planes: for the merge;
- the geodesic (`direction`, `line_length`, `circle`, by pyproj): exact at any distance, for single calls.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from pyproj import Geod

Floats = NDArray[np.float64]

AXIS_M = 6_378_137.0  # WGS 84: semi-major axis
E2 = 6.694379990141316e-3  # its eccentricity, squared
MEAN_RADIUS_M = 6_371_008.8  # of the sphere (IUGG)
DEGREE_M = math.radians(MEAN_RADIUS_M)  # of latitude, on the sphere
EQUATOR_DEGREE_M = 111_320.0  # of longitude, at the equator
SHORTEST_DEGREE_M = 110_574.0  # of latitude, at the equator: a box of degrees computed with it is never too small
DIRECTIONS = ("north", "north-east", "east", "south-east", "south", "south-west", "west", "north-west")


def distance_m(lon1: float, lat1: float, lon2: float, lat2: float) -> float:
    """Return the great-circle distance of two points (haversine)."""
    p1, p2 = math.radians(lat1), math.radians(lat2)
    half = math.sin((p2 - p1) / 2) ** 2
    half += math.cos(p1) * math.cos(p2) * math.sin(math.radians(lon2 - lon1) / 2) ** 2
    return 2 * MEAN_RADIUS_M * math.asin(min(1.0, math.sqrt(half)))


def distances_m(lon: float, lat: float, lons: Floats, lats: Floats) -> Floats:
    """Return the great-circle distances (n,) of one point to many; NaN stays NaN."""
    here, there = math.radians(lat), np.radians(lats)
    half = np.sin((there - here) / 2) ** 2
    half += np.cos(there) * math.cos(here) * np.sin((np.radians(lons) - math.radians(lon)) / 2) ** 2
    metres: Floats = 2 * MEAN_RADIUS_M * np.arcsin(np.sqrt(np.minimum(half, 1.0)))
    return metres


def narrowing(lat: float) -> float:
    """Return the length of a degree of longitude relative to one of latitude, at most 1 and never 0."""
    return max(0.01, math.cos(math.radians(lat)))


def in_box_around(lon: float, lat: float, metres: float, lons: Floats, lats: Floats) -> NDArray[np.bool_]:
    """Return which points lie in a box of degrees that contains the circle of `metres` (a few km) around a place."""
    tall = metres / SHORTEST_DEGREE_M
    wide = tall / narrowing(lat)
    east = (lons - lon + 540) % 360 - 180  # the shorter way round the globe
    return (np.abs(lats - lat) <= tall) & (np.abs(east) <= wide)


def earth_centred(lon: Floats, lat: Floats) -> Floats:
    """Return earth-centred metres (n, 3) on the ellipsoid of degrees (n,)."""
    lam, phi = np.radians(lon), np.radians(lat)
    sin, cos = np.sin(phi), np.cos(phi)
    normal = AXIS_M / np.sqrt(1 - E2 * sin * sin)
    out = np.empty((len(lon), 3))
    out[:, 0] = normal * cos * np.cos(lam)
    out[:, 1] = normal * cos * np.sin(lam)
    out[:, 2] = normal * (1 - E2) * sin
    return out


def chord(metres: float) -> float:
    """Return the chord of an arc along the ground."""
    return float(2 * MEAN_RADIUS_M * np.sin(metres / (2 * MEAN_RADIUS_M)))


def arc(chords: Floats) -> Floats:
    """Return the arcs along the ground of chords; a chord longer than the diameter gives half the circumference."""
    return 2 * MEAN_RADIUS_M * np.arcsin(np.minimum(chords / (2 * MEAN_RADIUS_M), 1.0))


def degree_of_longitude(lat: Floats) -> Floats:
    """Return the metres of a degree of longitude at latitudes, on the ellipsoid."""
    sin = np.sin(np.radians(lat))
    metres: Floats = np.radians(AXIS_M) * np.cos(np.radians(lat)) / np.sqrt(1 - E2 * sin * sin)
    return metres


def degree_of_latitude(lat: Floats) -> Floats:
    """Return the metres of a degree of latitude at latitudes, on the ellipsoid."""
    sin = np.sin(np.radians(lat))
    metres: Floats = np.radians(AXIS_M) * (1 - E2) / (1 - E2 * sin * sin) ** 1.5
    return metres


def cylindrical_equal_area(xy: Floats) -> Floats:
    """Return equal-area metres (n, 2) of degrees (n, 2): Lambert's cylindrical projection.

    Source: Snyder, Map Projections, 1987, page 81.
    """
    e = math.sqrt(E2)
    sin = e * np.sin(np.radians(xy[:, 1]))
    q = (1 - E2) * (sin / e / (1 - sin * sin) + np.arctanh(sin) / e)
    return np.column_stack((AXIS_M * np.radians(xy[:, 0]), AXIS_M * q / 2))


def bearing(lon1: float, lat1: float, lon2: float, lat2: float) -> float:
    """Return the initial bearing from the first point to the second: degrees from north, 0 to 360."""
    if (lon1, lat1) == (lon2, lat2):
        return 0.0
    return float(_ellipsoid().inv(lon1, lat1, lon2, lat2)[0]) % 360.0


def direction(lon1: float, lat1: float, lon2: float, lat2: float) -> str:
    """Return the bearing as a word of DIRECTIONS."""
    return DIRECTIONS[round(bearing(lon1, lat1, lon2, lat2) / 45) % 8]


def line_length(points: Sequence[tuple[float, float]]) -> float:
    """Return the metres along a line."""
    return float(_ellipsoid().line_length([lon for lon, _ in points], [lat for _, lat in points]))


def circle(lon: float, lat: float, metres: float, count: int) -> Floats:
    """Return `count` points (n, 2) at a distance from one point, clockwise from north."""
    turns = np.linspace(0.0, 360.0, count, endpoint=False)
    x, y, _ = _ellipsoid().fwd(np.full(count, lon), np.full(count, lat), turns, np.full(count, metres))
    return np.column_stack([x, y])


def _ellipsoid() -> Geod:
    # Settings know places, and every command knows settings: `--help` must not wait for pyproj. Made in 11 us.
    from pyproj import Geod

    return Geod(ellps="WGS84")
