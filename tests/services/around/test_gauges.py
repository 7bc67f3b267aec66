"""The nearest gauge is told with its age, and whether it rises only where an earlier level says so."""

from __future__ import annotations

import pytest

from crisismap.core.moment import rfc3339
from crisismap.services.around.gauges import NearestGauge, nearest_gauge
from crisismap.services.runtime.context import Context
from tests.conftest import FakeClock
from tests.services.around.test_official_context import LAT, LON, put_level


def nearest(context: Context, lon: float = LON) -> NearestGauge | None:
    return nearest_gauge(context.store, context.views, context.rules, lon, LAT, context.clock())


def test_tells_the_nearest_within_reach(context: Context) -> None:
    assert nearest(context) is None
    put_level(context, 3.9, metres=500)
    found = nearest(context)
    assert found is not None
    assert (found.name, found.gauge.reading.level) == ("Adyar bridge", 3.9)
    assert found.distance_m == pytest.approx(500, abs=0.5)
    assert nearest(context, LON + 1) is None, "100 km away it says nothing of the water here"


def test_says_when_a_level_is_old(context: Context, clock: FakeClock) -> None:
    put_level(context, 3.9, measured_at=rfc3339(clock()))
    fresh = nearest(context)
    clock.advance(minutes=181)
    old = nearest(context)
    assert fresh is not None
    assert old is not None
    assert (fresh.time_from_layer, fresh.old, old.old) == (True, False, True)


def test_takes_the_versions_time_for_the_measurement_where_none_is_said(context: Context, clock: FakeClock) -> None:
    put_level(context, 3.9)
    found = nearest(context)
    assert found is not None
    assert (found.time_from_layer, found.measured_ms) == (False, clock())


@pytest.mark.parametrize(("minutes", "known"), [(5, False), (60, True), (400, False)])
def test_tells_a_trend_only_against_a_level_of_the_right_age(
    context: Context, clock: FakeClock, minutes: int, known: bool
) -> None:
    put_level(context, 3.0)
    clock.advance(minutes=minutes)
    put_level(context, 3.9)
    found = nearest(context)
    assert found is not None
    assert (found.trend is not None) is known
