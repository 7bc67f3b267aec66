"""The map to click a place on: our own files only, and a place that can be trusted."""

from __future__ import annotations

import re

import folium
import pytest

from crisismap.core.layer.layer import Role
from crisismap.ui.map.base_map import LayerView
from crisismap.ui.map.map import Camera
from crisismap.ui.map.place_picker import base, clicked_place, mark

CHENNAI = Camera(80.24, 13.05, 12)


def test_writes_a_page_that_names_no_other_host() -> None:
    made = base(CHENNAI, layers=[LayerView("wards", Role.AREA, 2)])
    mark((80.2, 13.1)).add_to(made)
    page = made.get_root().render()
    assert re.findall(r"""(?:src|href)=["']([^"']+)""", page) == [
        "/assets/vendor/leaflet/leaflet.js",
        "/assets/vendor/leaflet/leaflet.css",
    ]
    assert not re.search(r"https?://(?!www\.w3\.org)", page)
    assert "/api/v1/layers/wards.geojson?v=2" in page


def test_leaves_folium_as_it_was() -> None:
    assert "/assets/" not in str(folium.Map.default_js)


def test_draws_a_mark_only_where_a_place_was_chosen() -> None:
    assert len(mark(None)._children) == 0
    assert len(mark((80.2, 13.1))._children) == 2


@pytest.mark.parametrize(
    ("answer", "place"),
    [
        ({"last_clicked": {"lat": 13.0512345678, "lng": 80.2}}, (80.2, 13.051235)),
        ({"last_clicked": {"lat": 1.0, "lng": 190.0}}, (-170.0, 1.0)),
        ({"last_clicked": {"lat": 1.0, "lng": -541.0}}, (179.0, 1.0)),
        ({"last_clicked": {"lat": 91.0, "lng": 1.0}}, None),
        ({"last_clicked": {"lat": "1", "lng": 1.0}}, None),
        ({"last_clicked": {"lat": float("nan"), "lng": 1.0}}, None),
        ({"last_clicked": None}, None),
        ({}, None),
        (None, None),
    ],
)
def test_takes_only_a_place_in_the_world(answer: object, place: tuple[float, float] | None) -> None:
    assert clicked_place(answer) == place
