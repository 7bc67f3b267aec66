"""The roads nearest to one place, by true distance, anywhere on earth."""

from __future__ import annotations

import pytest
from pyproj import Geod
from shapely.geometry import LineString, MultiLineString, box

from crisismap.core.layer.layer import Feature, Layer, LayerVersion, Role
from crisismap.situation.merge.vicinity import Vicinity, metres_between

EARTH = Geod(ellps="WGS84")


def version(*features: Feature, layer_id: str = "gauges", number: int = 1) -> LayerVersion:
    return LayerVersion(Layer(layer_id, layer_id, Role.CONTEXT), number, 0, features)


@pytest.mark.parametrize(("lon", "lat"), [(80.25, 13.05), (180.0, -16.5), (-180.0, -16.5), (15.0, 78.2)])
def test_measures_to_a_road_as_geodesics_do(lon: float, lat: float):
    east, north, _ = EARTH.fwd(lon, lat, 90.0, 120.0)
    road = Feature("r", "r", "", LineString([(east, north - 0.002), (east, north + 0.002)]), {})
    other = Feature("o", "o", "", LineString([(east, north + 0.5), (east, north + 0.6)]), {})
    found = Vicinity(version(other, road)).near(lon, lat, 150.0, 0)
    assert [f.id for f, _ in found] == ["r"] and found[0][1] == pytest.approx(120.0, abs=0.1)
    assert Vicinity(version(road)).near(lon, lat, 119.0, 0) == []


def test_gives_roads_nearest_first_and_only_those_that_count():
    def road(name: str, metres: float, **more: int) -> Feature:
        x = EARTH.fwd(80.0, 13.0, 90.0, metres)[0]
        return Feature(name, name, "", MultiLineString([[(x, 12.9), (x, 13.1)]]), {}, "", **more)

    made = Vicinity(version(road("b", 80), road("a", 40), road("closed-then", 20, valid_to_ms=5), road("far", 400)))
    assert [f.id for f, _ in made.near(80.0, 13.0, 150.0, 6)] == ["a", "b"]
    assert [f.id for f, _ in made.near(80.0, 13.0, 150.0, 5)] == ["closed-then", "a", "b"]
    assert Vicinity(version()).near(80.0, 13.0, 150.0, 0) == []


def test_is_at_a_bridge_when_on_it():
    assert metres_between(box(79.999, 12.999, 80.001, 13.001), 80.0, 13.0) == 0.0
