"""How tiles of pictures are asked for: what a recipe covers, and the address it makes of a tile."""

from __future__ import annotations

import pytest

from crisismap.core.layer.raster import Recipe, holes
from crisismap.core.place.mercator import Tile

CITY = (80.1, 12.9, 80.3, 13.2)


def test_covers_a_tile_that_touches_its_bounds_at_its_zooms() -> None:
    recipe = Recipe("https://a.example/{z}/{x}/{y}", min_zoom=3, max_zoom=12, bounds=CITY)
    inside = Tile.at(80.2, 13.0, 10)
    assert recipe.covers(inside)
    assert not recipe.covers(Tile.at(81.5, 13.0, 10)), "beside the bounds"
    assert not recipe.covers(Tile(inside.z, inside.x, inside.y + 5)), "south of them"
    assert recipe.covers(Tile.at(80.2, 13.0, 3)) and recipe.covers(Tile.at(80.2, 13.0, 12))
    assert not recipe.covers(Tile.at(80.2, 13.0, 2)) and not recipe.covers(Tile.at(80.2, 13.0, 13))


def test_fills_every_hole_of_an_address() -> None:
    recipe = Recipe("u/{z}/{x}/{y}/{-y}/{matrix}?bbox={bbox}", min_zoom=1, matrices=("city", "street"))
    asked = recipe.address(Tile(2, 3, 1))
    assert asked.startswith("u/2/3/1/2/street?bbox=")
    west, south, east, north = (float(each) for each in asked.partition("bbox=")[2].split(","))
    assert (west, south) == pytest.approx((10_018_754.17, 0), abs=0.01)
    assert (east, north) == pytest.approx((20_037_508.34, 10_018_754.17), abs=0.01)


@pytest.mark.parametrize(
    ("bounds", "zooms", "z"),
    [((-180.0, -85.0, 180.0, 85.0), (0, 19), 0), (CITY, (0, 19), 10), (CITY, (12, 19), 12), (CITY, (0, 6), 6)],
)
def test_tries_a_tile_about_as_large_as_its_bounds(
    bounds: tuple[float, float, float, float], zooms: tuple[int, int], z: int
) -> None:
    middle = Recipe("u", *zooms, bounds=bounds).middle()
    assert middle.z == z
    assert Recipe("u", *zooms, bounds=bounds).covers(middle)


def test_tries_the_deepest_tile_of_bounds_without_a_width() -> None:
    assert Recipe("u", 0, 15, bounds=(80.0, 13.0, 80.0, 13.0)).middle().z == 15


def test_names_what_an_address_leaves_open() -> None:
    assert holes("https://a.example/{z}/{x}/{-y}?k={key}") == {"z", "x", "-y", "key"}
    assert holes("https://a.example/") == set()
