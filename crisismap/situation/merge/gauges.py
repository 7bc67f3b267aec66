"""The gauges of one context layer, and the nearest one to a place by true distance."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import shapely

from crisismap.core.layer.gauge import Gauge, GaugeTrend, gauge_of
from crisismap.core.layer.layer import Feature, LayerVersion
from crisismap.core.place.geodesy import arc, earth_centred
from crisismap.situation.merge.layer_frame import id_order


@dataclass(frozen=True, slots=True)
class NearGauge:
    """A gauge, its data and its distance along the ground."""

    version: LayerVersion
    feature: Feature
    gauge: Gauge
    distance_m: float


class Gauges:
    """The features of a version that have a level; a line or polygon is located at a point inside it."""

    def __init__(self, version: LayerVersion) -> None:
        self.version = version
        located = (f for f in version.features if f.geometry is not None and not f.geometry.is_empty)
        gauges = [(f, gauge) for f in located if (gauge := gauge_of(f.properties)) is not None]
        # By id, so that the lowest wins among equal distances, as everywhere.
        self._gauges = sorted(gauges, key=lambda each: id_order(each[0].id))
        inside = shapely.point_on_surface(np.array([f.geometry for f, _ in self._gauges], dtype=object))
        self._place = earth_centred(shapely.get_x(inside), shapely.get_y(inside))
        self._trends: dict[str, GaugeTrend | None] = {}

    def __len__(self) -> int:
        return len(self._gauges)

    def nearest(self, lon: float, lat: float, at_ms: int, within_m: float) -> NearGauge | None:
        """Return the nearest gauge that is valid at a moment, within `within_m`; degrees and metres."""
        if not self._gauges:
            return None
        here = earth_centred(np.array([lon]), np.array([lat]))[0]
        straight = np.linalg.norm(self._place - here, axis=1)
        metres = arc(straight)
        for row in np.argsort(straight, kind="stable").tolist():
            if metres[row] > within_m:
                return None
            feature, gauge = self._gauges[row]
            if feature.counts_at(at_ms):
                return NearGauge(self.version, feature, gauge, float(metres[row]))
        return None

    def trend_of(self, near: NearGauge, find: Callable[[], GaugeTrend | None]) -> GaugeTrend | None:
        """Return the trend of a gauge, computed once: the data before this version no longer changes."""
        if near.feature.id not in self._trends:
            self._trends[near.feature.id] = find()
        return self._trends[near.feature.id]
