"""Moments: milliseconds inside, RFC 3339 outside."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crisismap.core import moment

LAST = 253_402_300_799_999


@given(st.integers(-62_135_596_800_000, LAST))
def test_reads_what_it_writes(ms: int):
    assert moment.parse(moment.rfc3339(ms)) == (ms, True)


@given(st.datetimes(timezones=st.sampled_from([UTC, timezone(timedelta(hours=5, minutes=30))])))
def test_cuts_what_is_finer_than_a_millisecond(value: datetime):
    back = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=moment.to_ms(value))
    assert timedelta(0) <= value - back < timedelta(milliseconds=1)


@pytest.mark.parametrize(
    ("text", "ms", "zoned"),
    [
        ("2015-12-02T06:30:00Z", 1_449_037_800_000, True),
        ("2015-12-02T12:00:00+05:30", 1_449_037_800_000, True),
        (" 2015-12-02T06:30:00.250Z ", 1_449_037_800_250, True),
        ("2015-12-02T06:30:00", 1_449_037_800_000, False),
        ("2015-12-02", 1_449_014_400_000, False),
        ("1970-01-01T00:00:00Z", 0, True),
        ("1969-12-31T23:59:59.9999Z", -1, True),
        ("9999-12-31T23:59:59.999999Z", LAST, True),
    ],
)
def test_reads(text: str, ms: int, zoned: bool):
    assert moment.parse(text) == (ms, zoned)


@pytest.mark.parametrize(
    "text", ["", "now", "yesterday", "2015-13-01", "2015-12-02T25:00:00Z", "1449037800", "2015-12-02T06:30:00 CEST"]
)
def test_refuses_what_is_no_time(text: str):
    with pytest.raises(ValueError):
        moment.parse(text)


@pytest.mark.parametrize("text", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-01:00"])
def test_refuses_years_that_could_not_be_written_again(text: str):
    with pytest.raises(OverflowError):
        moment.parse(text)


def test_counts_a_year_of_days_of_hours_of_minutes():
    assert (moment.MINUTE_S, moment.HOUR_S, moment.DAY_S, moment.YEAR_S) == (60, 3600, 86_400, 31_536_000)
    assert (moment.MINUTE_MS, moment.HOUR_MS, moment.DAY_MS) == (60_000, 3_600_000, 86_400_000)
