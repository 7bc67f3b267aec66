"""The measure of the tests of time: right on a quiet machine, fair on a busy one, and it can still fail."""

from __future__ import annotations

import os

from tests.e2e.waiting import Times, alone, now

CORES = os.cpu_count() or 1
START = Times(0, {"server": 5, "gone": 9}, 0)


def test_is_the_time_on_the_wall_when_nobody_else_is_here() -> None:
    assert alone(START, Times(wall=4, ran={"server": 11}, busy=6)) == 4


def test_is_what_was_run_when_others_were_in_the_way() -> None:
    assert alone(START, Times(wall=8, ran={"server": 6, "browser": 1}, busy=8 * CORES)) == 2


def test_is_never_more_than_the_time_on_the_wall() -> None:
    assert alone(START, Times(wall=2, ran={"server": 5, "browser": 2.5}, busy=2 * CORES + 2.5)) == 2


def test_reads_counters_that_only_grow() -> None:
    first = now()
    second = now()
    assert second.wall >= first.wall
    assert second.busy >= first.busy
