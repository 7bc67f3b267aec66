"""The road beside a place is told with the layer's word, and with what other people say of it."""

from __future__ import annotations

import pytest
from shapely.geometry import LineString

from crisismap.core.layer.layer import Feature, Role
from crisismap.core.privacy import Audience
from crisismap.services.around import roads
from crisismap.services.runtime.context import Context
from tests.conftest import FakeClock
from tests.services.around.test_official_context import put
from tests.services.deployment import ask

LON, LAT = 80.25, 13.05
ROAD = LineString([(80.24, 13.05), (80.26, 13.05)])


@pytest.fixture
def road(context: Context) -> Context:
    put(context, "roads", Role.TRANSPORT, Feature("r1", "Beach Road", "", ROAD, {"status": "Closed"}, status="Closed"))
    return context


def nearest(context: Context, lat: float = LAT, besides: str = "") -> roads.NearestRoad | None:
    return roads.nearest_road(context.views, context.rules, Audience.AGENCY, LON, lat, context.clock(), besides=besides)


def blocked(context: Context, lat: float = LAT) -> str:
    said = {"category": "transport", "text": "a tree lies there", "fields": {"status": "blocked"}}
    return ask(context, lon=LON, lat=lat, **said)[0]


def test_tells_the_road_somebody_stands_on_or_beside(road: Context) -> None:
    found = nearest(road)
    assert found is not None
    assert (found.name, found.status, found.layer) == ("Beach Road", "closed", "roads")
    assert found.distance_m == pytest.approx(0, abs=1)
    assert nearest(road, LAT + 0.01) is None, "a kilometre away it is no road of theirs"


def test_counts_what_others_say_but_not_the_report_itself(road: Context, clock: FakeClock) -> None:
    one, _ = blocked(road), blocked(road)
    found, without = nearest(road), nearest(road, besides=one)
    assert found is not None
    assert without is not None
    assert (found.blocked, found.passable) == (roads.Testimony(2, clock()), roads.Testimony())
    assert without.blocked.reports == 1


def test_leaves_out_what_is_old_or_not_beside_it(road: Context, clock: FakeClock) -> None:
    blocked(road, LAT + 0.002)
    found = nearest(road)
    assert found is not None
    assert found.blocked.reports == 0, "200 m from the road"
    blocked(road)
    clock.advance(hours=25)
    old = nearest(road)
    assert old is not None
    assert old.blocked.reports == 0
