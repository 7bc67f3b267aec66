"""The made-up rivers rise and fall, the same from the same seed, and say that they are made up."""

from __future__ import annotations

import json

from shapely.geometry import Point

from crisismap.core.layer.gauge import gauge_of
from crisismap.core.moment import HOUR_MS
from crisismap.demo.city.city import city
from crisismap.demo.city.gauges import INTERVAL_MS, gauge_layer, gauges

NOW = 1_449_037_923_456


def test_gives_the_same_levels_from_the_same_seed_and_moment():
    assert json.dumps(gauge_layer(7, NOW)[1]) == json.dumps(gauge_layer(7, NOW - NOW % INTERVAL_MS)[1])
    assert gauge_layer(7, NOW)[1] != gauge_layer(7, NOW + INTERVAL_MS)[1]


def test_says_what_a_gauge_says_and_that_it_is_made_up():
    layer, collection = gauge_layer(7, NOW)
    assert layer.made_up and collection["made_up"] and "made up" in layer.title
    assert len({f["properties"]["name"] for f in collection["features"]}) == len(collection["features"]) == 13
    for each in collection["features"]:
        said = gauge_of(each["properties"])
        assert said is not None and said.reading.measured_ms == NOW - NOW % INTERVAL_MS
        assert said.warning is not None and said.danger is not None and said.warning < said.danger


def test_stands_in_the_water_it_is_named_after():
    town = city(7)
    for each in gauges(7):
        water = next(w for w in town.ground.waters if each.name.startswith(w.name))
        assert water.shape.buffer(60).contains(Point(each.x, each.y))


def test_has_rivers_that_rise_and_rivers_that_fall_at_any_hour_and_passes_every_mark_in_time():
    for hour in range(24):
        now, before = NOW + hour * HOUR_MS, NOW + (hour - 1) * HOUR_MS
        moves = [each.level(now) - each.level(before) for each in gauges(7)]
        assert any(move > 0.05 for move in moves) and any(move < -0.05 for move in moves)
    for each in gauges(7):
        states = {
            "danger" if level >= each.marks[1] else "warning" if level >= each.marks[0] else "normal"
            for level in (each.level(NOW + step * INTERVAL_MS) for step in range(15 * 6))
        }
        assert states == {"danger", "warning", "normal"}
