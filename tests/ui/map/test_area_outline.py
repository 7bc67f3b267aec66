"""The outline of chosen areas: small however fine the layer is, whole across 180 degrees, nothing for what is gone."""

from __future__ import annotations

import math

from crisismap.services.runtime.context import Context
from crisismap.ui.map import area_outline
from tests.ui.open_desk import put, ward


def circle(points: int, lon: float = 80.25) -> list[list[float]]:
    turns = [2 * math.pi * step / points for step in range(points)]
    ring = [[lon + 0.1 * math.cos(turn), 13.05 + 0.1 * math.sin(turn)] for turn in turns]
    return [*ring, ring[0]]


def polygon(name: str, *rings: list[list[float]]) -> dict[str, object]:
    return ward(name, name) | {"geometry": {"type": "Polygon", "coordinates": list(rings)}}


def test_leaves_out_what_is_too_fine_to_be_seen(desk: Context) -> None:
    put(desk, "wards", "area", polygon("Round", circle(20_000)))
    for layer in area_outline.layers(desk.views.situation, ("Round",), dark=False):
        [path] = layer.data
        assert 20 < len(path["path"]) < 300
        assert all(abs(math.hypot(lon - 80.25, lat - 13.05) - 0.1) < 0.002 for lon, lat in path["path"])


def test_outlines_every_part_and_hole_of_several_areas(desk: Context) -> None:
    hole = [[80.24, 13.04], [80.26, 13.04], [80.26, 13.06], [80.24, 13.04]]
    put(desk, "wards", "area", polygon("One", circle(40), hole), polygon("Two", circle(40, 80.9)))
    situation = desk.views.situation
    assert len(area_outline.layers(situation, ("One",), dark=True)[0].data) == 2
    assert len(area_outline.layers(situation, ("One", "Two"), dark=True)[0].data) == 3
    west, _, east, _ = area_outline.box(situation, ("One", "Two")) or (0, 0, 0, 0)
    assert (round(west, 2), round(east, 2)) == (80.15, 81.0)


def test_draws_nothing_for_an_area_that_is_gone_or_has_no_geometry(desk: Context) -> None:
    put(desk, "wards", "area", ward("Nowhere", "W-9") | {"geometry": None}, ward("Adyar", "W-1"))
    for areas in ((), ("gone",), ("Nowhere",)):
        assert area_outline.layers(desk.views.situation, areas, dark=False) == [], areas
        assert area_outline.box(desk.views.situation, areas) is None, areas
