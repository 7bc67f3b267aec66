"""The way: by road where it is known not to be blocked, as the asking person may know; else straight, and said so."""

from __future__ import annotations

import pytest

from crisismap.core.people.person import Person
from crisismap.services.around import shelters
from crisismap.services.around.route import NO_ROADS, NO_ROUTE, Route, Target, routes_to
from crisismap.services.runtime.context import Context
from tests.acts import verify
from tests.conftest import FakeClock
from tests.people import AGENCY, RESPONDER, STRANGER
from tests.services.around.test_shelters import put
from tests.services.deployment import ask

START, GOAL = (80.251, 13.049), (80.269, 13.0495)
# A street straight to the goal with a bridge in its middle, and a ring road round by the north.
STREET = [
    ({"type": "LineString", "coordinates": [[80.25, 13.05], [80.255, 13.05]]}, {"name": "West Street"}),
    ({"type": "LineString", "coordinates": [[80.255, 13.05], [80.265, 13.05]]}, {"name": "Old Bridge"}),
    ({"type": "LineString", "coordinates": [[80.265, 13.05], [80.27, 13.05]]}, {"name": "East Street"}),
    (
        {"type": "LineString", "coordinates": [[80.25, 13.05], [80.25, 13.06], [80.27, 13.06], [80.27, 13.05]]},
        {"name": "Ring Road"},
    ),
]


ROUND = ["West Street", "Ring Road", "East Street"]


@pytest.fixture
def town(context: Context) -> Context:
    put(context, "roads", "transport", *STREET)
    return context


def way(context: Context, person: Person = STRANGER) -> Route:
    (found,) = routes_to(context.views, context.clock(), person, START, [Target(GOAL, 2170.0)])
    return found


def names(found: Route) -> list[str]:
    return [step.name for step in found.steps]


def test_tells_the_way_along_the_roads(town: Context, clock: FakeClock) -> None:
    found = way(town)
    assert found.by_road and found.avoided == 0
    assert names(found) == ["West Street", "Old Bridge", "East Street"]
    assert [step.direction for step in found.steps] == ["east"] * 3
    assert found.metres == pytest.approx(111 + 1952 + 55, abs=3)
    assert (round(found.start_m), round(found.end_m)) == (111, 56)
    assert (found.start_direction, found.end_direction) == ("north", "south")
    assert found.line[0] == START and found.line[-1] == GOAL
    assert found.as_of_ms == clock()


def test_goes_round_what_people_say_is_blocked(town: Context, clock: FakeClock) -> None:
    report, _ = ask(town, category="transport", text="tree", fields={"status": "blocked"}, lon=80.26, lat=13.0501)
    for person in (STRANGER, AGENCY):
        assert (names(way(town, person)), way(town, person).avoided) == (ROUND, 1)
    done = verify(town, RESPONDER, report, None, status="disputed", reason="I passed there").result()
    assert town.views.situation.wait(done.revision)
    assert "Old Bridge" in names(way(town))


def test_hears_a_later_word_that_it_is_open_when_a_person_has_checked_it(town: Context, clock: FakeClock) -> None:
    ask(town, category="transport", text="deep", fields={"status": "flooded"}, lon=80.26, lat=13.05)
    clock.advance(minutes=30)
    report, _ = ask(town, category="transport", text="dry", fields={"status": "passable"}, lon=80.2601, lat=13.05)
    assert names(way(town, AGENCY)) == ROUND
    done = verify(town, RESPONDER, report, None, status="verified", reason="seen").result()
    assert town.views.situation.wait(done.revision)
    for person in (STRANGER, AGENCY):
        assert "Old Bridge" in names(way(town, person))
    clock.advance(minutes=1)
    ask(town, category="transport", text="again", fields={"status": "flooded"}, lon=80.26, lat=13.05)
    assert names(way(town)) == ROUND


def test_forgets_what_people_said_long_ago(town: Context, clock: FakeClock) -> None:
    ask(town, category="transport", text="tree", fields={"status": "blocked"}, lon=80.26, lat=13.05)
    clock.advance(minutes=60 * 24 * 30)
    assert way(town).avoided == 0


def test_tells_the_public_nothing_of_a_report_that_it_may_not_know(town: Context) -> None:
    ask(
        town,
        category="transport",
        text="tree",
        fields={"status": "blocked", "hide_place": True},
        lon=80.26,
        lat=13.05,
    )
    assert names(way(town, AGENCY)) == ROUND
    assert "Old Bridge" in names(way(town, STRANGER))  # it knows the cell of that report, not the bridge


def test_avoids_flooded_ground_and_says_when_there_is_no_way(town: Context) -> None:
    w, e = 80.258, 80.262
    low = [[w, 13.04], [e, 13.04], [e, 13.055], [w, 13.055], [w, 13.04]]
    put(town, "wet", "hazard", ({"type": "Polygon", "coordinates": [low]}, {"name": "Low ground"}))
    assert names(way(town)) == ROUND
    all_of_it = [[w, 13.04], [e, 13.04], [e, 13.07], [w, 13.07], [w, 13.04]]
    put(town, "wet", "hazard", ({"type": "Polygon", "coordinates": [all_of_it]}, {"name": "Low ground"}))
    found = way(town)
    assert (found.why, found.by_road, found.metres, found.avoided) == (NO_ROUTE, False, 2170.0, 1)
    assert found.line == (START, GOAL)


def test_says_when_no_roads_are_loaded(context: Context) -> None:
    assert (way(context).why, way(context).as_of_ms) == (NO_ROADS, None)
    put(context, "rails", "transport", (STREET[0][0], {"name": "Line 1", "railway": "rail"}))
    assert way(context).why == NO_ROADS
    put(context, "rails", "transport", *STREET)
    assert way(context).by_road
    far = routes_to(context.views, context.clock(), STRANGER, (79.0, 12.0), [Target(GOAL, 1.0)])
    assert far[0].why == NO_ROUTE


def test_offers_the_shelter_that_is_nearest_by_road(town: Context) -> None:
    put(
        town,
        "refuges",
        "shelter",
        ((80.2601, 13.0495), {"name": "Over the bridge", "status": "open"}),
        ((80.2455, 13.049), {"name": "Beyond the road", "status": "open"}),
        ((80.25, 13.0605), {"name": "Up the ring", "status": "open"}),
        ((80.2705, 13.0605), {"name": "Far corner", "status": "open"}),
    )
    ask(town, category="transport", text="tree", fields={"status": "blocked"}, lon=80.257, lat=13.05)
    found = shelters.nearest_open(town.views, town.clock(), STRANGER, *START)
    assert [(each.name, each.route is not None and each.route.by_road) for each in found] == [
        ("Beyond the road", True),
        ("Up the ring", True),
        ("Far corner", True),
    ]
    assert shelters.nearest_open(town.views, town.clock(), STRANGER, *START, most=4)[3].name == "Over the bridge"


def test_always_tells_of_the_nearest_even_without_a_way(town: Context) -> None:
    names = ("Hut", "One", "Two", "Three")
    put(
        town,
        "refuges",
        "shelter",
        ((80.2511, 13.0395), {"name": "Hut", "status": "open"}),  # more than a kilometre from any road
        *(((80.2511 + n / 1000, 13.061), {"name": names[n], "status": "open"}) for n in (1, 2, 3)),
    )
    found = shelters.nearest_open(town.views, town.clock(), STRANGER, *START)
    assert [(each.name, each.route is not None and each.route.by_road) for each in found] == [
        ("One", True),
        ("Two", True),
        ("Hut", False),
    ]
    assert [each.name for each in shelters.nearest_open(town.views, town.clock(), STRANGER, *START, most=1)] == ["One"]
