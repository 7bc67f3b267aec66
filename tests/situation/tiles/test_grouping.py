"""Marks that would hide each other become one; few of them stand around their place; a ring tells the priorities."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crisismap.core.text.map_symbols import RING_PARTS
from crisismap.situation.tiles.grouping import APART, FAN, PIXEL, fanned, merged, ring

MARKS = st.lists(st.tuples(st.integers(0, 4095), st.integers(0, 4095), st.integers(1, 50)), min_size=1, max_size=80)


@given(MARKS)
def test_puts_each_mark_with_a_heavier_one_within_reach(marks: list[tuple[int, int, int]]) -> None:
    x, y, weight = (np.array(each, np.int64) for each in zip(*marks, strict=True))
    with_ = merged(x, y, weight)
    stays = with_ == np.arange(len(x))
    assert stays[with_].all()
    distance = np.hypot(x - x[with_], y - y[with_])
    assert (distance < APART).all()
    assert (weight[with_] >= weight).all()
    kept = np.flatnonzero(stays)
    between = np.hypot(x[kept, None] - x[kept], y[kept, None] - y[kept]) + 1e9 * np.eye(len(kept))
    assert (between >= APART).all()


@pytest.mark.parametrize("count", range(2, FAN + 1))
def test_draws_a_few_side_by_side_around_their_middle(count: int) -> None:
    right, below = fanned(np.full(count, count), np.arange(count))
    between = np.hypot(right[:, None] - right, below[:, None] - below) + 1e9 * np.eye(count)
    assert 40 * PIXEL <= between.min() <= 44 * PIXEL
    assert abs(right.sum()) + abs(below.sum()) <= count
    assert (right[0], below[0] < 0) == (0, True), "the first is at the top"


@pytest.mark.parametrize(
    ("counts", "expected"),
    [((1, 0, 0, 0), "8000"), ((1, 1, 0, 0), "4400"), ((1, 0, 0, 999), "1007"), ((300, 1, 1, 1), "5111")],
)
def test_gives_every_priority_that_waits_a_part_of_the_ring(counts: tuple[int, ...], expected: str) -> None:
    assert ring(counts) == expected


@given(st.tuples(*[st.integers(0, 10_000)] * 4).filter(any))
def test_makes_rings_that_are_whole(counts: tuple[int, ...]) -> None:
    parts = [int(digit) for digit in ring(counts)]
    assert sum(parts) == RING_PARTS
    assert [bool(part) for part in parts] == [bool(count) for count in counts]
