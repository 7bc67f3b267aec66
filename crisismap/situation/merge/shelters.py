"""Nearest open shelter and shelters nearby, by true distance in metres anywhere on Earth.

Points are converted to earth-centred metres on the WGS 84 ellipsoid, so that a k-d tree has no antimeridian or poles;
the arc over the straight line between two points is the geodesic to within centimetres up to LIMIT_M.
"""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

import numpy as np
import shapely
from numpy.typing import NDArray

from crisismap.core.place.geodesy import arc, chord, earth_centred
from crisismap.situation.board.interned import Rows

if TYPE_CHECKING:
    import geopandas as gpd

Floats = NDArray[np.float64]

LIMIT_M = 100_000.0  # metres; shelters further away are ignored
OPEN = frozenset({"", "open", "available", "standby"})  # layer statuses that count as open; "" = not given
SHUT = frozenset({"closed", "full"})

_THREADS_AFTER = 100_000  # points; only a rebuild queries so many, and it may use all cores


class Shelters:
    """An index of a shelter layer (`layer_frame`); returned numbers are its rows. Polygons count by a point inside."""

    def __init__(self, frame: gpd.GeoDataFrame) -> None:
        inside = shapely.point_on_surface(frame.geometry.to_numpy())
        from scipy.spatial import cKDTree  # late: not needed without shelters

        place = earth_centred(shapely.get_x(inside), shapely.get_y(inside))
        self._all = cKDTree(place) if len(place) else None
        # Of several open shelters at one point the lowest id counts as the nearest: the others are left out.
        open_rows = np.flatnonzero(frame["status"].isin(list(OPEN)).to_numpy())
        _, first = np.unique(place[open_rows], axis=0, return_index=True)
        self._open_rows = open_rows[np.sort(first)]
        self._open = cKDTree(place[self._open_rows]) if len(open_rows) else None

    def nearest_open(self, place: Floats, limit_m: float = LIMIT_M) -> tuple[Rows, Floats]:
        """Return the row of the nearest open shelter and the metres to it for places (n, 3); -1 and inf for none."""
        if self._open is None:
            return np.full(len(place), -1, np.intp), np.full(len(place), np.inf)
        threads = -1 if len(place) > _THREADS_AFTER else 1
        distance, at = self._open.query(place, distance_upper_bound=chord(limit_m), workers=threads)
        straight = np.asarray(distance, dtype=np.float64)
        found = np.isfinite(straight)
        row = np.where(found, self._open_rows[np.where(found, at, 0)], -1)
        straight[~found] = 0.0
        return row, np.where(found, arc(straight), np.inf)

    def within(self, place: Floats, metres: float) -> tuple[Rows, Rows]:
        """Return all (point, row) pairs within `metres`, open or not, in order of point and row."""
        if self._all is None or not len(place):
            return np.empty(0, np.intp), np.empty(0, np.intp)
        answer = self._all.query_ball_point(place, chord(metres), return_sorted=True)
        lists: NDArray[np.object_] = np.asarray(answer, dtype=object)  # one list of rows per point
        count = np.fromiter((len(found) for found in lists), np.intp, len(lists))
        row = np.fromiter(chain.from_iterable(lists), np.intp, int(count.sum()))
        return np.repeat(np.arange(len(lists)), count), row

    def any_within(self, place: Floats, metres: float) -> NDArray[np.bool_]:
        """Return which points have any shelter, open or not, within `metres`."""
        if self._all is None:
            return np.zeros(len(place), bool)
        straight, _ = self._all.query(place, distance_upper_bound=chord(metres))
        return np.isfinite(straight)
