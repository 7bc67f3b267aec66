"""The measure of the tests of time: right on a quiet machine, fair on a busy one, and it can still fail."""

from __future__ import annotations

import os

import pytest

from tests.e2e.waiting import Times, alone, now

CORES = os.cpu_count() or 1
START = Times(0, 0, 0, 0)


def test_is_the_time_on_the_wall_when_nobody_else_is_here() -> None:
    assert alone(START, Times(wall=4, ran=3, waited=1, busy=3)) == 4


def test_takes_off_what_was_waited_for_others() -> None:
    assert alone(START, Times(wall=8, ran=2, waited=6, busy=8 * CORES)) == pytest.approx(2)


def test_counts_more_work_as_longer_on_a_busy_machine() -> None:
    little = alone(START, Times(wall=8, ran=2, waited=6, busy=8 * CORES))
    much = alone(START, Times(wall=24, ran=6, waited=18, busy=24 * CORES))
    assert much == pytest.approx(3 * little)


def test_reads_counters_that_only_grow() -> None:
    first = now()
    second = now()
    assert second.wall >= first.wall
    assert second.busy >= first.busy
