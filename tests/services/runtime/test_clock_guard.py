"""A clock that was set is noticed, told for a day, and taken out of every age; one that goes right is not."""

from __future__ import annotations

import numpy as np
import pytest

from crisismap.core.clock import Jump
from crisismap.core.moment import DAY_MS, HOUR_MS, MINUTE_MS
from crisismap.services.runtime.clock_guard import MOST_JUMPS, ClockGuard, steady_clock

NOW_MS = 1_449_037_800_000


class Machine:
    """Two clocks that go on together until the one that can be set is set."""

    def __init__(self) -> None:
        self.wall, self.steady = NOW_MS, 5_000
        self.guard = ClockGuard(lambda: self.wall, lambda: self.steady)

    def goes(self, ms: int, *, set_by: int = 0) -> None:
        self.wall += ms + set_by
        self.steady += ms


@pytest.fixture
def machine() -> Machine:
    return Machine()


def test_lets_time_pass(machine: Machine) -> None:
    machine.goes(9 * DAY_MS, set_by=MINUTE_MS - 1)
    assert not machine.guard.jumped()
    assert machine.guard.update() is None
    assert machine.guard.warning() is None


@pytest.mark.parametrize(("by", "told"), [(3 * DAY_MS, "forward by 3 days"), (-5 * HOUR_MS, "back by 5 hours")])
def test_notices_a_clock_that_was_set_and_says_so_for_a_day(machine: Machine, by: int, told: str) -> None:
    machine.goes(HOUR_MS, set_by=by)
    assert machine.guard.jumped()
    jump = machine.guard.update()
    assert jump == Jump(NOW_MS + HOUR_MS, NOW_MS + HOUR_MS + by)
    assert not machine.guard.jumped(), "it is remembered, and done with"
    assert told in (machine.guard.warning() or "")
    machine.goes(DAY_MS + 1)
    assert machine.guard.warning() is None
    assert machine.guard.jumps == (jump,)


def test_takes_a_jump_out_of_ages(machine: Machine) -> None:
    stamp = machine.wall
    machine.goes(HOUR_MS, set_by=3 * DAY_MS)
    machine.guard.update()
    machine.goes(HOUR_MS)
    assert machine.guard.elapsed(np.array([stamp], np.int64)).tolist() == [2 * HOUR_MS]
    assert machine.wall - stamp == 2 * HOUR_MS + 3 * DAY_MS, "the negative control: the clock alone says more"


def test_notices_at_the_start_a_clock_that_lost_its_time() -> None:
    behind = ClockGuard(lambda: NOW_MS, lambda: 5_000, last_ms=NOW_MS + DAY_MS)
    assert behind.update() == Jump(NOW_MS + DAY_MS, NOW_MS)
    assert ClockGuard(lambda: NOW_MS, lambda: 5_000, last_ms=NOW_MS - DAY_MS).update() is None, "it was off for a day"


def test_remembers_the_last_ones_only(machine: Machine) -> None:
    for _ in range(MOST_JUMPS + 5):
        machine.goes(0, set_by=HOUR_MS)
        machine.guard.update()
    assert len(machine.guard.jumps) == MOST_JUMPS
    assert machine.guard.jumps[-1].after == machine.wall


def test_counts_steadily() -> None:
    first = steady_clock()
    assert steady_clock() >= first > 0
