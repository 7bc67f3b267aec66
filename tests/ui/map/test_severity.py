"""A worse warning is drawn denser, an all-clear not at all."""

from __future__ import annotations

import json

from crisismap.core.layer.layer import Role
from crisismap.ui.map.base_map import LayerView
from crisismap.ui.map.map import Camera, Scene, deck


def test_draws_a_worse_warning_denser_and_an_all_clear_not_at_all():
    scene = Scene(1, Camera(80, 13, 10), layers=[LayerView("w", Role.HAZARD, 1, "2015-12-02T06:30:00.000Z")])
    made = deck(scene).to_json()
    below = json.loads(made)["mapStyle"][0]
    outline = next(each for each in below["layers"] if each["id"] == "w-outline")["paint"]["line-width"]
    assert outline[4] == [
        "match",
        ["get", "severity"],
        "Extreme",
        2.4,
        "Severe",
        1.5,
        "Moderate",
        0.9,
        "Minor",
        0.6,
        0.6,
    ]
    assert below["sources"]["w"]["data"] == "/api/v1/layers/w.geojson?v=1&at=2015-12-02T06:30:00.000Z"
    assert "properties.severity == 'Extreme' ? 220" in made and "properties.status == 'all clear' ? 0" in made
    assert "/api/v1/layers/w.geojson?v=1&at=2015-12-02T06:30:00.000Z" in made
