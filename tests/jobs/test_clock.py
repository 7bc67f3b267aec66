"""A clock that is set back an hour or forward three days ends no claim (row 10 of the fault list)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from crisismap import bootstrap
from crisismap.core.report.request import State
from crisismap.jobs.claims import expire_claims
from crisismap.jobs.clock import watch_clock
from crisismap.jobs.escalation import escalate
from crisismap.jobs.runner import JOBS
from crisismap.services.runtime.context import Context
from crisismap.settings import read_settings
from tests import acts
from tests.conftest import FakeClock
from tests.people import RESPONDER
from tests.services.deployment import ask

HOUR = 3_600_000
DAYS = 24 * HOUR
MOST = 30


class Machine:
    """A wall clock that can be set, and the time since start that cannot."""

    def __init__(self, wall: FakeClock) -> None:
        self.wall = wall
        self.steady_ms = 1000

    def steady(self) -> int:
        return self.steady_ms

    def run(self, *, minutes: float) -> None:
        self.wall.advance(minutes=minutes)
        self.steady_ms += round(minutes * 60_000)

    def set(self, by_ms: int) -> None:
        self.wall.advance(ms=by_ms)


@contextmanager
def deployment(folder: Path, machine: Machine) -> Iterator[Context]:
    settings = read_settings({"CRISISMAP_DATA_DIR": str(folder)})
    with bootstrap.opened(settings, clock=machine.wall, steady=machine.steady) as context:
        yield context


@pytest.fixture
def machine(clock: FakeClock) -> Machine:
    return Machine(clock)


def claims(context: Context) -> list[str]:
    """Many running claims of an hour."""
    reports = [ask(context)[0] for _ in range(MOST)]
    done = [acts.claim(context, RESPONDER, report, None, minutes=60).result() for report in reports]
    context.views.situation.wait(done[-1].revision)
    return reports


def jobs(context: Context) -> None:
    """One round of the runner."""
    watch_clock(context)
    expire_claims(context)


def claimed(context: Context, reports: list[str]) -> int:
    found = [context.store.reports.one(report).request for report in reports]
    return sum(request is not None and request.state is State.CLAIMED for request in found)


@pytest.mark.parametrize("by_ms", [3 * DAYS, -HOUR], ids=["three days forward", "an hour back"])
def test_ends_each_claim_at_its_own_time(tmp_path: Path, machine: Machine, by_ms: int) -> None:
    with deployment(tmp_path, machine) as context:
        reports = claims(context)
        machine.run(minutes=10)
        jobs(context)
        machine.set(by_ms)
        expire_claims(context)
        assert claimed(context, reports) == MOST, "not even before the jump is dealt with"
        jobs(context)
        assert claimed(context, reports) == MOST
        for request in (context.store.reports.one(report).request for report in reports):
            assert request is not None and request.claim_until is not None
            assert request.claim_until - machine.wall() == 50 * 60_000, "what was left"
        machine.run(minutes=49)
        jobs(context)
        assert claimed(context, reports) == MOST
        machine.run(minutes=1)
        jobs(context)
        assert claimed(context, reports) == 0


def test_would_end_them_all_without_the_guard(tmp_path: Path, machine: Machine) -> None:
    """The negative control: a steady clock that jumps along hides the jump, and everything expires."""
    with deployment(tmp_path, machine) as context:
        reports = claims(context)
        machine.set(3 * DAYS)
        machine.steady_ms += 3 * DAYS
        jobs(context)
        assert claimed(context, reports) == 0


def test_writes_it_down_and_says_so_for_a_day(tmp_path: Path, machine: Machine) -> None:
    with deployment(tmp_path, machine) as context:
        reports = claims(context)
        assert context.guards.clock.warning() is None
        before = machine.wall()
        machine.set(3 * DAYS)
        jobs(context)
        said = context.guards.clock.warning()
        assert said is not None and "forward by 3 days" in said
        last = context.store.events.of_report(context.store.reports.one(reports[0]).seq)[-1]
        assert (last.verb, last.actor) == ("claim.move", "system")
        assert context.store.events.verify().broken_at is None
        assert context.guards.clock.elapsed(np.array([before])).tolist() == [0]
        machine.run(minutes=24 * 60 + 1)
        assert context.guards.clock.warning() is None
    with deployment(tmp_path, machine) as again:
        machine.run(minutes=1)
        assert again.guards.clock.elapsed(np.array([before])).tolist() == [(24 * 60 + 2) * 60_000], "remembered"


def test_notices_a_clock_that_lost_its_time_while_the_machine_was_off(tmp_path: Path, machine: Machine) -> None:
    with deployment(tmp_path, machine) as context:
        reports = claims(context)
    machine.set(-2000 * DAYS)
    with deployment(tmp_path, machine) as context:
        jobs(context)
        machine.run(minutes=5)
        machine.set(2000 * DAYS)  # the network told the time
        jobs(context)
        assert claimed(context, reports) == MOST
        machine.run(minutes=54)
        jobs(context)
        assert claimed(context, reports) == MOST
        machine.run(minutes=1)
        jobs(context)
        assert claimed(context, reports) == 0


def test_takes_no_notice_of_a_clock_that_is_set_by_seconds(tmp_path: Path, machine: Machine) -> None:
    with deployment(tmp_path, machine) as context:
        reports = claims(context)
        revision = context.store.events.revision()
        machine.set(-5000)
        jobs(context)
        assert context.guards.clock.warning() is None
        assert (context.store.events.revision(), claimed(context, reports)) == (revision, MOST)


@pytest.mark.parametrize("by_ms", [3 * DAYS, -HOUR])
def test_escalates_nothing_because_of_a_jump_and_everything_in_its_own_time(
    tmp_path: Path, machine: Machine, by_ms: int
) -> None:
    with deployment(tmp_path, machine) as context:
        reports = [ask(context)[0] for _ in range(MOST)]  # P1: due after 30 minutes

        def called() -> int:
            assert context.views.situation.wait(context.store.events.revision())
            for job in ("clock", "escalation", "age"):
                JOBS[job][1](context)
                assert context.views.situation.wait(context.store.events.revision())
            found = [context.store.reports.one(report).request for report in reports]
            return sum(request.escalated for request in found if request is not None)

        machine.run(minutes=10)
        machine.set(by_ms)
        assert called() == 0
        machine.run(minutes=19)
        assert called() == 0
        machine.run(minutes=2)
        assert called() == MOST, "31 minutes have really passed"


def test_would_escalate_in_mass_without_the_guard(tmp_path: Path, clock: FakeClock) -> None:
    """The control: a steady clock that jumps along hides the jump."""
    settings = read_settings({"CRISISMAP_DATA_DIR": str(tmp_path)})
    with bootstrap.opened(settings, clock=clock) as context:
        reports = [ask(context)[0] for _ in range(MOST)]
        clock.advance(ms=3 * DAYS)
        escalate(context)
        found = [context.store.reports.one(report).request for report in reports]
        assert sum(request is not None and request.escalated > 0 for request in found) == MOST
