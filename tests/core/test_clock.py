"""Time that has passed is told from our own stamps, whatever the machine's clock did (row 10 of the fault list)."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from crisismap.core.clock import Jump, elapsed

MIN = 60_000
HOUR = 60 * MIN
DAY = 24 * HOUR
T = 1_449_037_800_000


def passed(jumps: list[Jump], since: int, now: int) -> int:
    return int(elapsed(jumps, np.array([since]), now)[0])


def test_is_the_difference_while_the_clock_is_left_alone() -> None:
    assert passed([], T, T + HOUR) == HOUR
    assert passed([], T + HOUR, T) == 0, "never negative"


def test_leaves_out_a_jump_forward() -> None:
    jump = Jump(T, T + 3 * DAY)
    assert passed([jump], T - 10 * MIN, jump.after + MIN) == 11 * MIN
    assert passed([jump], jump.after + MIN, jump.after + 5 * MIN) == 4 * MIN, "what came after is as it is"
    assert passed([], T - 10 * MIN, jump.after + MIN) > 3 * DAY, "without the guard it is three days"


def test_leaves_out_a_jump_back() -> None:
    jump = Jump(T, T - HOUR)
    assert passed([jump], T - 2 * HOUR, jump.after + MIN) == 2 * HOUR + MIN
    assert passed([jump], T - 10 * MIN, jump.after + MIN) == 11 * MIN


def test_takes_the_shorter_time_where_two_would_fit() -> None:
    jump = Jump(T, T - HOUR)  # the hour before T is read twice
    assert passed([jump], T - 30 * MIN, T - 20 * MIN) == 10 * MIN


def test_adds_up_jumps_there_and_back() -> None:
    there, back = Jump(T, T - 7 * 365 * DAY), Jump(T - 7 * 365 * DAY + MIN, T + 5 * MIN)
    assert passed([there, back], T - 10 * MIN, T + 6 * MIN) == 12 * MIN


@given(
    st.lists(st.integers(-5 * DAY, 5 * DAY).filter(lambda by: abs(by) >= MIN), max_size=4),
    st.lists(st.integers(1, 2 * HOUR), min_size=5, max_size=5),
)
def test_never_takes_more_time_to_have_passed_than_has(shifts: list[int], pauses: list[int]) -> None:
    wall, steady, jumps, stamps = T, 0, [], []
    for number, pause in enumerate(pauses):
        stamps.append((wall, steady))
        wall, steady = wall + pause, steady + pause
        if number < len(shifts):
            jumps.append(Jump(wall, wall + shifts[number]))
            wall += shifts[number]
    for stamp, then in stamps:
        assert 0 <= passed(jumps, stamp, wall) <= steady - then
