"""It lets so many do a thing at a time, and no more."""

from __future__ import annotations

import pytest

from crisismap.core.errors import Unavailable
from crisismap.services.runtime.turns import ConcurrencyLimit


def test_refuses_who_would_wait_too_long_and_lets_the_next_in_afterwards():
    turn = ConcurrencyLimit(2, 0.01, "busy")
    with turn.taken(), turn.taken(), pytest.raises(Unavailable, match="busy"), turn.taken():
        raise AssertionError("there were only two turns")
    with turn.taken(), turn.taken():
        pass


def test_gives_a_turn_back_after_a_failure():
    turn = ConcurrencyLimit(1, 0.01, "busy")
    for _ in range(2):
        with pytest.raises(ZeroDivisionError), turn.taken():
            1 / 0  # noqa: B018
