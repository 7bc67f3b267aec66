"""Every count of a cell has a class, and every class stands in the legend."""

from __future__ import annotations

import pytest

from crisismap.ui.map import hexagons


@pytest.mark.parametrize("counts", [[1], [1, 1, 1], [40, 12, 5, 3, 2, 1, 1], list(range(1, 200))])
def test_gives_every_count_a_class_of_the_legend(counts: list[int]) -> None:
    ends = hexagons.steps(counts)
    assert ends == sorted(set(ends))
    assert ends[-1] == max(counts)
    assert len(hexagons.legend(ends, dark=True)) == len(hexagons.colours_of(ends, dark=False)) == len(ends) <= 5
    assert all(count <= ends[hexagons.class_of(count, ends)] for count in counts)
