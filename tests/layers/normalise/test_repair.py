"""Geometry that is mended where that is possible, and counted."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from shapely import LineString, Point, Polygon, box

from crisismap.layers.normalise.repair import RepairResult, check
from tests.layers.samples import BOW_TIE, SQUARE, collection, feature, polygon, read


def test_mends_what_can_be_mended_and_counts_it() -> None:
    version = read(collection(feature(polygon(BOW_TIE)), feature(polygon(SQUARE)), feature(polygon(SQUARE[:-1]))))
    assert (len(version.features), version.repaired, version.refused) == (3, 2, 0)
    kinds = {item.geometry.geom_type for item in version.features if item.geometry}
    assert kinds == {"MultiPolygon", "Polygon"}
    assert all(item.geometry.is_valid for item in version.features if item.geometry)


def checked(*geometries: object) -> list[RepairResult]:
    return check(np.array(geometries, dtype=object))


def test_leaves_what_is_sound_as_it_is() -> None:
    square = box(80, 13, 80.1, 13.1)
    assert checked(square) == [RepairResult(square)]


@pytest.mark.parametrize(
    ("geometry", "why"),
    [
        (None, "no geometry"),
        (Point(), "no geometry"),
        (Point(80, 91), "outside"),
        (Point(float("inf"), 13), "outside"),
        (LineString([(0, 0), (400, 0)]), "outside"),
        (Polygon([(80, 13), (81, 13), (82, 13), (80, 13)]), "beyond repair"),
    ],
)
def test_refuses_what_cannot_be_mended_and_says_why(geometry: object, why: str) -> None:
    [found] = checked(geometry)
    assert found.geometry is None
    assert why in found.problem


def test_cuts_at_the_antimeridian_what_runs_past_it() -> None:
    [found] = checked(box(179, -17, 182, -16))
    assert found.repaired and found.geometry is not None
    assert found.geometry.geom_type == "MultiPolygon"
    assert found.geometry.area == pytest.approx(3)
    assert shapely.covers(found.geometry, [Point(179.5, -16.5), Point(-178.5, -16.5)]).all()
    assert not shapely.covers(found.geometry, Point(-177.5, -16.5))
    [point] = checked(Point(181, -16.5))
    assert point.geometry == Point(-179, -16.5)


def test_keeps_polygons_only_of_a_mended_polygon() -> None:
    spiked = Polygon([(0, 0), (1, 0), (1, 1), (1, 5), (1, 1), (0, 1)])
    [found] = checked(spiked)
    assert found.geometry is not None and found.repaired
    assert found.geometry.equals(box(0, 0, 1, 1)), "the spike is a line and encloses nothing"
