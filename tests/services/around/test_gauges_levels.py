"""The levels of a kept version are read once; a reading without a time has its version's."""

from __future__ import annotations

import pytest

from crisismap.core.errors import NotFound
from crisismap.core.layer.gauge import Reading
from crisismap.services.around.gauges import levels_of, with_time
from crisismap.services.runtime.caches import Caches
from crisismap.services.runtime.context import Context
from tests.conftest import FakeClock
from tests.services.around.test_official_context import put_level


def test_reads_each_kept_version_once(context: Context, clock: FakeClock) -> None:
    put_level(context, 3.0)
    first = clock()
    clock.advance(minutes=30)
    put_level(context, 3.9)
    caches = Caches()
    old = levels_of(context.store, caches, "gauges", 1)
    assert old == {"g": (Reading(3.0, first), "m")}
    assert levels_of(context.store, caches, "gauges", 2)["g"][0].level == 3.9
    assert levels_of(context.store, caches, "gauges", 1) is old
    with pytest.raises(NotFound):
        levels_of(context.store, caches, "gauges", 3)


def test_dates_a_reading_by_its_own_time_or_the_versions(context: Context, clock: FakeClock) -> None:
    put_level(context, 3.0)
    version = context.views.situation.layers["gauges"]
    assert with_time(Reading(3.0), version).measured_ms == clock()
    assert with_time(Reading(3.0, 7), version).measured_ms == 7


def test_takes_only_features_that_are_gauges(context: Context) -> None:
    put_level(context, 3.0)
    assert list(levels_of(context.store, Caches(), "gauges", 1)) == ["g"]
    put_level(context, 3.0, water_level="dry")
    assert levels_of(context.store, Caches(), "gauges", 2) == {}


def test_is_of_one_deployment() -> None:
    assert Caches().levels is not Caches().levels
