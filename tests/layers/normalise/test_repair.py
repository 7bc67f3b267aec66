"""Geometry that is mended where that is possible, and counted."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from shapely import LineString, MultiLineString, MultiPolygon, Point, Polygon, box
from shapely.geometry.base import BaseGeometry

from crisismap.layers.normalise.repair import ZERO, RepairResult, check
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


FIJI = [(179.0, -17.0), (-179.0, -17.0), (-179.0, -16.0), (179.0, -16.0), (179.0, -17.0)]


@pytest.mark.parametrize(
    ("geometry", "length", "area"),
    [
        (Polygon(FIJI), 0, 2.0),
        (Polygon(FIJI[::-1]), 0, 2.0),
        (MultiPolygon([Polygon(FIJI), Polygon([(10, 0), (11, 0), (11, 1), (10, 0)])]), 0, 2.5),
        (Polygon(FIJI, [[(179.5, -16.6), (179.7, -16.6), (179.7, -16.4), (179.5, -16.6)]]), 0, 1.98),
        (Polygon(FIJI, [[(-179.7, -16.6), (-179.5, -16.6), (-179.5, -16.4), (-179.7, -16.6)]]), 0, 1.98),
        (LineString([(178.0, -17.0), (-179.0, -17.0)]), 3.0, 0),
        (MultiLineString([[(178, -17), (-179, -17)], [(1, 1), (1, 2)]]), 4.0, 0),
    ],
)
def test_takes_a_jump_over_the_edge_of_the_map_the_short_way(geometry: BaseGeometry, length: float, area: float):
    [found] = checked(geometry)
    assert found.turned
    assert found.repaired
    assert found.geometry is not None
    assert found.geometry.area == pytest.approx(area)
    assert length == 0 or found.geometry.length == pytest.approx(length)
    assert all(abs(lon) <= 180 for lon, _ in shapely.get_coordinates(found.geometry))


@pytest.mark.parametrize(
    "geometry",
    [
        shapely.box(-180, -90, 180, 90),
        shapely.box(-170, -20, 0, 20),
        Polygon([(-170, 60), (-90, 60), (0, 60), (90, 60), (170, 60), (0, 88), (-170, 60)]),
        MultiPolygon([shapely.box(179, -17, 180, -16), shapely.box(-180, -17, -179, -16)]),
        LineString([(-100, 0), (0, 5), (100, 0)]),
        shapely.MultiPoint([(179, 0), (-179, 0)]),
    ],
)
def test_leaves_what_does_not_jump(geometry: BaseGeometry):
    [found] = checked(geometry)
    assert not found.turned
    assert found.geometry is not None
    assert found.geometry.equals(geometry)


@pytest.mark.parametrize(
    "geometry",
    [Point(0, 0), Point(1e-9, 0), shapely.MultiPoint([(0, 0)]), LineString([(80, 13), (0, 0), (80.1, 13.1)])],
)
def test_takes_zeros_for_no_place(geometry: BaseGeometry):
    [found] = checked(geometry)
    assert (found.geometry, found.problem) == (None, ZERO)


@pytest.mark.parametrize(
    "geometry", [Point(0, 51.5), Point(9.4, 0), shapely.box(0, 0, 10, 10), LineString([(-0.5, 0.5), (0, 0), (0.5, 1)])]
)
def test_keeps_places_near_the_zero_lines(geometry: BaseGeometry):
    [found] = checked(geometry)
    assert found.geometry is not None
