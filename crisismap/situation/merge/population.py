"""Population inside a polygon, estimated from areas whose population is known.

Each area contributes the share of its population that the polygon covers of its surface, as if it were evenly
distributed. Shares are measured in Lambert's cylindrical equal-area projection of the WGS 84 ellipsoid, where edges
stay straight lines in longitude and latitude, as GeoJSON defines them, with a deviation too small to matter for a ward.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from crisismap.core.layer.layer import LayerVersion
from crisismap.core.layer.population import people_of
from crisismap.core.place.geodesy import cylindrical_equal_area
from crisismap.situation.merge.layer_frame import polygons_of

Floats = NDArray[np.float64]

OVERLAP = 1.02  # with a greater coverage the areas themselves overlap, such as wards and districts
_CHUNK = 20_000  # pairs intersected at a time, which bounds memory


@dataclass(frozen=True, slots=True)
class Estimate:
    """People, not rounded, and the share of the polygon that areas with a known population cover (0 to 1)."""

    people: float
    covered: float


class PopulationAreas:
    """The areas of one version with a known population; none where the version has no such."""

    def __init__(self, version: LayerVersion) -> None:
        self.version = version
        found = [
            (polygons, people)
            for f in version.features
            if (polygons := polygons_of(f.geometry)) is not None
            and not polygons.is_empty
            and (people := people_of(f.properties)) is not None
        ]
        self._areas = equal_area(np.array([geometry for geometry, _ in found], dtype=object))
        self._people = np.array([people for _, people in found], np.float64)
        self._size = shapely.area(self._areas)
        self._tree = shapely.STRtree(self._areas)

    def __len__(self) -> int:
        return len(self._people)

    def under(self, polygons: NDArray[np.object_]) -> list[Estimate | None]:
        """Return the estimate for each polygon (WGS 84); None where no area covers it, or areas overlap there."""
        flat = equal_area(polygons)
        size = shapely.area(flat)
        people, covered = np.zeros(len(flat)), np.zeros(len(flat))
        if len(self):
            polygon, area = self._tree.query(flat, predicate="intersects")
            for at in range(0, len(polygon), _CHUNK):
                these, those = polygon[at : at + _CHUNK], area[at : at + _CHUNK]
                common = self._common_area(flat, these, those)
                people += np.bincount(these, common / self._size[those] * self._people[those], len(flat))
                covered += np.bincount(these, common, len(flat))
        share = np.divide(covered, size, out=np.zeros(len(flat)), where=size > 0)
        return [
            Estimate(float(n), min(1.0, float(part))) if 0 < part <= OVERLAP else None
            for n, part in zip(people, share, strict=True)
        ]

    def _common_area(self, flat: NDArray[np.object_], polygon: NDArray[np.intp], area: NDArray[np.intp]) -> Floats:
        """Return the square metres common to each pair; areas entirely inside need no intersection."""
        common: Floats = self._size[area].copy()
        shapely.prepare(flat)
        cut = np.flatnonzero(~shapely.contains(flat[polygon], self._areas[area]))
        common[cut] = shapely.area(shapely.intersection(flat[polygon[cut]], self._areas[area[cut]]))
        return common


def equal_area(geometries: NDArray[np.object_]) -> NDArray[np.object_]:
    """Convert WGS 84 degrees to valid geometries in an equal-area projection in metres."""
    flat: NDArray[np.object_] = np.asarray(shapely.transform(geometries, cylindrical_equal_area), dtype=object)
    broken = ~shapely.is_valid(flat)  # by rounding; the input is valid
    flat[broken] = shapely.make_valid(flat[broken])
    return flat
