"""A board as it stood at a past moment."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from crisismap.core.place.place import Placement
from crisismap.core.privacy import Audience
from crisismap.situation.board.column import PLACE_KINDS, STATES, VERIFICATIONS
from crisismap.situation.board.history import VERBS, History
from crisismap.situation.board.past import PAST_COLUMNS, PastBoard, past_board, places, same_reports
from tests import acts
from tests.conftest import FakeClock
from tests.people import RESPONDER
from tests.situation.crisis import HERE, MINUTE, Crisis, crisis


@pytest.fixture
def here(tmp_path: Path, clock: FakeClock) -> Iterator[Crisis]:
    with crisis(tmp_path, clock) as opened:
        yield opened


def stood(here: Crisis, at_ms: int, audience: Audience = Audience.AGENCY) -> PastBoard:
    """As it was just before a moment."""
    board = here.board(audience)
    _, events = here.context.store.events.about_reports(0, VERBS)
    return past_board(board, History.empty().grown(1, events), at_ms)


def states(past: PastBoard) -> list[str]:
    return [STATES[number] if number < len(STATES) else "" for number in past.board["state"].tolist()]


def test_shows_each_state_a_request_went_through(here: Crisis, clock: FakeClock) -> None:
    context, began = here.context, clock()
    one = here.post(**HERE)
    moments = [began]
    for verb in ("claim", "release", "answer", "reopen"):
        clock.advance(minutes=10)
        moments.append(clock())
        more: dict[str, Any] = {"note": "done"} if verb == "answer" else {}
        getattr(acts, verb)(context, RESPONDER, one, None, **more).result()
    found = [states(stood(here, at + 1)) for at in moments]
    assert found == [["open"], ["claimed"], ["open"], ["answered"], ["open"]]
    assert [states(stood(here, at)) for at in moments] == [[], ["open"], ["claimed"], ["open"], ["answered"]]
    answered = stood(here, moments[3] + 1).board["answered_at"].tolist()
    assert answered == [moments[3]]
    assert stood(here, moments[3]).board["answered_at"].tolist() == [0]


def test_knows_a_report_from_its_arrival_on_and_none_that_came_later(here: Crisis, clock: FakeClock) -> None:
    began = clock()
    ids = []
    for number in range(3):
        ids.append(here.post("flooding", text=f"{number}", observed_at="2015-12-01T00:00:00Z"))
        clock.advance(minutes=20)
    for number in range(3):
        past = stood(here, began + number * 20 * MINUTE + 1)
        assert past.board.n == number + 1
        assert states(past) == [""] * (number + 1)
    # The public's times are the beginnings of ten minutes; the cut lies at one of them, and hides what began there.
    public = [stood(here, began + number * 20 * MINUTE, Audience.PUBLIC).board.n for number in range(4)]
    assert public == [0, 1, 2, 3]


def test_believes_what_was_believed_then(here: Crisis, clock: FakeClock) -> None:
    report = here.post("flooding")
    moments = []
    for status in ("verified", "disputed", "unverified"):
        clock.advance(minutes=10)
        moments.append(clock())
        acts.verify(here.context, RESPONDER, report, None, status=status, reason="seen").result()
    found = [VERIFICATIONS[stood(here, at).board["verification"][0]] for at in (*moments, clock() + 1)]
    assert found == ["unverified", "verified", "disputed", "unverified"]


def test_draws_nothing_where_a_place_was_found_later(here: Crisis, clock: FakeClock) -> None:
    report = here.post(place="behind the temple")
    clock.advance(minutes=10)
    placement = Placement(80.2, 13.0, 10.0, "call")
    acts.place(here.context, RESPONDER, report, None, placement).result()
    for audience in Audience:
        cut = clock() if audience is Audience.AGENCY else clock() - clock() % (10 * MINUTE)
        before, after = stood(here, cut, audience), stood(here, cut + 10 * MINUTE, audience)
        assert (before.board.n, before.board.has_place.tolist()) == (1, [False])
        assert PLACE_KINDS[before.board["place_kind"][0]] == "none"
        assert before.board["area"][0] == -1
        assert after.board.has_place.tolist() == [True]


def test_leaves_the_live_board_as_it_is(here: Crisis, clock: FakeClock) -> None:
    here.post(**HERE)
    clock.advance(minutes=10)
    acts.claim(here.context, RESPONDER, here.post(**HERE), None).result()
    board = here.board()
    before = {name: board[name].copy() for name in PAST_COLUMNS}
    past = stood(here, clock())
    for name in PAST_COLUMNS:
        np.testing.assert_array_equal(board[name], before[name])
        assert not np.shares_memory(past.board[name], board[name])


def test_notices_that_a_report_is_gone_or_lies_elsewhere(here: Crisis, clock: FakeClock) -> None:
    first, _ = here.post(**HERE), here.post(**HERE)
    clock.advance(minutes=10)
    past = stood(here, clock())
    source = places(here.board(), past.rows)
    here.post(**HERE)
    acts.claim(here.context, RESPONDER, first, None).result()
    assert same_reports(past, source, here.board()), "what came later is no part of it"
    acts.place(here.context, RESPONDER, first, None, Placement(80.3, 13.1, None, "call")).result()
    assert not same_reports(past, source, here.board())
