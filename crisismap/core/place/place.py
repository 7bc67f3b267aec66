"""Places: the location of a report, its plausibility, and the published cell."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

import h3
import numpy as np
from numpy.typing import NDArray

from crisismap.core.errors import Invalid
from crisismap.core.place.geodesy import distance_m

Extent = tuple[float, float, float, float]  # west, south, east, north in degrees

MAX_ACCURACY_M = 10_000_000
FAR_AWAY_DEGREES = 2.0  # a point further outside the incident's extent (some 220 km) is not plausible

UNBELIEVABLE = frozenset({"zero_coordinates", "swapped_axes", "far_away"})  # flags of points that are not drawn


class PlacementStatus(StrEnum):
    """What became of a place that a person set; see `core.place.moves`."""

    SET = "set"
    NEAR = "near"  # by somebody who may not move it far; counts, but nothing is measured from it
    FAR = "far"  # counts; flagged, as it was moved far
    CONFIRMED = "confirmed"  # counts; moved far, and a responder confirmed it
    PROPOSED = "proposed"  # does not count yet
    DECLINED = "declined"  # does not count any more: put back, or never confirmed


@dataclass(frozen=True, slots=True)
class Placement:
    """A place that a person set afterwards; the newest one that counts is the place of the report."""

    lon: float
    lat: float
    accuracy_m: float | None
    source: str  # how the place is known: map, phone call, gazetteer, ...
    by: str = ""  # a person's id; "" for the reporter, and where an older release stored it
    at_ms: int = 0
    status: PlacementStatus = PlacementStatus.SET

    @property
    def counts(self) -> bool:
        """Return whether it is, or was, the place of the report."""
        return self.status not in (PlacementStatus.PROPOSED, PlacementStatus.DECLINED)

    @property
    def is_trusted(self) -> bool:
        """Return whether later moves are measured from it."""
        return self.counts and self.status is not PlacementStatus.NEAR


def check_coordinates(lon: float | None, lat: float | None) -> None:
    """Raise Invalid unless both coordinates are missing or form a point on the earth."""
    if (lon is None) != (lat is None):
        missing = "lon" if lon is None else "lat"
        raise Invalid(missing, None, "point_half")
    for name, value, limit in (("lon", lon, 180.0), ("lat", lat, 90.0)):
        if value is None:
            continue
        if not math.isfinite(value):
            raise Invalid(name, value, "not_finite")
        if abs(value) > limit:
            raise Invalid(name, value, "out_of_range", least=f"{-limit:g}", most=f"{limit:g}")


def place_flags(lon: float, lat: float, extent: Extent | None) -> tuple[str, ...]:
    """Return the doubts about a point. `extent` is that of the incident; None when it is unknown."""
    if abs(lon) < 1e-6 and abs(lat) < 1e-6:
        return ("zero_coordinates",)
    if extent is None or within(lon, lat, extent, FAR_AWAY_DEGREES):
        return ()
    if abs(lon) <= 90 and within(lat, lon, extent, FAR_AWAY_DEGREES):
        return ("swapped_axes",)
    return ("far_away",)


def within(lon: float, lat: float, extent: Extent, margin: float = 0.0) -> bool:
    """Return whether a point lies in the box, widened by `margin` degrees; with west > east it crosses 180 degrees."""
    west, south, east, north = extent
    if not south - margin <= lat <= north + margin:
        return False
    if west - margin <= lon <= east + margin and west <= east:
        return True
    if west > east:
        return lon >= west - margin or lon <= east + margin
    return any(west - margin <= lon + turn <= east + margin for turn in (-360.0, 360.0))


def read_bbox(text: str) -> Extent:
    """Return west, south, east, north in degrees from text; west > east crosses 180 degrees. Raises Invalid."""
    try:
        west, south, east, north = (float(part) for part in text.split(","))
    except ValueError:
        raise Invalid("bbox", text, "bbox_not_four") from None
    limits = ((west, 180), (south, 90), (east, 180), (north, 90))
    if not all(math.isfinite(v) and abs(v) <= limit for v, limit in limits) or south > north:
        raise Invalid("bbox", text, "not_a_bbox")
    return west, south, east, north


def unrolled(extent: Extent) -> Extent:
    """Return the extent for drawing: with an east beyond 180 degrees where it crosses 180."""
    west, south, east, north = extent
    return west, south, east + 360.0 if west > east else east, north


def turned_to(lon: float, drawn: Extent) -> float:
    """Return a longitude by whole turns as near as possible to the middle of an unrolled extent."""
    return lon + 360.0 * round(((drawn[0] + drawn[2]) / 2 - lon) / 360.0)


def across_180(whole: Extent, west: NDArray[np.float64], east: NDArray[np.float64]) -> Extent:
    """Return the box of parts at both edges of the map, with west > east when half of the world or more is free.

    `whole`: the box that does not cross 180 degrees; `west`, `east`: of the parts, which are cut at 180 degrees.
    """
    order = np.argsort(west)
    begins, ends = west[order], np.maximum.accumulate(east[order])
    free = begins[1:] - ends[:-1]
    if not len(free) or free.max() < 180:
        return whole
    at = int(free.argmax())
    return float(begins[at + 1]), whole[1], float(ends[at]), whole[3]


def cell_place(lon: float, lat: float, resolution: int) -> tuple[float, float, float]:
    """Return the published place: the centre of the point's H3 cell, and the cell's radius in metres.

    The radius reaches the farthest corner. The result is deterministic, so repeated requests reveal nothing more.
    Source: h3geo.org, cells of resolution 7 measure about 5.2 km2.
    """
    return _cell_centre(h3.latlng_to_cell(lat, lon, resolution))


@lru_cache(maxsize=65_536)  # an incident has few cells with many reports in each
def _cell_centre(cell: str) -> tuple[float, float, float]:
    c_lat, c_lon = (round(degrees, 6) for degrees in h3.cell_to_latlng(cell))
    radius = max(distance_m(c_lon, c_lat, v_lon, v_lat) for v_lat, v_lon in h3.cell_to_boundary(cell))
    return c_lon, c_lat, float(math.ceil(radius))
