"""Road closures known now: from layers, from flooded ground, from reports.

Warnings close nothing: they are about a district, not about the water on a road.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from threading import Lock

import numpy as np
from cachetools import LRUCache
from numpy.typing import NDArray

from crisismap.core.layer.alert import CLEAR
from crisismap.core.layer.layer import Feature, LayerVersion
from crisismap.situation.board.interned import Rows
from crisismap.situation.merge import disagreement as rules
from crisismap.situation.merge.batch_places import Places
from crisismap.situation.merge.layer_frame import layer_frame, plain_status, validity
from crisismap.situation.roads.graph import Passable, RoadGraph

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]
POINT_M = 15.0  # metres between a closed bridge that is drawn as a point and its road
_MOST_GRAPHS = 4  # cached graphs without closed pieces: two audiences, before and after a change
_WARNING = frozenset({"severity", "certainty", "urgency"})


class Closures:
    """The closures of one graph. Thread-safe."""

    def __init__(self, graph: RoadGraph, transport: Sequence[LayerVersion], hazards: Sequence[LayerVersion]) -> None:
        self.graph = graph
        features = np.array([_is_shut(feature) for feature in graph.features], bool)
        self._official = features[graph.feature] if len(graph) else np.zeros(0, bool)
        self._from, self._to = validity(graph.features)
        self._points = [
            (feature, *feature.geometry.bounds[:2])
            for version in transport
            for feature in version.features
            if feature.geometry is not None and feature.geometry.geom_type == "Point" and _is_shut(feature)
        ]
        wet = [replace(v, features=tuple(f for f in v.features if _is_water(f))) for v in hazards]
        frames = [layer_frame(version, polygons_only=True) for version in wet]
        self._water = np.concatenate([np.empty(0, object), *(frame.geometry.to_numpy() for frame in frames)])
        self._water_from = np.concatenate([np.empty(0, np.int64), *(frame["valid_from"] for frame in frames)])
        self._water_to = np.concatenate([np.empty(0, np.int64), *(frame["valid_to"] for frame in frames)])
        self._flooded: tuple[bytes, Mask] = (b"", np.zeros(0, bool))
        self._passable: LRUCache[bytes, Passable] = LRUCache(_MOST_GRAPHS)
        self._lock = Lock()

    def shut(self, now_ms: int, lon: Floats, lat: Floats) -> Mask:
        """Return the pieces that must not be used; `lon`, `lat`: where people report a closed road."""
        counts = (self._from <= now_ms) & (now_ms <= self._to)
        out: Mask = self._official & counts[self.graph.feature]
        out |= self._under_water(now_ms)
        out[self._near(lon, lat, rules.FLOODED_M)] = True
        points = [(x, y) for feature, x, y in self._points if feature.counts_at(now_ms)]
        if points:
            x, y = np.array(points, np.float64).T
            out[self._near(x, y, POINT_M)] = True
        return out

    def passable(self, shut: Mask) -> Passable:
        """Return the graph without the closed pieces, built once as long as the same are closed."""
        key = np.packbits(shut).tobytes()
        with self._lock:
            if key not in self._passable:
                self._passable[key] = Passable(self.graph, ~shut)
            return self._passable[key]

    def _near(self, lon: Floats, lat: Floats, metres: float) -> Rows:
        return self.graph.segments.near(Places(lon, lat), np.full(len(lon), metres))[1]

    def _under_water(self, now_ms: int) -> Mask:
        counts = (self._water_from <= now_ms) & (now_ms <= self._water_to)
        key = b"." + np.packbits(counts).tobytes()
        with self._lock:
            if self._flooded[0] != key:
                mask = np.zeros(len(self.graph), bool)
                if len(self.graph) and counts.any():
                    _, piece = self.graph.segments.tree.query(self._water[counts], predicate="intersects")
                    mask[piece] = True
                self._flooded = (key, mask)
            return self._flooded[1]


def _is_shut(feature: Feature) -> bool:
    return plain_status(feature.status) in rules.LAYER_ROAD_SHUT


def _is_water(feature: Feature) -> bool:
    names = {str(name).lower() for name, value in feature.properties.items() if value}
    return feature.status != CLEAR and not names >= _WARNING
