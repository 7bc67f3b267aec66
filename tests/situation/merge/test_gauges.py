"""The nearest gauge to one place, by true distance, anywhere on earth."""

from __future__ import annotations

import numpy as np
import pytest
from pyproj import Geod
from shapely.geometry import Point

from crisismap.core.layer.layer import Feature, Layer, LayerVersion, Role
from crisismap.situation.merge.gauges import Gauges

EARTH = Geod(ellps="WGS84")


def version(*features: Feature, layer_id: str = "gauges", number: int = 1) -> LayerVersion:
    return LayerVersion(Layer(layer_id, layer_id, Role.CONTEXT), number, 0, features)


def gauge(name: str, lon: float, lat: float, level: object = 1.0, **more: int) -> Feature:
    return Feature(name, name, "", Point(lon, lat), {"water_level": level}, "", **more)


@pytest.mark.parametrize(("lon", "lat"), [(80.25, 13.05), (179.999, -16.5), (15.0, 78.2), (0.0, 0.0)])
def test_finds_the_nearest_gauge_by_true_distance(lon: float, lat: float):
    rng = np.random.default_rng(5)
    spots = np.column_stack((lon + rng.uniform(-0.3, 0.3, 300), lat + rng.uniform(-0.3, 0.3, 300)))
    spots[:, 0] = (spots[:, 0] + 180) % 360 - 180
    made = Gauges(version(*(gauge(f"{i}", x, y) for i, (x, y) in enumerate(spots.tolist()))))
    true = [EARTH.inv(lon, lat, x, y)[2] for x, y in spots.tolist()]
    found = made.nearest(lon, lat, 0, 50_000)
    assert found is not None and found.feature.id == str(int(np.argmin(true)))
    assert found.distance_m == pytest.approx(min(true), abs=0.05)


def test_takes_no_gauge_that_is_too_far_has_no_level_or_does_not_count():
    made = Gauges(
        version(
            gauge("blind", 80.0, 13.0, "closed"),
            Feature("nowhere", "", "", None, {"water_level": 1}),
            gauge("past", 80.001, 13.0, valid_to_ms=9),
            gauge("far", 80.1, 13.0),
        )
    )
    found = made.nearest(80.0, 13.0, 10, 20_000)
    assert len(made) == 2 and found is not None and found.feature.id == "far"
    assert made.nearest(80.0, 13.0, 10, 10_000) is None
    before = made.nearest(80.0, 13.0, 9, 10_000)
    assert before is not None and before.feature.id == "past"
    assert Gauges(version()).nearest(80, 13, 0, 1e9) is None


def test_gives_the_lowest_id_of_equal_distances_whatever_the_order():
    for names in (("10", "9"), ("9", "10")):
        found = Gauges(version(*(gauge(name, 80.0, 13.0) for name in names))).nearest(80.0, 13.0, 0, 100)
        assert found is not None and found.feature.id == "9"
