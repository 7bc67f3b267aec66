"""Rows near a row, by true distance, also where the degrees of longitude are small or begin anew."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from crisismap.core.place.geodesy import distance_m
from crisismap.situation.board.board import Board
from crisismap.situation.board.columns import LAYOUT
from crisismap.situation.board.near import rings_around, rows_near


def board(*places: tuple[float, float]) -> Board:
    made: dict[str, Any] = {name: np.zeros(len(places), kind) for name, kind in LAYOUT.items()}
    made["lon"], made["lat"] = np.array([p[0] for p in places]), np.array([p[1] for p in places])
    return Board(1, len(places), made)


@pytest.mark.parametrize(
    ("other", "is_near"),
    [
        ((80.0, 13.0), True),
        ((80.0, 13.00134), True),  # 149 m
        ((80.0, 13.00136), False),  # 151 m
        ((80.00138, 13.0), True),  # 149.5 m
        ((80.0014, 13.0), False),
        ((float("nan"), float("nan")), False),
    ],
)
def test_draws_a_circle(other: tuple[float, float], is_near: bool):
    assert rows_near(board((80.0, 13.0), other), 0, 150).tolist() == ([0, 1] if is_near else [0])


def test_reaches_over_the_line_where_longitudes_begin_anew():
    assert rows_near(board((179.9995, -17.0), (-179.9995, -17.0)), 0, 150).tolist() == [0, 1]


@given(st.lists(st.tuples(st.floats(-0.01, 0.01), st.floats(-0.01, 0.01)), max_size=8), st.floats(-89, 89))
def test_finds_what_a_plain_reading_finds(steps: list[tuple[float, float]], lat: float):
    places = [(10.0, lat), *((10.0 + x, lat + y) for x, y in steps)]
    expected = [n for n, place in enumerate(places) if distance_m(*places[0], *place) <= 400]
    assert rows_near(board(*places), 0, 400).tolist() == expected


STEPS = (1, 500, 2_000)


def test_counts_rings_from_the_edge_of_a_shape() -> None:
    square = shapely.box(80.0, 13.0, 80.1, 13.1)
    there = board((80.05, 13.05), (80.104, 13.05), (80.05, 13.115), (80.13, 13.05), (float("nan"), float("nan")))
    assert rings_around(there, square, (80.05, 13.05), STEPS).tolist() == [0, 1, 2, 3, 3]


def test_counts_rings_over_the_line_where_longitudes_begin_anew() -> None:
    both = shapely.union_all([shapely.box(179.9, -17.1, 180, -17), shapely.box(-180, -17.1, -179.9, -17)])
    there = board((179.95, -17.05), (-179.95, -17.05), (-179.897, -17.05), (0.0, -17.05))
    assert rings_around(there, both, (-179.95, -17.05), STEPS).tolist() == [0, 0, 1, 3]


@given(st.lists(st.tuples(st.floats(-0.03, 0.03), st.floats(-0.03, 0.03)), max_size=8), st.floats(-70, 70))
def test_counts_the_rings_of_a_point_by_true_distance(steps: list[tuple[float, float]], lat: float) -> None:
    places = [(10.0 + x, lat + y) for x, y in steps]
    rings = rings_around(board(*places), shapely.Point(10.0, lat), (10.0, lat), STEPS).tolist()
    for place, ring in zip(places, rings, strict=True):
        metres = distance_m(10.0, lat, *place)
        if all(abs(metres - step) > 0.02 * step for step in STEPS):  # a plane is good to a percent or two
            assert ring == sum(metres > step for step in STEPS)
