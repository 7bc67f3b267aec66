"""Reports that say whether a thing is open: those that can still be taken for true."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from crisismap.core.place.place import Placement
from crisismap.situation.merge.statements import last_seen, telling
from tests import acts
from tests.conftest import FakeClock
from tests.people import RESPONDER
from tests.situation.crisis import HERE, Crisis, crisis

OPEN = frozenset({"open", "passable"})


@pytest.fixture
def here(tmp_path: Path, clock: FakeClock) -> Iterator[Crisis]:
    with crisis(tmp_path, clock) as opened:
        yield opened


def road(here: Crisis, status: str = "passable", **said: object) -> str:
    return here.post("transport", fields={"status": status}, **said)


def told(here: Crisis, category: str = "transport") -> list[int]:
    board = here.board()
    return telling(here.context.views.situation, board, category, OPEN, here.clock()).tolist()


def test_finds_reports_of_the_category_that_use_one_of_the_words(here: Crisis) -> None:
    road(here, **HERE)
    road(here, "blocked", **HERE)
    here.post("flooding", **HERE)
    assert told(here) == [0]
    assert told(here, "flooding") == told(here, "no such category") == []


def test_leaves_out_what_has_no_place_until_it_has_one(here: Crisis) -> None:
    report = road(here, place="behind the temple")
    assert told(here) == []
    acts.place(here.context, RESPONDER, report, None, Placement(80.2, 13.0, 10.0, "call")).result()
    assert told(here) == [0]


def test_leaves_out_what_is_disputed(here: Crisis) -> None:
    report = road(here, **HERE)
    acts.verify(here.context, RESPONDER, report, None, status="disputed", reason="I stand here").result()
    assert told(here) == []


def test_leaves_out_what_is_too_old_until_somebody_says_it_still_holds(here: Crisis, clock: FakeClock) -> None:
    report = road(here, **HERE)
    first = clock()
    assert (
        last_seen(here.board(), telling(here.context.views.situation, here.board(), "transport", OPEN, first))[0]
        == first
    )
    clock.advance(hours=24 * 30)
    assert told(here) == []
    acts.reconfirm(here.context, RESPONDER, report, None).result()
    assert told(here) == [0]
