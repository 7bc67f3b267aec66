"""Every count of a cell has a class, and every class stands in the legend."""

from __future__ import annotations

import h3
import pytest

from crisismap.services.lists.cells import CellCount
from crisismap.ui.map import hexagons


@pytest.mark.parametrize("counts", [[1], [1, 1, 1], [40, 12, 5, 3, 2, 1, 1], list(range(1, 200))])
def test_gives_every_count_a_class_of_the_legend(counts: list[int]) -> None:
    ends = hexagons.steps(counts)
    assert ends == sorted(set(ends))
    assert ends[-1] == max(counts)
    assert len(hexagons.legend(ends, dark=True)) == len(hexagons.colours_of(ends, dark=False)) == len(ends) <= 5
    assert all(count <= ends[hexagons.class_of(count, ends)] for count in counts)


def cells(*places: tuple[float, float]) -> list[CellCount]:
    found = [h3.latlng_to_cell(lat, lon, 7) for lon, lat in places]
    return [CellCount(cell, *reversed(h3.cell_to_latlng(cell)), 1, 1, "") for cell in found]


@pytest.mark.parametrize(
    ("places", "west", "east"),
    [
        ([(80.2, 13.0), (80.3, 13.1)], 80.2, 80.3),
        ([(179.9, -16.8), (-179.9, -16.8)], 179.9, -179.9),
        ([(180.0, -16.8)], 179.99, -179.99),
    ],
)
def test_fits_the_map_to_the_cells_on_both_sides_of_180(
    places: list[tuple[float, float]], west: float, east: float
) -> None:
    box = hexagons._extent(cells(*places))
    assert box is not None
    assert (box[0], box[2]) == (pytest.approx(west, abs=0.05), pytest.approx(east, abs=0.05))
    assert hexagons._extent([]) is None
