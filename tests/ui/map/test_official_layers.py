"""Official layers in the deck: what MapLibre draws below is not drawn twice, and an imported basemap changes that."""

from __future__ import annotations

from crisismap.core.layer.layer import Role
from crisismap.ui.map.base_map import BasemapLayers, LayerView
from crisismap.ui.map.official_layers import below, official, vector_basemap

EVERY_ROLE = [LayerView(f"{role}-layer", role, 3) for role in Role]
IMPORTED = BasemapLayers(vector_url="/api/v1/basemap/{z}/{x}/{y}")


def test_draws_only_hatching_and_shelters_over_what_lies_below() -> None:
    drawn = [each.id for each in official(EVERY_ROLE, BasemapLayers(), dark=False)]
    assert drawn == ["layer-hazard-layer", "layer-shelter-layer"]
    assert {each.role for each in below(EVERY_ROLE, BasemapLayers())} == set(Role) - {Role.SHELTER}


def test_draws_everything_itself_over_an_imported_basemap() -> None:
    drawn = [each.id for each in official(EVERY_ROLE, IMPORTED, dark=True)]
    order = ("context", "hazard", "area", "transport", "shelter")
    assert drawn == [f"layer-{role}-layer" for role in order]
    assert below(EVERY_ROLE, IMPORTED) == []


def test_fills_no_area_of_the_basemap_over_images() -> None:
    assert vector_basemap(BasemapLayers(), filled=True, dark=False) == []
    for filled in (True, False):
        (layer,) = vector_basemap(IMPORTED, filled=filled, dark=False)
        assert layer.filled is filled
