"""The features of one layer near one place, nearest first: for a single report, where the merge handles millions."""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from crisismap.core.layer.layer import Feature, LayerVersion
from crisismap.core.place.geodesy import SHORTEST_DEGREE_M, degree_of_latitude, degree_of_longitude
from crisismap.situation.merge.layer_frame import id_order

Floats = NDArray[np.float64]

_HERE = shapely.Point(0, 0)


class Vicinity:
    """An index over bounding boxes only, so that a whole road network costs little until its pieces are needed."""

    def __init__(self, version: LayerVersion) -> None:
        self.version = version
        self._features = [f for f in version.features if f.geometry is not None and not f.geometry.is_empty]
        self._tree = shapely.STRtree(np.array([f.geometry for f in self._features], dtype=object))

    def near(self, lon: float, lat: float, metres: float, at_ms: int) -> list[tuple[Feature, float]]:
        """Return the features valid at a moment within `metres` (a few km at most), with distances; inside is 0."""
        tall = metres / SHORTEST_DEGREE_M
        wide = min(180.0, metres / max(1.0, float(degree_of_longitude(np.array(min(90.0, abs(lat) + tall))))))
        # Near the antimeridian the place is also queried from the other side of the map.
        turns = (0.0, *([360.0] if lon - wide < -180 else []), *([-360.0] if lon + wide > 180 else []))
        boxes = [shapely.box(lon + t - wide, lat - tall, lon + t + wide, lat + tall) for t in turns]
        found = []
        for row in np.unique(self._tree.query(boxes)[1]).tolist():
            feature = self._features[row]
            if feature.geometry is None or not feature.counts_at(at_ms):
                continue
            away = metres_between(feature.geometry, lon, lat)
            if away <= metres:
                found.append((feature, away))
        return sorted(found, key=lambda each: (each[1], id_order(each[0].id)))


def metres_between(geometry: BaseGeometry, lon: float, lat: float) -> float:
    """Return the metres from a place to a geometry near it, on the plane tangent to the ellipsoid at the place."""
    per = np.array([float(degree_of_longitude(np.array(lat))), float(degree_of_latitude(np.array(lat)))])

    def flat(xy: Floats) -> Floats:
        east = (xy[:, 0] - lon + 180.0) % 360.0 - 180.0
        plane: Floats = np.column_stack((east, xy[:, 1] - lat)) * per
        return plane

    return float(shapely.distance(shapely.transform(geometry, flat), _HERE))
