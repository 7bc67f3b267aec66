"""It reads gauges whatever their maker calls things, believes no nonsense, and tells rising from falling."""

from __future__ import annotations

from typing import Any

import pytest

from crisismap.core.layer.gauge import Gauge, Reading, as_level, as_moment, gauge_of, trend
from crisismap.core.moment import HOUR_MS

AT = 1_449_037_800_000  # 2015-12-02T06:30:00Z


@pytest.mark.parametrize(
    ("value", "level"),
    [
        (3, 3.0),
        ("4.25", 4.25),
        (" 3,42 ", 3.42),
        (-0.4, -0.4),
        ("3,425", None),  # thousands or thousandths: nobody knows
        ("high", None),
        ("", None),
        (None, None),
        (True, None),
        (-9999, None),
        (-9999.9, None),
        (-999.99, None),
        ("-99999", None),
        (-32768, None),
        (-32767.0, None),
        ("1.234,5", 1234.5),
        ("٣,٤", 3.4),
        ("३.४२", 3.42),
        (-98.5, -98.5),  # below zero of its gauge
        (-990, -990.0),
        ("-999.0", None),
        (float("nan"), None),
        ("1e999", None),
        (10**400, None),
        ([3], None),
    ],
)
def test_reads_a_level_or_none(value: Any, level: float | None):
    assert as_level(value) == level


@pytest.mark.parametrize(
    ("value", "ms"),
    [
        ("2015-12-02T12:00:00+05:30", AT),
        ("2015/12/02 06:30", AT),
        (AT, AT),
        (AT // 1000, AT),
        ("yesterday", None),
        (True, None),
        (-5, None),
        (1e30, None),
        (None, None),
    ],
)
def test_reads_when_it_was_measured(value: Any, ms: int | None):
    assert as_moment(value) == ms


def test_reads_all_that_a_feature_says():
    said = {"Water_Level": "431", "unit": "Centimetres", "measured_at": AT, "WARNING_LEVEL": 350, "danger_level": 420}
    before = {"previous_level": 400, "previous_at": AT - HOUR_MS}
    assert gauge_of({**said, **before}) == Gauge(Reading(431, AT), "cm", 350, 420, Reading(400, AT - HOUR_MS))
    assert gauge_of({"water_level": 2}) == Gauge(Reading(2.0))
    assert gauge_of({"level": "severe"}) is None and gauge_of({"water_level": -9999}) is None


@pytest.mark.parametrize(
    ("gauge", "state", "words"),
    [
        (Gauge(Reading(4.31), "m", 3.5, 4.2), "danger", "above danger level (4.20 m)"),
        (Gauge(Reading(4.2), "m", 3.5, 4.2), "danger", "at danger level (4.20 m)"),
        (Gauge(Reading(3.6), "m", 3.5, 4.2), "warning", "above warning level (3.50 m)"),
        (Gauge(Reading(350), "cm", 350), "warning", "at warning level (350 cm)"),
        (Gauge(Reading(1.0), "m", 3.5, 4.2), "normal", "below warning level (3.50 m)"),
        (Gauge(Reading(1.0), "ft", None, 4.2), "normal", "below danger level (4.20 ft)"),
        (Gauge(Reading(1.0)), None, ""),
    ],
)
def test_says_how_the_water_stands_against_the_marks(gauge: Gauge, state: str | None, words: str):
    assert (gauge.state, gauge.against_marks()) == (state, words)


@pytest.mark.parametrize(
    ("before", "now", "minutes", "unit", "words"),
    [
        (4.00, 4.12, 60, "m", "rising 12 cm/h"),
        (4.00, 4.06, 30, "m", "rising 12 cm/h"),
        (4.00, 3.50, 120, "m", "falling 25 cm/h"),
        (4.00, 4.01, 60, "m", "steady"),
        (400, 403, 60, "cm", "rising 3 cm/h"),
        (10.0, 10.5, 60, "ft", "rising 0.5 ft/h"),
        (10.0, 10.5, 60, "shaku", "rising 0.5 shaku/h"),
        (10.0, 10.0, 60, "shaku", "steady"),
    ],
)
def test_tells_rising_from_falling_and_by_how_much(before: float, now: float, minutes: int, unit: str, words: str):
    told = trend(Reading(now, AT), Reading(before, AT - minutes * 60_000), unit, 0.02)
    assert told is not None and told.wording(unit) == words


@pytest.mark.parametrize(("before_ms", "now_ms"), [(AT, AT), (AT + 1, AT), (None, AT), (AT, None)])
def test_tells_no_trend_where_the_times_do_not(before_ms: int | None, now_ms: int | None):
    assert trend(Reading(2, now_ms), Reading(1, before_ms), "m", 0.02) is None


@pytest.mark.parametrize(
    ("level", "unit", "read"),
    [
        ("3.45 m", "", (3.45, "m")),
        ("345cm", None, (345.0, "cm")),
        ("11,3 ft.", "ft", (11.3, "ft")),
        ("3.45 Meter", "m", (3.45, "m")),
        ("3.45 m", "ft", None),  # which of the two holds, nobody knows
        ("3.45 bar", "m", None),
        ("-9999 m", "", None),
        ("m", "", None),
    ],
)
def test_reads_the_unit_in_the_cell_of_the_level(level: str, unit: str | None, read: tuple[float, str] | None):
    gauge = gauge_of({"water_level": level, "unit": unit, "danger_level": "4.2 m"})
    assert (gauge and (gauge.reading.level, gauge.unit)) == read
    if gauge is not None:
        assert gauge.danger == (4.2 if gauge.unit == "m" else None)


@pytest.mark.parametrize("nothing", [9999, 9999.9, 99999, 32767, 65535, "9999", 999])
def test_takes_nines_far_above_the_marks_for_no_reading(nothing: object):
    properties = {"water_level": nothing, "unit": "m", "warning_level": 3, "danger_level": 4}
    assert gauge_of(properties) is None


@pytest.mark.parametrize(
    ("level", "unit", "danger"), [(9999, "mm", None), (999, "cm", 800), (999, "cm", None), (9999, "mm", 8000)]
)
def test_keeps_nines_that_a_river_can_reach(level: float, unit: str, danger: float | None):
    found = gauge_of({"water_level": level, "unit": unit, "danger_level": danger})
    assert found is not None
    assert found.reading.level == level


def test_reads_no_mark_from_a_code_for_no_value():
    found = gauge_of({"water_level": 2.0, "warning_level": -9999.9, "danger_level": -32768})
    assert found is not None
    assert (found.warning, found.danger, found.state) == (None, None, None)


def test_reads_a_level_however_its_column_is_written() -> None:
    found = gauge_of({"Water Level (m)": 3.2, "Danger level": 4, "Measured at": "2026-11-28T06:00:00Z"})
    assert found is not None
    assert (found.reading.level, found.danger, found.reading.measured_ms is not None) == (3.2, 4.0, True)
    assert gauge_of({"Danger level": 4}) is None
