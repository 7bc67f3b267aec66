"""Contradictions between a report and an official layer: the rules, and distances in metres to roads.

Shelters: within SHELTER_M, one says open and the other full or closed. A shelter layer without a status lists a place
as open, since it is also offered as the nearest one.
Roads: a report says open and the layer closed within PASSABLE_M, or a report of water or a closure is within FLOODED_M
of what the layer gives as open. A road layer without a status claims nothing, so nothing contradicts it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely
from numpy.typing import NDArray

from crisismap.situation.board.interned import Rows
from crisismap.situation.merge.area_grid import Polygons
from crisismap.situation.merge.batch_places import NO_PAIRS, Places, join_pairs
from crisismap.situation.merge.layer_frame import simple_parts
from crisismap.situation.roads.segments import Segments

if TYPE_CHECKING:
    import geopandas as gpd

Floats = NDArray[np.float64]

SHELTER_M = 150.0  # metres between a shelter report and the official shelter that it is about
PASSABLE_M = 60.0  # metres between a road reported open and a closed one that it is about
FLOODED_M = 30.0  # metres between reported water or a closure and the road that it is about

REPORT_SHELTER_SHUT = frozenset({"full", "closed"})
REPORT_SHELTER_OPEN = frozenset({"open", "available"})
REPORT_ROAD_OPEN = frozenset({"open", "passable"})
REPORT_ROAD_SHUT = frozenset({"flooded", "closed", "blocked"})
LAYER_ROAD_OPEN = frozenset({"open", "passable"})
LAYER_ROAD_SHUT = frozenset({"closed", "blocked", "flooded", "impassable"})


def sentence(report_status: str, layer_status: str) -> str:
    """Return why, in English; both statuses come from the rules' own vocabularies, never from a person's text."""
    return f"reported {report_status}, layer {'says ' + layer_status if layer_status else 'lists it as open'}"


class Roads:
    """The pieces of one transport layer (`layer_frame`) as segments; returned numbers are the frame's rows.

    Lines, outlines and points become straight pieces in lon and lat, as GeoJSON defines them; inside a polygon (a
    bridge, a station) the distance is 0.
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
        self._owner = np.concatenate([line_owner[of[start]], owner[point]]).astype(np.intp)
        self._pieces = Segments(np.concatenate([xy[start], dots]), np.concatenate([xy[start + 1], dots]))

    def near(self, places: Places, metres: Floats) -> tuple[Rows, Rows]:
        """Return all distinct (place, row) pairs within the place's `metres` (a few km at most), sorted."""
        point, piece = self._pieces.near(places, metres)
        inside, polygon = self._within(places) if len(self._inside) else NO_PAIRS
        point = np.concatenate([point, inside])
        row = np.concatenate([self._owner[piece], self._inside_owner[polygon]])
        if len(point) < 2:
            return point, row
        width = int(self._owner.max()) + 1
        pairs = np.unique(point * width + row)
        return pairs // width, pairs % width

    def _within(self, places: Places) -> tuple[Rows, Rows]:
        """Return the polygons that contain each place; near the antimeridian also from the other side of the map."""
        found = [self._inside.pairs(places)]
        for beside, turn in ((places.lon < -179, 360.0), (places.lon > 179, -360.0)):
            who = np.flatnonzero(beside)
            if len(who):
                point, polygon = self._inside.pairs(Places(places.lon[who] + turn, places.lat[who]))
                found.append((who[point], polygon))
        return join_pairs(found)
