"""All official shelters of the loaded layers as columns, to find the nearest open ones with free places.

The merge gives each report one shelter; this index returns several for any place, with the data of each.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely

from crisismap.core.layer.facility import Facility, facility_of
from crisismap.core.layer.layer import Feature, LayerVersion, Role
from crisismap.core.place.geodesy import arc, chord, earth_centred
from crisismap.situation.board.board import Board, Rows
from crisismap.situation.merge import disagreement as rules
from crisismap.situation.merge.layer_frame import id_order, plain_status, validity
from crisismap.situation.merge.shelters import LIMIT_M, OPEN

CLAIMS = rules.REPORT_SHELTER_OPEN | rules.REPORT_SHELTER_SHUT  # statuses that people report; others are free text


@dataclass(frozen=True, slots=True)
class OpenShelter:
    """One official shelter. A polygon is located at a point inside it."""

    version: LayerVersion
    feature: Feature
    status: str
    facility: Facility
    lon: float
    lat: float

    @property
    def is_open(self) -> bool:
        """Return whether the layer lists it as open and not as full."""
        return self.status in OPEN and self.facility.free != 0


class OpenShelters:
    """Returned numbers are positions in `items`, in the precedence order of ids. Built once per set of versions."""

    def __init__(self, versions: Sequence[LayerVersion]) -> None:
        found = [
            (id_order(feature.id), n, feature)
            for n, version in enumerate(versions)
            if version.layer.role is Role.SHELTER
            for feature in version.features
            if feature.geometry is not None and not feature.geometry.is_empty
        ]
        found.sort(key=lambda each: each[:2])
        inside = shapely.point_on_surface(np.array([feature.geometry for _, _, feature in found], dtype=object))
        lon, lat = shapely.get_x(inside), shapely.get_y(inside)
        self.items = tuple(
            OpenShelter(versions[n], feature, plain_status(feature.status), facility_of(feature.properties), x, y)
            for (_, n, feature), x, y in zip(found, lon.tolist(), lat.tolist(), strict=True)
        )
        self._place = earth_centred(lon, lat) if found else np.empty((0, 3))
        self._open = np.array([each.is_open for each in self.items], bool)
        self._from, self._to = validity([each.feature for each in self.items])

    def now(self, now_ms: int) -> Rows:
        """Return the shelters that are valid at a moment."""
        return np.flatnonzero((self._from <= now_ms) & (now_ms <= self._to))

    def nearest(self, lon: float, lat: float, now_ms: int, most: int) -> list[tuple[int, float]]:
        """Return the nearest open ones with free places, and metres along the ground; ties by lowest id."""
        rows = self.now(now_ms)
        rows = rows[self._open[rows]]
        here = earth_centred(np.array([lon]), np.array([lat]))
        straight = np.linalg.norm(self._place[rows] - here, axis=1)
        near = straight <= chord(LIMIT_M)
        rows, straight = rows[near], straight[near]
        first = np.argsort(straight, kind="stable")[:most]
        return list(zip(rows[first].tolist(), arc(straight[first]).tolist(), strict=True))

    def reports(self, numbers: Sequence[int], board: Board, rows: Rows) -> list[Rows]:
        """Return for each of some shelters the board's `rows` that are at it."""
        if not len(rows) or not len(numbers):
            return [np.empty(0, np.int64) for _ in numbers]
        from scipy.spatial import cKDTree  # late: not needed at start

        tree = cKDTree(earth_centred(board["lon"][rows], board["lat"][rows]))
        found = tree.query_ball_point(self._place[np.array(numbers)], chord(rules.SHELTER_M), return_sorted=True)
        return [rows[np.array(at, np.intp)] for at in found]
