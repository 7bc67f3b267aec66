"""It reads the times of warnings as they are written, and names whatever it had to assume."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crisismap.core import moment
from crisismap.core.layer.alert import NO_TIME
from crisismap.layers.formats.alert_times import exact_ms, read_times, written_time

SENT = "2026-11-27T10:00:00+05:30"


def ms(text: str) -> int:
    return moment.parse(text)[0]


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-27T18:00:00+05:30",
        "2026-11-27T12:30:00Z",
        "2026-11-27T12:30:00-00:00",
        "2026-11-27 18:00:00 +0530",
        "2026-11-27T18:00+05:30",
        "2026/11/27 18:00 +05:30",
        "20261127T123000Z",
        "2026-11-27 12:30:00 UTC",
        "2026-11-27 6:00 PM UTC+5:30",
        "Fri, 27 Nov 2026 18:00:00 +0530",
        "२०२६-११-२७T१८:००:००+०५:३०",
        "٢٠٢٦-١١-٢٧T١٨:٠٠:٠٠+٠٥:٣٠",
    ],
)
def test_reads_what_is_clear_without_a_word(text: str):
    found = read_times(SENT, [{"expires": text}])
    assert (found.infos, found.problems) == ([{"expires": ms("2026-11-27T18:00:00+05:30")}], [])
    assert exact_ms(text) == ms("2026-11-27T18:00:00+05:30")


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("2026-11-27 18:00", "2026-11-27T18:00:00+05:30"),
        ("2026-11-27T24:00:00", "2026-11-28T00:00:00+05:30"),
        ("27/11/2026 18:00", "2026-11-27T18:00:00+05:30"),
        ("11/27/2026 6:00 pm", "2026-11-27T18:00:00+05:30"),
        ("03.04.2026 8:05", "2026-04-03T08:05:00+05:30"),
        ("27 Nov 2026 18:00", "2026-11-27T18:00:00+05:30"),
        ("2026-11-27", "2026-11-27T23:59:59.999+05:30"),
    ],
)
def test_names_what_it_had_to_assume(text: str, read: str):
    found = read_times(SENT, [{"expires": text}])
    assert found.infos == [{"expires": ms(read)}]
    (problem,) = found.problems
    assert problem.startswith(f"expires {text!r} is read as {read} (") and "like sent" in problem
    assert exact_ms(text) == NO_TIME


@pytest.mark.parametrize(
    "text",
    [
        "tomorrow",
        "bis auf Weiteres",
        "2026-13-27T18:00:00+05:30",
        "2026-02-30T18:00:00+05:30",
        "2026-11-27T25:00:00+05:30",
        "2026-11-27T18:61:00+05:30",
        "2026-11-27T18:00:00+25:00",
        "2026-11-27T18:00:00 IST",
        "03/04/2026 18:00",
        "18:00",
        "1795802400",
        "2026-11-27T18:00:00+05:30 or later",
        "2026-11-27T18:00:00+05:30" + "0" * 1_000_000,
    ],
)
def test_counts_as_absent_what_cannot_be_read_or_in_two_ways(text: str):
    found = read_times(SENT, [{"effective": SENT, "expires": text}])
    assert found.infos == [{"effective": ms(SENT), "expires": None}]
    assert len(found.problems) == 1 and "counts as absent" in found.problems[0]


@pytest.mark.parametrize("text", ["0001-01-01T00:00:00", "1970-01-01T00:00:00Z", "0001-01-01T00:00:00+05:30"])
def test_a_clock_that_nobody_has_set_is_no_end(text: str):
    found = read_times(SENT, [{"expires": text}])
    assert found.infos == [{"expires": None}] and "nobody has set" in found.problems[0]


@pytest.mark.parametrize("text", ["9999-12-31T23:59:59Z", "9999-12-31T23:59:59-12:00", "9999-12-31T23:59:59+00:00"])
def test_the_year_9999_is_an_end_that_can_be_written(text: str):
    found = read_times(SENT, [{"expires": text}])
    assert found.problems == []
    assert moment.rfc3339(found.infos[0]["expires"] or 0).startswith("9999-12-31")


@pytest.mark.parametrize(
    ("sent", "own", "other", "read", "like"),
    [
        (SENT, "2026-11-27T08:00:00-03:00", "", "2026-11-27T18:00:00-03:00", "like the other times of its info"),
        (SENT, "2026-11-27T08:00", "2026-11-27T08:00:00-03:00", "2026-11-27T18:00:00+05:30", "like sent"),
        ("2026-11-27T10:00", "", "2026-11-27T08:00:00-03:00", "2026-11-27T18:00:00-03:00", "of the message"),
        ("2026-11-27T10:00", "", "", "2026-11-27T18:00:00+00:00", "as UTC"),
        ("", "2026-11-27T08:00", "then", "2026-11-27T18:00:00+00:00", "as UTC"),
    ],
)
def test_takes_a_missing_offset_from_the_times_beside_it(sent: str, own: str, other: str, read: str, like: str):
    found = read_times(sent, [{"effective": own, "expires": "2026-11-27 18:00"}, {"effective": other}])
    assert found.infos[0]["expires"] == ms(read)
    problem = next(each for each in found.problems if each.startswith("expires"))
    assert problem.startswith("expires of info 1") and problem.endswith(f"{like})")


def test_says_whether_the_time_of_sending_is_exact():
    assert [(t.sent, t.exact) for t in (read_times(SENT, []), read_times("", []), read_times("x", []))] == [
        (ms(SENT), True),
        (NO_TIME, False),
        (NO_TIME, False),
    ]
    inexact = read_times("2026-11-27T10:00", [{"expires": "2026-11-27T18:00:00+05:30"}])
    assert (inexact.sent, inexact.exact) == (ms(SENT), False)


@given(st.text(max_size=40))
def test_any_text_is_read_or_named(text: str):
    found = read_times(SENT, [{"expires": text}])
    if text and found.infos[0]["expires"] is None:
        assert found.problems
    assert written_time(text) is None or isinstance(exact_ms(text), int)


@given(st.datetimes(timezones=st.timezones()))
def test_reads_every_time_that_we_write(at: object):
    text = at.isoformat()  # type: ignore[attr-defined]
    try:
        expected = ms(text)
    except (ValueError, OverflowError):
        return
    if expected > 86_400_000 and written_time(text) is not None:
        assert exact_ms(text) == expected
