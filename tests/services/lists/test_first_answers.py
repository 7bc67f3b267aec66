"""first_answers: the moment of the first answer, also where a later one stands in the request."""

from __future__ import annotations

from crisismap.core.privacy import Audience
from crisismap.services.lists.first_answers import first_answers
from crisismap.services.runtime.context import Context
from tests import acts
from tests.conftest import FakeClock
from tests.people import RESPONDER
from tests.services.deployment import ask

MINUTE_MS = 60_000


def moments(context: Context, audience: Audience = Audience.AGENCY) -> list[int]:
    assert context.views.situation.wait(context.store.events.revision())
    return first_answers(
        context.store, context.views.caches, audience, context.views.situation.board(audience)
    ).tolist()


def answer(context: Context, number: str) -> None:
    acts.answer(context, RESPONDER, number, None, note="done").result()


def test_stays_with_the_first_answer_when_a_request_is_answered_again(context: Context, clock: FakeClock) -> None:
    one, _ = ask(context)
    ask(context)
    assert moments(context) == [0, 0]
    clock.advance(minutes=7)
    first = clock()
    answer(context, one)
    assert moments(context) == [first, 0]
    clock.advance(minutes=30)
    acts.by_code(context, one, "reopen", None).result()
    assert moments(context) == [first, 0]
    clock.advance(minutes=30)
    answer(context, one)
    assert moments(context) == [first, 0]
    assert moments(context, Audience.PUBLIC) == [first - first % (10 * MINUTE_MS), 0]


def test_finds_none_where_a_request_was_only_withdrawn_and_opened_again(context: Context) -> None:
    one, _ = ask(context)
    for verb in ("withdraw", "reopen"):
        acts.by_code(context, one, verb, None).result()
    assert moments(context) == [0]


def test_asks_the_feed_once_for_each_state_of_the_board(context: Context) -> None:
    one, _ = ask(context)
    answer(context, one)
    acts.by_code(context, one, "reopen", None).result()
    moments(context)
    board = context.views.situation.board(Audience.AGENCY)
    assert first_answers(context.store, context.views.caches, Audience.AGENCY, board) is first_answers(
        context.store, context.views.caches, Audience.AGENCY, board
    )
