"""Nearest open shelter and shelters close by, by true distance in metres anywhere on Earth.

Points are put on the WGS 84 ellipsoid in earth-centred metres, where a k-d tree knows neither antimeridian
nor poles; the straight line between two of them, bent back into an arc, is the geodesic to within centimetres
up to LIMIT_M.
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

LIMIT_M = 100_000.0  # metres; a shelter further away is none
OPEN = frozenset({"", "open", "available", "standby"})  # layer statuses that count as open; "" = does not say
SHUT = frozenset({"closed", "full"})

_THREADS_AFTER = 100_000  # points; only a rebuild asks so many, and it may have all cores


class Shelters:
    """An index over a shelter layer (`layer_frame`); numbers given are its rows. Polygons count by a point inside."""

    def __init__(self, frame: gpd.GeoDataFrame) -> None:
        inside = shapely.point_on_surface(frame.geometry.to_numpy())
        from scipy.spatial import cKDTree  # here: a deployment without shelters starts without it

        place = earth_centred(shapely.get_x(inside), shapely.get_y(inside))
        self._all = cKDTree(place) if len(place) else None
        # Of several open shelters at one spot the lowest id is the nearest: the others are left out.
        open_rows = np.flatnonzero(frame["status"].isin(list(OPEN)).to_numpy())
        _, first = np.unique(place[open_rows], axis=0, return_index=True)
        self._open_rows = open_rows[np.sort(first)]
        self._open = cKDTree(place[self._open_rows]) if len(open_rows) else None

    def nearest_open(self, place: Floats, limit_m: float = LIMIT_M) -> tuple[Rows, Floats]:
        """Row of the nearest open shelter and the metres to it for places (n, 3); -1 and inf for none."""
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
        """All (point, row) pairs not further apart than `metres`, open or not, in order of point and row."""
        if self._all is None or not len(place):
            return np.empty(0, np.intp), np.empty(0, np.intp)
        answer = self._all.query_ball_point(place, chord(metres), return_sorted=True)
        lists: NDArray[np.object_] = np.asarray(answer, dtype=object)  # one list of rows per point
        count = np.fromiter((len(found) for found in lists), np.intp, len(lists))
        row = np.fromiter(chain.from_iterable(lists), np.intp, int(count.sum()))
        return np.repeat(np.arange(len(lists)), count), row

    def any_within(self, place: Floats, metres: float) -> NDArray[np.bool_]:
        """Which points have any shelter, open or not, within `metres`."""
        if self._all is None:
            return np.zeros(len(place), bool)
        straight, _ = self._all.query(place, distance_upper_bound=chord(metres))
        return np.isfinite(straight)
