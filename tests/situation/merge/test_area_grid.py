"""The grid over polygons: it answers as the exact test does, and never costs more than it may."""

from __future__ import annotations

import numpy as np
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import Point
from shapely.geometry.base import BaseGeometry

from crisismap.situation.merge.area_grid import AreaGrid
from tests.situation.merge.test_merge_peers import sjoin

_lattice = st.integers(0, 12)


@st.composite
def _shape(draw: st.DrawFn) -> BaseGeometry:
    kind = draw(st.sampled_from(["box", "triangle", "ring", "two"]))
    x, y, w, h = draw(_lattice), draw(_lattice), draw(st.integers(1, 6)), draw(st.integers(1, 6))
    whole = shapely.box(x, y, x + w, y + h)
    if kind == "triangle":
        return shapely.Polygon([(x, y), (x + w, y), (x, y + h)])
    if kind == "ring":
        return shapely.difference(whole, shapely.box(x + w / 4, y + h / 4, x + w / 2, y + h / 2))
    if kind == "two":
        return shapely.union(whole, shapely.box(x + w + 1, y, x + w + 2, y + h))
    return whole


@settings(max_examples=80, deadline=None)
@given(
    shapes=st.lists(_shape(), min_size=1, max_size=8),
    halves=st.lists(st.tuples(st.integers(-2, 42), st.integers(-2, 42)), min_size=1, max_size=40),
    size=st.sampled_from([1, 3, 16, 64]),
)
def test_grid_never_contradicts_the_exact_test(
    shapes: list[BaseGeometry], halves: list[tuple[int, int]], size: int
) -> None:
    # Half-integers lie on vertices, edges and cell borders all the time.
    lon, lat = np.array(halves, float).T / 2
    exact = sjoin(shapes, lon, lat)
    found = AreaGrid(np.array(shapes, object), size).lookup(lon, lat)
    for answer, want in zip(found.tolist(), exact, strict=True):
        assert answer == -2 or answer == (want[0] if want else -1)
        assert answer != -1 or not want


def test_grid_shrinks_for_many_large_overlaps() -> None:
    rng = np.random.default_rng(2)
    circles = np.array([Point(p).buffer(1) for p in rng.uniform(0, 0.1, (200, 2))], object)
    grid = AreaGrid(circles)
    assert grid.size < 512
    lon, lat = rng.uniform(-1.2, 1.3, (2, 500))
    exact = sjoin(list(circles), lon, lat)
    for answer, want in zip(grid.lookup(lon, lat).tolist(), exact, strict=True):
        assert answer == -2 or answer == (want[0] if want else -1)
