"""It refuses a layer that is not where the incident is, and says the likely cause."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest
import shapely
from shapely.geometry.base import BaseGeometry

from crisismap.core.errors import Invalid
from crisismap.core.layer.layer import WARNING, Feature, Layer, LayerVersion, Role
from crisismap.core.layer.position import checked

CHENNAI = (80.2, 13.0, 80.3, 13.1)
LEBANON = (35.1, 33.0, 36.6, 34.7)  # the other order is a place too, in the sea beside it
DIAGONAL = (33.0, 33.0, 36.0, 36.0)
FIJI = (177.0, -19.0, -179.0, -16.0)


def layer(*shapes: BaseGeometry | None, role: Role = Role.SHELTER) -> LayerVersion:
    features = tuple(Feature(str(n), f"S{n}", "", shape, {}) for n, shape in enumerate(shapes, 1))
    return LayerVersion(Layer("x", "X", role), 0, 0, features)


def points(*pairs: tuple[float, float]) -> list[Any]:
    return [shapely.Point(*pair) for pair in pairs]


def turned(shapes: Iterable[BaseGeometry]) -> list[BaseGeometry]:
    return [shapely.transform(shape, lambda xy: xy[:, ::-1]) for shape in shapes]


@pytest.mark.parametrize(
    ("extent", "shapes"),
    [
        (CHENNAI, points((80.21, 13.01), (80.22, 13.02))),
        (CHENNAI, points((80.21, 13.01))),
        (CHENNAI, [shapely.box(80.2, 13.0, 80.24, 13.04)]),
        (LEBANON, points((35.5, 33.9), (36.2, 34.0))),
        ((36.6, -1.5, 37.1, -1.1), points((36.8, -1.3))),
        ((-77.2, -12.3, -76.8, -11.8), points((-77.0, -12.0), (-76.9, -12.1))),
    ],
)
def test_refuses_a_layer_whose_order_is_swapped(extent: tuple[float, float, float, float], shapes: list[Any]):
    right = layer(*shapes)
    assert checked(right, [extent], []) is right
    with pytest.raises(Invalid) as refused:
        checked(layer(*turned(shapes)), [extent], [])
    assert refused.value.code == "layer_swapped"


def test_knows_the_order_by_the_areas_where_both_are_in_the_box():
    areas = [layer(shapely.box(33.0, 33.0, 33.5, 36.0), shapely.box(35.5, 33, 36, 33.5), role=Role.AREA)]
    shapes = points((33.2, 35.0), (33.1, 35.2))
    right = layer(*shapes)
    assert checked(right, [DIAGONAL], areas) is right
    with pytest.raises(Invalid) as refused:
        checked(layer(*turned(shapes)), [DIAGONAL], areas)
    assert refused.value.code == "layer_swapped"


@pytest.mark.parametrize(
    "shapes", [points((2.35, 48.85)), [shapely.box(-74, 40, -73, 41)], points((80.2, 20), (85, 27))]
)
def test_refuses_a_layer_that_is_far_away(shapes: list[Any]):
    with pytest.raises(Invalid) as refused:
        checked(layer(*shapes), [CHENNAI], [])
    assert refused.value.code == "layer_far_away"
    assert refused.value.details["count"] == len(shapes)
    far = layer(*shapes)
    assert checked(far, [CHENNAI], [], may_be_far=True) is far


def test_refuses_swapped_warnings_that_may_be_far_away():
    with pytest.raises(Invalid):
        checked(layer(shapely.box(13.0, 80.2, 13.04, 80.24), role=Role.HAZARD), [CHENNAI], [], may_be_far=True)


@pytest.mark.parametrize(
    "shapes",
    [
        points((80.25, 13.05)),
        points((78.5, 12.0)),  # the next district
        [shapely.box(68, 8, 97, 35)],  # a country around the incident
        [shapely.box(-180, -90, 180, 90)],
        [None],
        [None, shapely.Point(80.2, 13.0)],
    ],
)
def test_takes_what_is_at_the_incident(shapes: list[Any]):
    version = layer(*shapes)
    assert checked(version, [CHENNAI], []) is version


def test_takes_what_is_at_an_incident_across_180():
    version = layer(*points((-179.5, -17.0), (178.0, -18.0)))
    assert checked(version, [FIJI], []) is version
    with pytest.raises(Invalid):
        checked(layer(*points((-50.0, -17.0))), [FIJI], [])


def test_knows_nothing_without_an_incident():
    version = layer(*points((13.0, 80.2)))
    assert checked(version, [], []) is version


def test_takes_what_is_at_any_of_several_places():
    version = layer(*points((2.35, 48.85)))
    assert checked(version, [CHENNAI, (2.0, 48.0, 3.0, 49.0)], []) is version


def test_warns_of_single_features_by_name():
    shapes = points((80.21, 13.01), (80.22, 13.02), (80.23, 13.03), (13.01, 80.21), (2.35, 48.85))
    found = checked(layer(*shapes), [CHENNAI], [])
    assert found.notes == (
        f"{WARNING}longitude and latitude look swapped, left as they are: 1 of 5 features (S4)",
        f"{WARNING}far from the incident: 1 of 5 features (S5)",
    )
    assert checked(found, [CHENNAI], []) is found


def test_says_how_far_away_the_nearest_feature_is():
    with pytest.raises(Invalid) as refused:
        checked(layer(*points((2.35, 48.85), (77.2, 28.6))), [CHENNAI], [])
    assert refused.value.details["away_km"] == pytest.approx(1757, rel=0.01)
    with pytest.raises(Invalid) as refused:
        checked(layer(*points((-120.0, -17.0))), [FIJI], [])
    assert refused.value.details["away_km"] == pytest.approx(6400, rel=0.02), "the short way, across 180 degrees"
