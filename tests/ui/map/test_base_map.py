"""The style under the deck: which official layers it draws, from where, and where it leaves them to the deck."""

from __future__ import annotations

import json
from typing import Any

import pytest

from crisismap.core.layer.layer import Role
from crisismap.core.text import symbols
from crisismap.ui.map.base_map import ROLES, BasemapLayers, LayerView, style
from crisismap.ui.map.map import Camera, Scene, deck

EVERY_ROLE = [LayerView(f"{role}-layer", role, 3) for role in Role]
VECTOR = BasemapLayers(vector_url="/api/v1/basemap/{z}/{x}/{y}.mvt")


def made(scene: Scene) -> tuple[dict[str, Any], list[str]]:
    """The style, and the ids of the deck's layers."""
    read = json.loads(deck(scene).to_json())
    return read["mapStyle"][0], [each["id"] for each in read["layers"][0]]


def test_draws_each_official_layer_below_or_in_the_deck_and_hazards_as_outline_and_hatching() -> None:
    below, deck_layers = made(Scene(1, Camera(80, 13, 12), layers=EVERY_ROLE))
    for each in EVERY_ROLE:
        assert (each.id in below["sources"]) == (each.role in ROLES)
        assert (f"layer-{each.id}" in deck_layers) == (each.role in (Role.HAZARD, Role.SHELTER))


def test_leaves_all_to_the_deck_where_its_own_basemap_would_cover_them() -> None:
    below, deck_layers = made(Scene(1, Camera(80, 13, 12), layers=EVERY_ROLE, basemap=VECTOR))
    assert set(below["sources"]) == {"land", "borders"}
    assert {f"layer-{each.id}" for each in EVERY_ROLE} <= set(deck_layers)


def test_reads_a_layer_of_its_version_from_our_own_server() -> None:
    roads = LayerView("roads", Role.TRANSPORT, 7)
    assert style(BasemapLayers(), [roads], dark=False)["sources"]["roads"]["data"] == "/api/v1/layers/roads.geojson?v=7"


@pytest.mark.parametrize("dark", [False, True])
def test_marks_closed_roads_in_red_dashes_over_the_open_ones(dark: bool) -> None:
    layers = style(BasemapLayers(), [LayerView("roads", Role.TRANSPORT, 1)], dark=dark)["layers"]
    way, shut = (next(each for each in layers if each["id"] == f"roads-{part}") for part in ("open", "closed"))
    assert layers.index(way) < layers.index(shut)
    assert shut["paint"]["line-color"] == symbols.palette(dark).road_closed
    assert "line-dasharray" in shut["paint"]
    assert way["filter"] == ["!", shut["filter"]]


def test_writes_no_names_since_that_would_ask_for_glyphs() -> None:
    below = style(BasemapLayers(), EVERY_ROLE, dark=False)
    assert not [each for each in below["layers"] if each["type"] == "symbol"]
    assert "glyphs" not in below


def test_keeps_the_style_while_only_the_reports_change() -> None:
    first, second = (made(Scene(number, Camera(80, 13, 12), layers=EVERY_ROLE))[0] for number in (1, 2))
    assert first == second
