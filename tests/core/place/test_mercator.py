"""It projects to the square world of web maps, and cuts that into tiles."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Transformer

from crisismap.core.place.mercator import HALF_WORLD_M, MAX_LAT, WORLD, Tile, common_units, latitude, unit, unit_y

LON, LAT = st.floats(-180, 180), st.floats(-85, 85)
TO_METRES = Transformer.from_crs("EPSG:4326", "EPSG:3857", always_xy=True)


@given(LON, LAT)
def test_agrees_with_proj(lon: float, lat: float):
    east, north = TO_METRES.transform(lon, lat)
    x, y = unit(np.array([lon]), np.array([lat]))
    assert (x[0] * 2 - 1) * HALF_WORLD_M == pytest.approx(east, abs=1e-6, rel=1e-9)
    assert (1 - y[0] * 2) * HALF_WORLD_M == pytest.approx(north, abs=1e-6, rel=1e-9)
    assert unit_y(lat) == pytest.approx(y[0], abs=1e-12)


@given(LAT)
def test_finds_the_latitude_again(lat: float):
    assert latitude(unit_y(lat)) == pytest.approx(lat, abs=1e-9)


def test_ends_where_the_square_ends():
    assert unit_y(90) == unit_y(MAX_LAT) == pytest.approx(0, abs=1e-12)
    assert [each.tolist() for each in unit(np.array([180.0]), np.array([-90.0]))] == [[1.0], pytest.approx([1.0])]


@given(st.floats(-179.9, 179.9), LAT, st.integers(0, 20))
def test_names_the_tile_that_holds_a_place(lon: float, lat: float, zoom: int):
    tile = Tile.at(lon, lat, zoom)
    west, south, east, north = tile.degrees()
    assert tile.exists
    assert west - 1e-9 <= lon <= east + 1e-9 and south - 1e-9 <= lat <= north + 1e-9


def test_gives_the_poles_and_the_last_meridian_a_tile():
    assert Tile.at(180, 90, 3) == Tile(3, 7, 0)
    assert Tile.at(-180, -90, 3) == Tile(3, 0, 7)


@pytest.mark.parametrize("tile", [Tile(-1, 0, 0), Tile(0, 1, 0), Tile(3, 0, 8), Tile(3, -1, 0)])
def test_knows_which_tiles_the_world_lacks(tile: Tile):
    assert not tile.exists


def test_measures_a_tile_in_degrees_and_metres():
    assert Tile(0, 0, 0).degrees() == pytest.approx(WORLD, abs=1e-6)
    assert Tile(0, 0, 0).metres() == pytest.approx((-HALF_WORLD_M, -HALF_WORLD_M, HALF_WORLD_M, HALF_WORLD_M))
    west, south, east, north = Tile(5, 23, 14).degrees()
    assert Tile(5, 23, 14).metres() == pytest.approx(
        (*TO_METRES.transform(west, south), *TO_METRES.transform(east, north))
    )


def test_gives_lengths_in_units_of_the_world():
    assert common_units(2 * HALF_WORLD_M, 0) == 512
    assert common_units(1000, 60) == pytest.approx(2 * common_units(1000, 0))
    assert math.isfinite(common_units(1000, 90))
