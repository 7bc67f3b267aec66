"""It measures on the ground: one formula for each use, all of one earth, across the antimeridian too."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Geod

from crisismap.core.place.geodesy import (
    DIRECTIONS,
    arc,
    bearing,
    chord,
    circle,
    degree_of_latitude,
    degree_of_longitude,
    direction,
    distance_m,
    distances_m,
    earth_centred,
    in_box_around,
    line_length,
)

HERE = (80.25, 13.05)
STEPS = ((0, 1), (1, 1), (1, 0), (1, -1), (0, -1), (-1, -1), (-1, 0), (-1, 1))
EARTH = Geod(ellps="WGS84")
LON, LAT = st.floats(-179, 179), st.floats(-85, 85)


@pytest.mark.parametrize(("step", "word"), list(zip(STEPS, DIRECTIONS, strict=True)))
def test_names_the_eight_directions(step: tuple[int, int], word: str):
    assert direction(*HERE, HERE[0] + step[0] * 0.01, HERE[1] + step[1] * 0.01) == word


def test_goes_the_short_way_round_the_world():
    assert direction(179.9, 0, -179.9, 0) == "east"
    assert direction(-179.9, 0, 179.9, 0) == "west"


def test_counts_from_north_clockwise():
    assert bearing(0, 0, 1, 0) == pytest.approx(90)
    assert bearing(0, 0, -1, 0) == pytest.approx(270)
    assert bearing(0, 0, 0, 0) == 0


@given(LON, LAT, st.floats(-0.5, 0.5), st.floats(-0.5, 0.5))
def test_measures_distance_to_half_a_percent(lon: float, lat: float, east: float, north: float):
    true = EARTH.inv(lon, lat, lon + east, lat + north)[2]
    assert distance_m(lon, lat, lon + east, lat + north) == pytest.approx(true, rel=0.006, abs=0.01)


def test_measures_across_the_antimeridian_and_to_the_antipode():
    assert distance_m(179.9, 0, -179.9, 0) == pytest.approx(22_239, rel=0.001)
    assert distance_m(0, 90, 0, -90) == pytest.approx(math.pi * 6_371_008.8)
    assert distance_m(12.5, 40, 12.5, 40) == 0


@given(LON, LAT, st.lists(st.tuples(LON, LAT), max_size=5))
def test_measures_many_as_it_measures_one(lon: float, lat: float, places: list[tuple[float, float]]):
    lons, lats = np.array([p[0] for p in places]), np.array([p[1] for p in places])
    one_by_one = [distance_m(lon, lat, *place) for place in places]
    assert distances_m(lon, lat, lons, lats).tolist() == pytest.approx(one_by_one, rel=1e-9, abs=1e-3)


def test_knows_no_distance_of_what_has_no_place():
    assert np.isnan(distances_m(*HERE, np.array([math.nan]), np.array([13.0]))).all()
    assert not in_box_around(*HERE, 1e9, np.array([math.nan]), np.array([math.nan])).any()


@given(LON, st.floats(-80, 80), st.floats(-0.05, 0.05), st.floats(-0.05, 0.05))
def test_leaves_nothing_near_out_of_the_box(lon: float, lat: float, east: float, north: float):
    x, y = (lon + east + 180) % 360 - 180, lat + north
    metres = EARTH.inv(lon, lat, x, y)[2]
    assert in_box_around(lon, lat, max(metres * 1.001, 0.01), np.array([x]), np.array([y])).all()


@given(LON, LAT, st.floats(-0.4, 0.4), st.floats(-0.4, 0.4))
def test_bends_the_chord_back_into_the_geodesic(lon: float, lat: float, east: float, north: float):
    ends = earth_centred(np.array([lon, lon + east]), np.array([lat, lat + north]))
    true = EARTH.inv(lon, lat, lon + east, lat + north)[2]
    found = float(arc(np.linalg.norm(ends[:1] - ends[1:], axis=1))[0])
    assert found == pytest.approx(true, rel=1e-6, abs=0.01)
    assert chord(found) <= found


@given(LAT)
def test_measures_a_degree_as_the_geodesic_does(lat: float):
    east = EARTH.inv(10, lat, 10.001, lat)[2] * 1000
    north = EARTH.inv(10, lat - 0.0005, 10, lat + 0.0005)[2] * 1000
    assert float(degree_of_longitude(np.array(lat))) == pytest.approx(east, rel=1e-5)
    assert float(degree_of_latitude(np.array(lat))) == pytest.approx(north, rel=1e-5)


def test_adds_up_a_line():
    points = [(80.0, 13.0), (80.1, 13.0), (80.1, 13.2)]
    pieces = sum(EARTH.inv(*a, *b)[2] for a, b in zip(points[:-1], points[1:], strict=True))
    assert line_length(points) == pytest.approx(pieces)
    assert line_length(points[:1]) == 0


def test_draws_a_circle_clockwise_from_north():
    ring = circle(*HERE, 5_000, 4)
    assert [direction(*HERE, *point) for point in ring.tolist()] == ["north", "east", "south", "west"]
    assert [EARTH.inv(*HERE, *point)[2] for point in ring.tolist()] == pytest.approx([5_000] * 4)
