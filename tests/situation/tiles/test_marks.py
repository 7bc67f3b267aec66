"""Marks of a tile: ranges of columns, ranks within a mark, and short numbers."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crisismap.situation.tiles.grouping import FAN
from crisismap.situation.tiles.marks import CLUSTER_MAX_ZOOM, alone, ranges, ranks_within


@given(st.lists(st.tuples(st.integers(0, 1000), st.integers(1, 20)), min_size=1, max_size=30))
def test_numbers_several_ranges_behind_each_other(pairs: list[tuple[int, int]]) -> None:
    start, size = (np.array(each, np.int64) for each in zip(*pairs, strict=True))
    expected = [number for first, count in pairs for number in range(first, first + count)]
    assert ranges(start, size).tolist() == expected


@given(st.lists(st.integers(0, 5), min_size=1, max_size=40))
def test_ranks_each_within_its_group_in_their_order(groups: list[int]) -> None:
    expected = [groups[:at].count(group) for at, group in enumerate(groups)]
    assert ranks_within(np.array(groups, np.int64)).tolist() == expected


@pytest.mark.parametrize(("zoom", "most"), [(0, 1), (CLUSTER_MAX_ZOOM, 1), (CLUSTER_MAX_ZOOM + 1, FAN)])
def test_draws_a_few_by_themselves_only_close_up(zoom: int, most: int) -> None:
    assert alone(zoom) == most
