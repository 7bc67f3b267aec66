"""The guards of an open deployment: tries and rates as its settings say, one set for each deployment."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from crisismap import bootstrap
from crisismap.core.errors import TooManyTries, Unavailable
from crisismap.services.runtime.guards import ConcurrencyLimit, Guards
from crisismap.settings import read_settings
from tests.conftest import FakeClock
from tests.services.deployment import opened


def refuses(guards: Guards) -> bool:
    """Whether an address that has failed without end is refused."""
    for _ in range(bootstrap.WRONG_CODES):
        guards.code_tries.failed("192.0.2.1", 0)
    try:
        guards.code_tries.check("192.0.2.1", 0)
    except TooManyTries:
        return True
    return False


@pytest.mark.parametrize(("setting", "limited"), [("on", True), ("off", False)])
def test_limits_tries_as_the_setting_says(tmp_path: Path, clock: FakeClock, setting: str, limited: bool) -> None:
    with opened(tmp_path / "data", clock, CRISISMAP_RATE_LIMIT=setting) as context:
        assert refuses(context.guards) is limited


def test_counts_wrong_codes_and_wrong_passwords_apart(tmp_path: Path, clock: FakeClock) -> None:
    with opened(tmp_path / "data", clock, CRISISMAP_RATE_LIMIT="on") as context:
        assert refuses(context.guards)
        context.guards.sign_in_tries.check("192.0.2.1", 0)


def test_hears_from_the_process_when_it_is_to_end(tmp_path: Path, clock: FakeClock) -> None:
    stopping = threading.Event()
    settings = read_settings({"CRISISMAP_DATA_DIR": str(tmp_path / "data")})
    with bootstrap.opened(settings, clock=clock, stopping=stopping) as context:
        assert not context.guards.stopping.is_set()
        stopping.set()
        assert context.guards.stopping.is_set()


def test_watches_the_clock_of_the_deployment(tmp_path: Path, clock: FakeClock) -> None:
    settings = read_settings({"CRISISMAP_DATA_DIR": str(tmp_path / "data")})
    with bootstrap.opened(settings, clock=clock, steady=lambda: 0) as context:
        assert not context.guards.clock.jumped()
        clock.advance(hours=30)
        assert context.guards.clock.jumped()


def test_refuses_who_would_wait_too_long_and_lets_the_next_in_afterwards():
    turn = ConcurrencyLimit(2, 0.01, "busy")
    with turn.turn(), turn.turn(), pytest.raises(Unavailable, match="busy"), turn.turn():
        raise AssertionError("there were only two turns")
    with turn.turn(), turn.turn():
        pass


def test_gives_a_turn_back_after_a_failure():
    turn = ConcurrencyLimit(1, 0.01, "busy")
    for _ in range(2):
        with pytest.raises(ZeroDivisionError), turn.turn():
            1 / 0  # noqa: B018


def test_parts_the_work_until_the_process_is_to_end(tmp_path: Path, clock: FakeClock) -> None:
    with opened(tmp_path / "data", clock) as context:
        assert list(context.guards.batches([1, 2, 3], 2)) == [[1, 2], [3]]
        parts = context.guards.batches([1, 2, 3], 2)
        assert next(parts) == [1, 2]
        context.guards.stopping.set()
        assert list(parts) == []
