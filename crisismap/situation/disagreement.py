"""Where a report and an official layer contradict each other: the rules, and distance in metres to roads.

Shelters: within SHELTER_M, one side says open and the other full or closed. A shelter layer that gives no
status lists a place as open, since it is also offered as the nearest one.
Roads: a report calls open what the layer calls closed within PASSABLE_M, or reports water or a closure within
FLOODED_M of what the layer calls open. A road layer that gives no status claims nothing, so nothing contradicts
it.
"""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from crisismap.situation.area_grid import Polygons
from crisismap.situation.interned import Rows
from crisismap.situation.layer_frame import simple_parts

Floats = NDArray[np.float64]

SHELTER_M = 150.0  # metres between a shelter report and the official shelter it is held to be about
PASSABLE_M = 60.0  # metres between a road reported open and the closed one it is held to be
FLOODED_M = 30.0  # metres between reported water or closure and the road it is held to be on

REPORT_SHELTER_SHUT = frozenset({"full", "closed"})
REPORT_SHELTER_OPEN = frozenset({"open", "available"})
REPORT_ROAD_OPEN = frozenset({"open", "passable"})
REPORT_ROAD_SHUT = frozenset({"flooded", "closed", "blocked"})
LAYER_ROAD_OPEN = frozenset({"open", "passable"})
LAYER_ROAD_SHUT = frozenset({"closed", "blocked", "flooded", "impassable"})

_CHUNK = 50_000  # points per query, which bounds memory in front of a dense network
_DEGREE_M = 110_574.0  # the shortest degree of latitude, at the equator
_AXIS_M = 6_378_137.0
_E2 = 6.694379990141316e-3


def sentence(reported: str, layer_says: str) -> str:
    """Why, in English; both words come from the rules' own vocabularies, never from a person's text."""
    return f"reported {reported}, layer {'says ' + layer_says if layer_says else 'lists it as open'}"


class Roads:
    """The pieces of one transport layer (`layer_frame`) as segments; numbers given are the frame's rows.

    Lines, outlines and points become straight pieces in lon and lat, as GeoJSON means them; being inside a
    polygon (a bridge, a station) is distance 0.
    """

    def __init__(self, frame: gpd.GeoDataFrame) -> None:
        parts, owner = simple_parts(frame.geometry.to_numpy())
        kind = shapely.get_type_id(parts)
        polygon, point = kind == 3, kind == 0
        self._inside = Polygons(parts[polygon])
        self._inside_owner = owner[polygon]
        line = ~polygon & ~point
        rings, ring_of = shapely.get_rings(parts[polygon], return_index=True)
        lines = np.concatenate([parts[line], rings])
        line_owner = np.concatenate([owner[line], owner[polygon][ring_of]])
        xy, of = shapely.get_coordinates(lines, return_index=True)
        start = np.flatnonzero(of[1:] == of[:-1])
        dots = shapely.get_coordinates(parts[point])
        self._from = np.concatenate([xy[start], dots])
        self._to = np.concatenate([xy[start + 1], dots])
        self._owner = np.concatenate([line_owner[of[start]], owner[point]]).astype(np.intp)
        pieces = np.asarray(shapely.linestrings(np.stack([self._from, self._to], axis=1)), dtype=object)
        self._tree = shapely.STRtree(pieces)

    def near(self, lon: Floats, lat: Floats, metres: Floats) -> tuple[Rows, Rows]:
        """All (point, row) pairs not further apart than the point's `metres` (a few km at most), sorted, once."""
        found = [_NONE]
        if len(self._owner):
            for at in range(0, len(lon), _CHUNK):
                part = slice(at, at + _CHUNK)
                point, row = self._near(lon[part], lat[part], metres[part])
                found.append((point + at, row))
        point, row = (np.concatenate(column) for column in zip(*found, strict=True))
        if len(point) < 2:
            return point, row
        width = int(self._owner.max()) + 1
        pairs = np.unique(point * width + row)
        return pairs // width, pairs % width

    def _near(self, lon: Floats, lat: Floats, metres: Floats) -> tuple[Rows, Rows]:
        reach_lat = metres / _DEGREE_M
        per_lon = degree_of_longitude(np.minimum(np.abs(lat) + reach_lat, 90.0))
        reach_lon = np.minimum(metres / np.maximum(per_lon, 1e-3), 180.0)
        # A point beside the antimeridian is asked again from the other side of the map.
        west, east = np.flatnonzero(lon - reach_lon < -180), np.flatnonzero(lon + reach_lon > 180)
        who = np.arange(len(lon))
        x = lon
        if len(west) or len(east):
            who = np.concatenate([who, west, east])
            x = np.concatenate([lon, lon[west] + 360, lon[east] - 360])
        y, dx, dy = lat[who], reach_lon[who], reach_lat[who]
        box, piece = self._tree.query(shapely.box(x - dx, y - dy, x + dx, y + dy))
        near = self._distance(x[box], y[box], piece) <= metres[who[box]]
        inside, polygon = self._inside.pairs(x, y) if len(self._inside) else _NONE
        return (
            np.concatenate([who[box[near]], who[inside]]),
            np.concatenate([self._owner[piece[near]], self._inside_owner[polygon]]),
        )

    def _distance(self, x: Floats, y: Floats, piece: Rows) -> Floats:
        """Metres from each point to one segment, on the plane that touches the ellipsoid at the point."""
        per_lon, per_lat = degree_of_longitude(y), degree_of_latitude(y)
        x1, y1 = (self._from[piece, 0] - x) * per_lon, (self._from[piece, 1] - y) * per_lat
        dx, dy = (self._to[piece, 0] - x) * per_lon - x1, (self._to[piece, 1] - y) * per_lat - y1
        square = dx * dx + dy * dy
        along = np.clip(-(x1 * dx + y1 * dy) / np.where(square == 0, 1.0, square), 0, 1)
        metres: Floats = np.hypot(x1 + along * dx, y1 + along * dy)
        return metres


_NONE: tuple[Rows, Rows] = (np.empty(0, np.intp), np.empty(0, np.intp))


def degree_of_longitude(lat: Floats) -> Floats:
    """Metres of a degree along the parallel, on the ellipsoid."""
    sin = np.sin(np.radians(lat))
    metres: Floats = np.radians(_AXIS_M) * np.cos(np.radians(lat)) / np.sqrt(1 - _E2 * sin * sin)
    return metres


def degree_of_latitude(lat: Floats) -> Floats:
    """Metres of a degree along the meridian, on the ellipsoid."""
    sin = np.sin(np.radians(lat))
    metres: Floats = np.radians(_AXIS_M) * (1 - _E2) / (1 - _E2 * sin * sin) ** 1.5
    return metres
