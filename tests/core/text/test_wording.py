"""Ages, distances and counts as people say them."""

from __future__ import annotations

import pytest

from crisismap.core.text.wording import age, ago, count_phrase, distance

NOW = 1_449_037_800_000


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (-5, "0 s"),
        (59.9, "59 s"),
        (60, "1 min"),
        (3599, "59 min"),
        (3600, "1 h"),
        (3 * 3600 + 5 * 60, "3 h 5 min"),
        (10 * 3600 + 5 * 60, "10 h"),
        (86_399, "23 h"),
        (86_400, "1 d"),
        (2 * 86_400 + 4 * 3600, "2 d 4 h"),
        (10 * 86_400 + 4 * 3600, "10 d"),
    ],
)
def test_tells_an_age_in_at_most_two_units(seconds: float, said: str) -> None:
    assert age(seconds) == said


def test_tells_the_past_from_what_is_to_come() -> None:
    assert ago(NOW - 12 * 60_000, NOW) == "12 min ago"
    assert ago(NOW + 5 * 60_000, NOW) == "in 5 min"
    assert ago(NOW + 30_000, NOW) == "0 s ago", "clocks differ by less than a minute"


@pytest.mark.parametrize(
    ("metres", "said"),
    [(4, "10 m"), (347, "350 m"), (994, "990 m"), (1000, "1.0 km"), (12_340, "12.3 km"), (123_456, "123 km")],
)
def test_rounds_a_distance_to_what_matters(metres: float, said: str) -> None:
    assert distance(metres) == said


def test_counts_in_singular_and_plural() -> None:
    assert count_phrase(1, "request") == "1 request"
    assert count_phrase(0, "request") == "0 requests"
    assert count_phrase(1413, "reply", "replies") == "1,413 replies"
