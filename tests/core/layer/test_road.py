"""It tells roads from rails, ferries and bus lines, and takes what says nothing for a road."""

from __future__ import annotations

import pytest

from crisismap.core.layer.road import is_road


@pytest.mark.parametrize(
    ("properties", "road"),
    [
        ({}, True),
        ({"kind": "street"}, True),
        ({"highway": "residential", "railway": None}, True),
        ({"highway": "residential", "railway": "level_crossing"}, True),
        ({"kind": "rail"}, False),
        ({"TYPE": " Ferry "}, False),
        ({"railway": "tram"}, False),
        ({"fclass": "bus_route"}, False),
        ({"kind": 7}, True),
    ],
)
def test_tells_roads_from_what_is_none(properties: dict, road: bool):
    assert is_road(properties) is road
