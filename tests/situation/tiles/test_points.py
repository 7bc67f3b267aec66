"""Points as columns: in the order of their keys, and without, with, or in place of some of them."""

from __future__ import annotations

import numpy as np

from crisismap.situation.tiles.points import PointColumns, columns_of
from tests.situation.tiles.test_tiles import ATTRIBUTES, many


def pairs(columns: PointColumns) -> list[tuple[int, int]]:
    return list(zip(columns.key.tolist(), columns.row.tolist(), strict=True))


def test_puts_points_in_the_order_of_their_keys_and_rows() -> None:
    columns = columns_of(many(300), ATTRIBUTES)
    assert pairs(columns) == sorted(pairs(columns))
    assert len(columns) == 300


def test_takes_points_out_and_puts_others_in_order() -> None:
    columns = columns_of(many(300), ATTRIBUTES)
    some, rest = columns.take(np.arange(0, 300, 3)), np.setdiff1d(np.arange(300), np.arange(0, 300, 3))
    without = columns.with_changes(np.arange(0, 300, 3), some.take(np.empty(0, np.intp)))
    assert pairs(without) == pairs(columns.take(rest))
    assert pairs(without.with_changes(np.empty(0, np.intp), some)) == pairs(columns)
    assert pairs(columns.with_changes(np.arange(300), some)) == pairs(some)
