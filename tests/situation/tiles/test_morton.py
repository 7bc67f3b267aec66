"""Morton keys."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crisismap.situation.tiles import morton


def _key(x: int, y: int) -> int:
    return sum((x >> bit & 1) << 2 * bit | (y >> bit & 1) << 2 * bit + 1 for bit in range(26))


@given(st.lists(st.tuples(*[st.integers(0, 2**26 - 1)] * 2), min_size=1, max_size=50))
def test_interleaves_the_bits_of_column_and_row(cells: list[tuple[int, int]]) -> None:
    x, y = np.array(cells, np.uint32).T
    assert morton.interleave(x, y).tolist() == [_key(*cell) for cell in cells]


def test_interleaves_more_points_than_one_chunk_holds() -> None:
    x = np.arange(40_000, dtype=np.uint32) * 1677
    keys = morton.interleave(x, x[::-1].copy())
    for at in (0, 16_383, 16_384, 39_999):
        assert keys[at] == _key(int(x[at]), int(x[-1 - at]))


@given(st.floats(-180, 180), st.floats(-85, 85))
def test_projects_to_within_one_cell(lon: float, lat: float) -> None:
    x, y = morton.project(np.array([lon]), np.array([lat]))
    across = (lon + 180) / 360 * 2**26
    down = (1 - math.log(math.tan(math.pi / 4 + math.radians(lat) / 2)) / math.pi) / 2 * 2**26
    assert abs(x[0] - across) <= 1
    assert abs(y[0] - down) <= 1


@pytest.mark.parametrize(
    ("lon", "lat", "x", "y"),
    [
        (-180, 0, 0, 2**25),
        (180, 0, 2**26 - 1, 2**25),
        (0, 90, 2**25, 0),
        (0, 85.06, 2**25, 0),
        (0, -90, 2**25, 2**26 - 1),
    ],
)
def test_keeps_the_ends_of_the_world_inside(lon: float, lat: float, x: int, y: int) -> None:
    across, down = morton.project(np.array([float(lon)]), np.array([float(lat)]))
    assert (across[0], down[0]) == (x, y)


def test_gives_the_edges_of_a_tile_and_its_cells() -> None:
    assert morton.edges(0, 0, 0).tolist() == [0, 2**52]
    assert morton.edges(1, 1, 0, 1).tolist() == [2**50 + i * 2**48 for i in range(5)]
    first, last = morton.edges(22, 3_000_000, 4_000_000).tolist()
    assert first == _key(3_000_000 << 4, 4_000_000 << 4)
    assert last - first == 2**8


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 99)), unique=True, min_size=2, max_size=60), st.data())
def test_orders_by_key_then_id_and_finds_places_in_between(pairs: list[tuple[int, int]], data: st.DataObject) -> None:
    old = data.draw(st.lists(st.sampled_from(pairs), unique=True))
    keys, ids = np.array(pairs, np.int64).T.copy(), np.array([pair[1] for pair in pairs], np.uint32)
    positions = morton.order(keys[0], ids)
    assert [pairs[at] for at in positions] == sorted(pairs)
    old.sort()
    found = (
        morton.lower_bound(
            np.array([pair[0] for pair in old], np.int64),
            np.array([pair[1] for pair in old], np.uint32),
            keys[0],
            ids,
        )
        if old
        else [0] * len(pairs)
    )
    assert list(found) == [sum(other < pair for other in old) for pair in pairs]
