"""A set of points that changes reads as one that is made anew, whatever was added, moved and removed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from crisismap.situation.tiles import morton, point_set
from crisismap.situation.tiles.point_set import PointSet, Sums
from crisismap.situation.tiles.points import PointColumns, columns_of
from tests.situation.tiles.test_tiles import ATTRIBUTES, holding, many


def some(seed: int, rows: NDArray[np.int64]) -> PointColumns:
    """Points with these rows, near those of `many`."""
    rng, held = np.random.default_rng(seed), many(len(rows))
    near = replace(held, row=rows.astype(np.uint32), lon=rng.normal(80.27, 0.05, len(rows)))
    return columns_of(near, ATTRIBUTES)


def same(one: PointColumns, other: PointColumns) -> bool:
    return all(np.array_equal(a, b) for a, b in zip(one.all(), other.all(), strict=True))


def changed(steps: int, size: int) -> tuple[PointSet, PointSet]:
    """A set after some changes, and one made anew of the same points."""
    rng = np.random.default_rng(steps)
    now, anew = PointSet(columns_of(many(2000), ATTRIBUTES)), columns_of(many(2000), ATTRIBUTES)
    for step in range(steps):
        fresh = some(step, rng.choice(7000, size, replace=False))
        gone = rng.choice(7000, size, replace=False).astype(np.uint32)
        now = now.changed(fresh, gone)
        anew = anew.with_changes(np.flatnonzero(np.isin(anew.row, np.append(fresh.row, gone))), fresh)
    return now, PointSet(anew)


def sums(of: PointSet, z: int) -> tuple[NDArray[np.int64], Sums]:
    edges = morton.edges(*holding(z, 80.27, 13.08), 4)
    window = of.within(edges[:-1], edges[1:])
    return window.size, window.sums()


@pytest.mark.parametrize("many_points", [8_192, 100])
@pytest.mark.parametrize(("steps", "size"), [(0, 0), (1, 1), (3, 40), (30, 40)])
def test_equals_a_set_made_anew(steps: int, size: int, many_points: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(point_set, "MANY", many_points)
    now, anew = changed(steps, size)
    assert len(now) == len(anew)
    assert same(now.columns(), anew.columns())
    for z in (0, 8, 10, 12, 14, 8):
        (size_of, found), (expected_size, expected) = sums(now, z), sums(anew, z)
        assert size_of.tolist() == expected_size.tolist()
        held = size_of > 0
        for name in ("x", "y", "first"):
            assert getattr(found, name)[held].tolist() == getattr(expected, name)[held].tolist()
        assert found.demand[:, held].tolist() == expected.demand[:, held].tolist()


def test_keeps_the_sums_of_large_tiles_right_while_points_change(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(point_set, "MANY", 10)
    base = PointSet(columns_of(many(2000), ATTRIBUTES))
    before = sums(base, 8)
    after = base.changed(some(1, np.array([9000])), np.array([0, 3], np.uint32))
    assert sums(after, 8)[0].sum() == before[0].sum() - 1
    assert sums(base, 8)[1].x.tolist() == before[1].x.tolist(), "the older set is as it was"
    assert 0 in before[1].first and 0 not in sums(after, 8)[1].first, "the smallest row of a cell has gone"


def test_takes_the_points_of_some_ranges_in_order() -> None:
    now, anew = changed(3, 40)
    edges = morton.edges(*holding(9, 80.27, 13.08), 4)
    which = np.arange(256) % 3 == 0
    (found, number), (expected, expected_number) = (of.within(edges[:-1], edges[1:]).take(which) for of in (now, anew))
    assert same(found, expected)
    assert number.tolist() == expected_number.tolist()


def test_finds_a_point_by_its_row() -> None:
    now, _ = changed(3, 40)
    columns = now.columns()
    for row in range(0, 7000, 97):
        assert now.find(row).row.tolist() == [row] * (row in columns.row)


def test_makes_the_columns_again_when_many_points_have_changed() -> None:
    base = PointSet(columns_of(many(2000), ATTRIBUTES))
    few, lots = base.changed(some(1, np.arange(3)), few_rows := np.empty(0, np.uint32)), np.arange(9000, 11_000)
    assert few._base is base._base
    assert few.changed(some(2, lots), few_rows)._base is not base._base


def test_finds_rows_that_are_far_between() -> None:
    rows = np.array([5, 2**27, 2**28 - 1])
    made = PointSet(some(1, rows)).changed(some(2, rows[1:2]), rows[:1].astype(np.uint32))
    assert sorted(made.columns().row.tolist()) == rows[1:].tolist()
