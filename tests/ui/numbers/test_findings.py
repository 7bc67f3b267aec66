"""Findings are sentences that say no more than the numbers do."""

from __future__ import annotations

import pytest

from crisismap.services.lists.trends import Wait
from crisismap.ui.numbers import findings


@pytest.mark.parametrize(
    ("wait", "sentence"),
    [
        (Wait(1, 6, 3, 1_080_000), "Half of the 6 P1 requests are answered within 18 min"),
        (Wait(1, 6, 3, 20_000), "Half of the 6 P1 requests are answered within a minute"),
        (Wait(2, 40, 8, None), "8 of 40 P2 requests (20 %) have been answered"),
        (Wait(3, 1, 0, None), "The one P3 request has not been answered yet"),
        (Wait(3, 4, 0, None), "None of the 4 P3 requests has been answered yet"),
        (Wait(1, 2, 2, 60_000), "2 of 2 P1 requests (100 %) have been answered"),
    ],
)
def test_says_half_only_of_what_has_a_half(wait: Wait, sentence: str) -> None:
    assert findings.priority_wait(wait) == sentence


@pytest.mark.parametrize(
    ("waits", "sentence"),
    [
        ([("Food", Wait(0, 9, 4, 60_000, 60_000))], "Too few answers to compare yet: 4"),
        (
            [("Food", Wait(0, 9, 5, 60_000, 600_000)), ("Boats", Wait(1, 9, 5, 90_000, 300_000))],
            "Food waits longest: 9 of 10 requests are answered within 10 min",
        ),
        (
            [("Food", Wait(0, 9, 5, 60_000, 600_000)), ("Boats", Wait(1, 9, 5, 90_000, None))],
            "Boats waits longest: half of the requests are answered within 1 min, fewer than 9 of 10 at all",
        ),
        (
            [("Food", Wait(0, 20, 5, None, None)), ("Boats", Wait(1, 9, 5, 90_000, None))],
            "Food waits longest: fewer than half of the requests are answered",
        ),
    ],
)
def test_compares_waits_only_where_enough_were_answered(waits: list[tuple[str, Wait]], sentence: str) -> None:
    assert findings.longest_wait(waits) == sentence


def test_names_the_fullest_area_or_how_many_share_the_first_place() -> None:
    rows = [{"name": None, "unanswered": 9}, {"name": "A", "unanswered": 3}, {"name": "B", "unanswered": 3}]
    assert findings.fullest_area(rows) == "2 areas have the most unanswered requests: 3 each"
    assert findings.fullest_area(rows[:2]) == "A has the most unanswered requests: 3"
    assert findings.fullest_area(rows[:1]) == "No area has an unanswered request"


def test_tells_in_how_few_cells_half_of_them_lie() -> None:
    assert findings.concentration([5, 3, 1, 1]) == "Half of the unanswered requests are in 1 of 4 cells"
    assert findings.concentration([1, 1, 1]) == "Half of the unanswered requests are in 2 of 3 cells"
