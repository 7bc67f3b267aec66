"""What shuts a road: the layer's word, flooded ground, what people say; at its own time, and no warning."""

from __future__ import annotations

import numpy as np
from shapely.geometry import LineString, Point, box

from crisismap.core.layer.layer import Feature, Layer, LayerVersion, Role
from crisismap.situation.roads.closures import Closures
from crisismap.situation.roads.graph import RoadGraph

NOW = 1_000
NOBODY = np.empty(0), np.empty(0)
# Two pieces each, 1 km long, one above the other.
ROADS = [
    Feature(str(n), "", "", LineString([(80.0, 13.0 + n / 100), (80.01, 13.0 + n / 100), (80.02, 13.0 + n / 100)]), {})
    for n in range(3)
]


def version(role: Role, *features: Feature) -> LayerVersion:
    return LayerVersion(Layer(str(role), "", role), 1, 0, features)


def closures(*transport: Feature, hazards: tuple[Feature, ...] = ()) -> Closures:
    roads = version(Role.TRANSPORT, *transport)
    return Closures(RoadGraph([roads]), [roads], [version(Role.HAZARD, *hazards)])


def of(feature: Feature, **changed: object) -> Feature:
    members = ("id", "name", "code", "geometry", "properties", "status", "valid_from_ms", "valid_to_ms")
    return Feature(**({name: getattr(feature, name) for name in members} | changed))


def shut(made: Closures, now_ms: int = NOW, *said: tuple[float, float]) -> list[int]:
    lon, lat = np.array(said, float).reshape(-1, 2).T
    return np.flatnonzero(made.shut(now_ms, lon, lat)).tolist()


def test_believes_the_layer_while_it_holds() -> None:
    made = closures(
        of(ROADS[0], status="Closed"),
        of(ROADS[1], status="flooded", valid_to_ms=NOW),
        of(ROADS[2], status="open"),
    )
    assert shut(made) == [0, 1, 2, 3]
    assert shut(made, NOW + 1) == [0, 1]


def test_leaves_out_flooded_ground_but_not_the_district_of_a_warning() -> None:
    pond = Feature("w", "", "", box(80.004, 12.99, 80.006, 13.005), {}, valid_from_ms=NOW)
    clear = Feature("c", "", "", box(79, 12, 81, 14), {}, status="all clear")
    told = {"severity": "Severe", "certainty": "Likely", "urgency": "Expected"}
    warning = Feature("n", "", "", box(79, 12, 81, 14), told)
    made = closures(*ROADS, hazards=(pond, clear, warning))
    assert shut(made) == [0]
    assert shut(made, NOW - 1) == []
    assert shut(made) == [0]


def test_hears_people_and_points_beside_a_road() -> None:
    made = closures(*ROADS, of(ROADS[0], geometry=Point(80.015, 13.0101), status="closed"))
    assert shut(made) == [3]
    assert shut(made, NOW, (80.005, 13.0002), (80.005, 13.0195)) == [0, 3]  # 22 m and 55 m off
    assert shut(closures()) == []


def test_keeps_what_is_left_for_as_long_as_the_same_is_shut() -> None:
    made = closures(of(ROADS[0], status="closed"), *ROADS[1:])
    first = made.passable(made.shut(NOW, *NOBODY))
    assert made.passable(made.shut(NOW + 1, *NOBODY)) is first
    for lat in np.linspace(13.01, 13.02, 5).tolist():
        made.passable(made.shut(NOW, np.array([80.005]), np.array([lat])))
    assert len(made._passable) <= 4
