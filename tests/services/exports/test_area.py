"""An area is found by name or code; its box, and what is near it, decide what goes on paper and maps."""

from __future__ import annotations

import pytest
from shapely.geometry import MultiPolygon, Point, Polygon, box

from crisismap.core.errors import Invalid
from crisismap.core.layer.layer import Feature, Role, geometries
from crisismap.services.exports.area import area_title, box_of, features_of, is_near, kind_of, margin_around
from crisismap.services.runtime.context import Context
from tests.services.around.test_official_context import put

ADYAR = Feature("a", "Adyar", "W-1", box(80.2, 13.0, 80.3, 13.1), {})


@pytest.mark.parametrize("typed", ["Adyar", "ADYAR", "w-1"])
def test_finds_an_area_by_name_or_code_in_any_case(context: Context, typed: str) -> None:
    put(context, "wards", Role.AREA, ADYAR, Feature("b", "Guindy", "W-2", box(80.1, 13.0, 80.2, 13.1), {}))
    assert [each.id for each in features_of(context.views.situation, typed)] == ["a"]


@pytest.mark.parametrize("typed", ["", "Adya", "a"])
def test_refuses_what_is_no_area(context: Context, typed: str) -> None:
    put(context, "wards", Role.AREA, ADYAR, Feature("c", "", "", box(80.1, 13.0, 80.2, 13.1), {}))
    put(context, "hazards", Role.HAZARD, Feature("h", "a", "", box(80.1, 13.0, 80.2, 13.1), {}))
    with pytest.raises(Invalid):
        features_of(context.views.situation, typed)


def test_titles_it_with_the_code_where_that_says_more() -> None:
    names = [("Adyar", "W-1"), ("Adyar", "Adyar"), ("Adyar", ""), ("", "W-1")]
    assert [area_title(Feature("a", *each, None, {})) for each in names] == ["Adyar (W-1)", "Adyar", "Adyar", "W-1"]


def test_puts_one_box_round_all_of_it() -> None:
    second = Feature("b", "", "", box(80.4, 12.9, 80.5, 13.0), {})
    empty = Feature("c", "", "", Polygon(), {})
    assert box_of(geometries([ADYAR, second, empty])) == (80.2, 12.9, 80.5, 13.1)
    assert box_of(geometries([empty, Feature("d", "", "", None, {})])) is None
    assert margin_around((80.0, 13.0, 80.0, 13.0)) > 0, "a point has room round it too"


def test_knows_what_lies_in_and_round_a_box() -> None:
    here = (80.2, 13.0, 80.3, 13.1)
    for lon, near in ((80.25, True), (80.305, True), (80.32, False), (80.195, True), (80.18, False)):
        assert is_near(Feature("p", "", "", Point(lon, 13.05), {}), here, 0.01) is near
    assert not is_near(Feature("p", "", "", None, {}), here, 0.01)


def test_puts_a_box_as_wide_as_its_parts_round_an_area_across_180() -> None:
    taveuni = MultiPolygon([box(179.9, -17, 180, -16), box(-180, -17, -179.8, -16)])
    around = box_of(geometries([Feature("t", "Taveuni", "T", taveuni, {})]))
    assert around == pytest.approx((179.9, -17, 180.2, -16))
    assert around is not None and margin_around(around) < 0.2
    halves = [Feature("w", "", "", taveuni.geoms[0], {}), Feature("e", "", "", taveuni.geoms[1], {})]
    assert box_of(geometries(halves)) == around


@pytest.mark.parametrize(
    "here", [(179.9, -17.0, 180.2, -16.0), (179.0, -17.0, 179.99, -16.0), (-179.99, -17, -179, -16)]
)
def test_knows_what_lies_round_a_box_on_both_sides_of_180(here: tuple[float, float, float, float]) -> None:
    places = {
        lon: is_near(Feature("p", "", "", Point(lon, -16.5), {}), here, 0.03) for lon in (179.98, -179.98, 0, 177)
    }
    assert places == {179.98: True, -179.98: True, 0: False, 177: False}
    assert not is_near(Feature("p", "", "", Point(179.98, -18), {}), here, 0.03)


@pytest.mark.parametrize(
    ("role", "status", "drawn"),
    [
        (Role.TRANSPORT, " Closed ", ("road_closed", "")),
        (Role.TRANSPORT, "open", ("road", "")),
        (Role.SHELTER, "Open", ("shelter", "open")),
        (Role.SHELTER, "full", ("shelter", "full")),
        (Role.SHELTER, "ruined", ("shelter", "closed")),
        (Role.HAZARD, "", ("hazard", "")),
        (Role.CONTEXT, "", ("context", "")),
    ],
)
def test_draws_a_feature_by_its_role_and_status(role: Role, status: str, drawn: tuple[str, str]) -> None:
    feature = Feature("f", "", "", Point(0, 0), {}, status=status)
    assert kind_of(role, feature, here=False) == drawn
    assert (kind_of(Role.AREA, feature, here=True), kind_of(Role.AREA, feature, here=False)) == (
        ("here", ""),
        ("area", ""),
    )
