"""An address may fail so often in a window; then it waits, and others do not."""

from __future__ import annotations

import pytest

from crisismap.core.errors import TooManyTries
from crisismap.services.runtime.failed_tries import FailedTries

WINDOW_MS = 60_000


def fail(tries: FailedTries, times: int, address: str = "192.0.2.1", now_ms: int = 0) -> None:
    for _ in range(times):
        tries.failed(address, now_ms)


def test_refuses_after_the_last_failure_that_is_allowed() -> None:
    tries = FailedTries(3, WINDOW_MS)
    fail(tries, 2)
    tries.check("192.0.2.1", 0)
    fail(tries, 1)
    with pytest.raises(TooManyTries):
        tries.check("192.0.2.1", 0)
    tries.check("192.0.2.2", 0)


def test_says_how_long_to_wait_and_lets_in_after_it() -> None:
    tries = FailedTries(3, WINDOW_MS)
    fail(tries, 3, now_ms=500)
    with pytest.raises(TooManyTries) as refused:
        tries.check("192.0.2.1", 20_001)
    assert refused.value.details["retry_after_s"] == 41, "40.499 s, rounded up"
    tries.check("192.0.2.1", 500 + WINDOW_MS)


def test_slides_so_that_one_old_failure_makes_room_for_one() -> None:
    tries = FailedTries(2, WINDOW_MS)
    fail(tries, 1, now_ms=0)
    fail(tries, 1, now_ms=50_000)
    tries.check("192.0.2.1", WINDOW_MS)
    fail(tries, 1, now_ms=WINDOW_MS)
    with pytest.raises(TooManyTries):
        tries.check("192.0.2.1", WINDOW_MS)


def test_refuses_nobody_when_it_is_off() -> None:
    tries = FailedTries(1, WINDOW_MS, on=False)
    fail(tries, 100)
    tries.check("192.0.2.1", 0)
