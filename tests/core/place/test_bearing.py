"""It says in which direction something lies, across the antimeridian too."""

from __future__ import annotations

import pytest

from crisismap.core.place.bearing import DIRECTIONS, bearing, direction

HERE = (80.25, 13.05)
STEPS = ((0, 1), (1, 1), (1, 0), (1, -1), (0, -1), (-1, -1), (-1, 0), (-1, 1))


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
