"""People under a polygon, by exact geometry and by true areas on the ground."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import shapely
from pyproj import Geod
from shapely.geometry import GeometryCollection, MultiPolygon, Point, Polygon, box

from crisismap.core.layer.layer import Feature, Layer, LayerVersion, Role
from crisismap.situation.merge.population import Estimate, PopulationAreas, equal_area

EARTH = Geod(ellps="WGS84")


def people(*areas: tuple[Any, Any]) -> PopulationAreas:
    features = tuple(Feature(str(i), "", "", shape, {"population": n}) for i, (shape, n) in enumerate(areas))
    return PopulationAreas(LayerVersion(Layer("wards", "Wards", Role.AREA), 1, 0, features))


def under(made: PopulationAreas, *shapes: Any) -> list[Estimate | None]:
    return made.under(np.array(shapes, dtype=object))


TWO = ((box(80, 13, 81, 14), 1000), (box(81, 13, 82, 14), 300))


def test_takes_of_each_area_the_share_that_is_covered():
    (found,) = under(people(*TWO), box(80.5, 13, 81.25, 14))
    assert found is not None
    assert found.people == pytest.approx(500 + 75, abs=1e-6) and found.covered == pytest.approx(1.0, abs=1e-9)


def test_takes_shares_of_true_ground_not_of_degrees():
    (found,) = under(people((box(20, 0, 21, 60), 1000)), box(20, 0, 21, 30))
    south, north = (abs(EARTH.geometry_area_perimeter(box(20, lat, 21, lat + 30))[0]) for lat in (0, 30))
    assert found is not None and found.people == pytest.approx(1000 * south / (south + north), rel=1e-4)
    assert found.people > 570, "half of it in degrees"


def test_says_how_much_of_the_polygon_the_numbers_cover():
    half, none, whole = under(people(*TWO), box(81.5, 13, 82.5, 14), box(90, 13, 91, 14), box(80.2, 13.2, 80.4, 13.4))
    assert half is not None and (round(half.people, 6), round(half.covered, 6)) == (150.0, 0.5)
    assert none is None
    assert whole is not None and whole.people == pytest.approx(40, rel=1e-2) and whole.covered == pytest.approx(1)


def test_counts_areas_that_lie_wholly_inside_whole_and_a_hole_not_at_all():
    around = Polygon([(79, 12), (83, 12), (83, 15), (79, 15)], [[(80, 13), (80, 14), (81, 14), (81, 13)]])
    (found,) = under(people(*TWO), around)
    assert found is not None and found.people == pytest.approx(300, abs=1e-6)


def test_tells_nothing_from_areas_that_lie_on_each_other():
    assert under(people(*TWO, (box(80, 13, 82, 14), 1300)), box(80.5, 13.2, 80.7, 13.4)) == [None]


def test_leaves_out_areas_without_a_number_and_what_is_no_area():
    made = people((box(80, 13, 81, 14), None), (Point(80.5, 13.5), 99), (None, 5), *TWO[1:])
    assert len(made) == 1 and under(made, box(80, 13, 81, 14)) == [None]
    assert under(people(), box(80, 13, 81, 14)) == [None] and under(made) == []


def test_counts_the_polygons_of_a_collection():
    mixed = GeometryCollection([Point(0, 0), MultiPolygon([box(80, 13, 81, 14)])])
    (found,) = under(people((mixed, 1000)), box(80, 13, 80.5, 14))
    assert found is not None and found.people == pytest.approx(500, abs=1e-6)


def test_agrees_with_areas_on_the_ellipsoid():
    for shape in (box(80, 13, 80.1, 13.1), box(10, 78, 10.1, 78.1), box(-74, 40, -73.9, 40.1)):
        true = abs(EARTH.geometry_area_perimeter(shapely.segmentize(shape, 0.001))[0])
        assert shapely.area(equal_area(np.array([shape], dtype=object)))[0] == pytest.approx(true, rel=1e-7)


def test_asks_in_parts_as_it_would_at_once(monkeypatch: pytest.MonkeyPatch):
    cells = tuple((box(x, y, x + 1, y + 1), 100 + x) for x in range(10, 18) for y in range(8))
    shapes = (box(10.3, 0.7, 15.5, 6.2), box(12, 1, 13, 2), box(17.5, 7.5, 30, 9))
    at_once = [each.people for each in under(people(*cells), *shapes) if each]
    monkeypatch.setattr("crisismap.situation.merge.population._CHUNK", 5)
    in_parts = [each.people for each in under(people(*cells), *shapes) if each]
    assert len(at_once) == 3 and in_parts == pytest.approx(at_once)
