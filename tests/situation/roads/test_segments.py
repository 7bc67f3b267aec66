"""Straight pieces of lines: which are near a place, and where on each the nearest spot is."""

from __future__ import annotations

import numpy as np
import pytest
from pyproj import Geod

from crisismap.situation.merge.batch_places import Places
from crisismap.situation.roads import segments
from crisismap.situation.roads.segments import Segments

EARTH = Geod(ellps="WGS84")


def pieces(*ends: tuple[tuple[float, float], tuple[float, float]]) -> Segments:
    start, end = np.array(ends, float).transpose(1, 0, 2)
    return Segments(start, end)


def places(*spots: tuple[float, float]) -> Places:
    lon, lat = np.array(spots, float).T
    return Places(lon, lat)


def near(made: Segments, metres: float, *spots: tuple[float, float]) -> list[tuple[int, int]]:
    place, piece = made.near(places(*spots), np.full(len(spots), metres))
    return sorted(zip(place.tolist(), piece.tolist(), strict=True))


@pytest.mark.parametrize("lat", [0.0, 13.0, 60.0, -45.0])
def test_finds_a_piece_within_true_metres(lat: float) -> None:
    east, _, _ = EARTH.fwd(80.0, lat, 90.0, 100.0)
    made = pieces(((east, lat - 0.01), (east, lat + 0.01)))
    assert near(made, 101, (80.0, lat)) == [(0, 0)]
    assert near(made, 99, (80.0, lat)) == []


def test_finds_a_piece_from_the_other_side_of_the_antimeridian() -> None:
    made = pieces(((-179.9999, -17.0), (-179.99, -17.0)))
    assert near(made, 50, (179.9999, -17.0), (179.9, -17.0)) == [(0, 0)]


def test_gives_each_place_its_own_reach() -> None:
    made = pieces(((80.0, 13.0), (80.0, 13.1)))
    place, _ = made.near(places((80.001, 13.05), (80.001, 13.05)), np.array([50.0, 200.0]))
    assert place.tolist() == [1]


def test_finds_nothing_among_nothing() -> None:
    empty = Segments(np.empty((0, 2)), np.empty((0, 2)))
    assert len(empty) == 0
    assert near(empty, 1000, (80.0, 13.0)) == []


def test_answers_alike_whatever_the_size_of_a_query(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(3)
    spots = [tuple(spot) for spot in rng.uniform([80, 13], [80.02, 13.02], (50, 2)).tolist()]
    ends = rng.uniform([80, 13], [80.02, 13.02], (40, 2, 2))
    made = Segments(ends[:, 0], ends[:, 1])
    whole = near(made, 150, *spots)
    assert len(whole) > 20
    monkeypatch.setattr(segments, "_CHUNK", 7)
    assert near(made, 150, *spots) == whole


def test_says_where_on_a_piece_the_nearest_spot_is() -> None:
    made = pieces(((80.0, 13.0), (80.0, 13.1)), ((80.5, 13.0), (80.5, 13.0)))
    x, y = np.array([80.0, 80.0, 80.0, 80.5]), np.array([12.9, 13.05, 13.2, 13.0])
    along, metres = made.project(x, y, np.array([0, 0, 0, 1]))
    assert along[:3].tolist() == pytest.approx([0, 0.5, 1], abs=1e-6)
    assert metres[1] == pytest.approx(0, abs=1e-3)
    assert metres[0] == pytest.approx(EARTH.inv(80.0, 12.9, 80.0, 13.0)[2], rel=1e-4)
    assert metres[3] == 0, "a piece whose ends are the same is a point"
