"""Straight segments in lon and lat: which are near a point, and the nearest point on each."""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray

from crisismap.core.place.geodesy import SHORTEST_DEGREE_M, degree_of_latitude, degree_of_longitude
from crisismap.situation.board.interned import Rows
from crisismap.situation.merge.batch_places import Places, join_pairs

Floats = NDArray[np.float64]

_CHUNK = 50_000  # points per query, which bounds memory near a dense network


class Segments:
    """Segments from `start` to `end`, both (n, 2) degrees; one with equal ends is a point."""

    def __init__(self, start: Floats, end: Floats) -> None:
        self.start, self.end = start, end
        pieces = np.asarray(shapely.linestrings(np.stack([start, end], axis=1)), dtype=object)
        self.tree = shapely.STRtree(pieces)

    def __len__(self) -> int:
        return len(self.start)

    def near(self, places: Places, metres: Floats) -> tuple[Rows, Rows]:
        """Return all (place, piece) pairs within the place's `metres` (a few km at most)."""
        found = []
        if len(self):
            for at in range(0, len(places), _CHUNK):
                part = np.arange(at, min(at + _CHUNK, len(places)))
                point, piece = self._near(places.some(part), metres[part])
                found.append((point + at, piece))
        return join_pairs(found)

    def _near(self, places: Places, metres: Floats) -> tuple[Rows, Rows]:
        reach_lat = metres / SHORTEST_DEGREE_M
        per_lon = degree_of_longitude(np.minimum(np.abs(places.lat) + reach_lat, 90.0))
        reach_lon = np.minimum(metres / np.maximum(per_lon, 1e-3), 180.0)
        degrees = np.hypot(reach_lon, reach_lat)
        found = [self._within(places, metres, degrees)]
        # Near the antimeridian the place is also queried from the other side of the map.
        for over, turn in ((places.lon - reach_lon < -180, 360.0), (places.lon + reach_lon > 180, -360.0)):
            if over.any():
                who = np.flatnonzero(over)
                mirrored = Places(places.lon[who] + turn, places.lat[who])
                place, piece = self._within(mirrored, metres[who], degrees[who])
                found.append((who[place], piece))
        return join_pairs(found)

    def _within(self, places: Places, metres: Floats, degrees: Floats) -> tuple[Rows, Rows]:
        """Return what is within so many degrees on the map, which is never too little, and then within the metres."""
        place, piece = self.tree.query(places.points, predicate="dwithin", distance=degrees)
        _, away = self.project(places.lon[place], places.lat[place], piece)
        near = away <= metres[place]
        return place[near], piece[near]

    def project(self, x: Floats, y: Floats, piece: Rows) -> tuple[Floats, Floats]:
        """Return for each point and its piece the nearest point on it (0 start, 1 end), and the metres to that.

        Computed on the plane tangent to the ellipsoid at the point.
        """
        per_lon, per_lat = degree_of_longitude(y), degree_of_latitude(y)
        x1, y1 = (self.start[piece, 0] - x) * per_lon, (self.start[piece, 1] - y) * per_lat
        dx, dy = (self.end[piece, 0] - x) * per_lon - x1, (self.end[piece, 1] - y) * per_lat - y1
        square = dx * dx + dy * dy
        along: Floats = np.clip(-(x1 * dx + y1 * dy) / np.where(square == 0, 1.0, square), 0, 1)
        metres: Floats = np.hypot(x1 + along * dx, y1 + along * dy)
        return along, metres

    def lengths(self) -> Floats:
        """Return the metres of each piece."""
        middle = (self.start[:, 1] + self.end[:, 1]) / 2
        across = (self.end[:, 0] - self.start[:, 0]) * degree_of_longitude(middle)
        return np.hypot(across, (self.end[:, 1] - self.start[:, 1]) * degree_of_latitude(middle))
