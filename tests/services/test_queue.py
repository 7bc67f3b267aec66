"""The queue: the rows of a list in the order asked for, and the same object while nothing changes."""

from __future__ import annotations

import pytest

from crisismap.core.errors import Invalid
from crisismap.core.privacy import Audience
from crisismap.services import look, respond
from crisismap.services.context import COMMAND_LINE, Context
from crisismap.services.queue import Ask, queue
from crisismap.services.sign_in import invite
from crisismap.situation.selection import Selection
from tests.conftest import FakeClock
from tests.services.deployment import ask


def ids(context: Context, wanted: Ask, audience: Audience = Audience.AGENCY) -> list[str]:
    found = queue(context, audience, wanted)
    return [record.id for record in look.records(context, found.board, found.rows.tolist())]


def test_orders_by_urgency_waiting_due_and_arrival(context: Context, clock: FakeClock) -> None:
    food, _ = ask(context, category="water_food", text="no food")  # P3
    clock.advance(minutes=1)
    trapped, _ = ask(context, text="trapped")  # P1
    clock.advance(minutes=1)
    boat, _ = ask(context, text="a boat please")  # P2
    assert ids(context, Ask()) == [trapped, boat, food]
    assert ids(context, Ask(order="waiting")) == [food, trapped, boat]
    assert ids(context, Ask(order="newest")) == [boat, trapped, food]
    assert ids(context, Ask(order="due")) == [trapped, boat, food]


def test_keeps_the_list_until_something_changes(context: Context) -> None:
    ask(context)
    first = queue(context, Audience.AGENCY, Ask())
    assert queue(context, Audience.AGENCY, Ask()) is first
    ask(context)
    assert len(queue(context, Audience.AGENCY, Ask()).rows) == 2


def test_notices_what_becomes_overdue_by_the_clock_alone(context: Context, clock: FakeClock) -> None:
    late, _ = ask(context, text="trapped")
    wanted = Ask(Selection(state=("open",), overdue=True))
    assert ids(context, wanted) == []
    clock.advance(hours=1)
    assert ids(context, wanted) == [late]


def test_holds_only_the_own_claims_in_mine(context: Context) -> None:
    mine, _ = ask(context)
    ask(context)
    invite(context, COMMAND_LINE, "Ravi", "responder", "Boats")
    assert context.situation.wait(context.store.revision())
    ravi = next(p for p in context.situation.people.values() if p.name == "Ravi")
    wanted = Ask(Selection(state=("claimed",)), claimed_by=ravi.id)
    assert ids(context, wanted) == []
    done = respond.claim(context, ravi, mine, None).result()
    assert context.situation.wait(done.revision)
    assert ids(context, wanted) == [mine]
    assert ids(context, Ask(Selection(state=("claimed",)), claimed_by="somebody")) == []


def test_gives_each_audience_its_own(context: Context) -> None:
    hidden, _ = ask(context, category="medical", text="trapped")
    assert ids(context, Ask()) == [hidden]
    assert ids(context, Ask(), Audience.PUBLIC) == []


def test_refuses_a_state_that_is_none(context: Context) -> None:
    with pytest.raises(Invalid):
        queue(context, Audience.AGENCY, Ask(Selection(state=("solved",))))
