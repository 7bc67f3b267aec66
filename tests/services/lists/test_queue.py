"""The queue: the rows of a list in the order asked for, and the same object while nothing changes."""

from __future__ import annotations

import pytest

from crisismap.core.errors import Invalid
from crisismap.core.privacy import Audience
from crisismap.services.accounts.sign_in import invite
from crisismap.services.lists.queue import QueueQuery, queue
from crisismap.services.runtime.context import COMMAND_LINE, Context
from crisismap.situation.board.selection import Selection
from tests import acts
from tests.conftest import FakeClock
from tests.services.deployment import ask


def ids(context: Context, wanted: QueueQuery, audience: Audience = Audience.AGENCY) -> list[str]:
    found = queue(context.views, context.rules, context.clock(), audience, wanted)
    return [record.id for record in context.views.features.records(found.board, found.rows, context.clock())]


def test_orders_by_urgency_waiting_due_and_arrival(context: Context, clock: FakeClock) -> None:
    food, _ = ask(context, category="water_food", text="we need blankets")  # P3
    clock.advance(minutes=1)
    trapped, _ = ask(context, text="trapped")  # P1
    clock.advance(minutes=1)
    boat, _ = ask(context, text="a boat please")  # P2
    assert ids(context, QueueQuery()) == [trapped, boat, food]
    assert ids(context, QueueQuery(order="waiting")) == [food, trapped, boat]
    assert ids(context, QueueQuery(order="newest")) == [boat, trapped, food]
    assert ids(context, QueueQuery(order="due")) == [trapped, boat, food]


def test_keeps_the_list_until_something_changes(context: Context) -> None:
    ask(context)
    first = queue(context.views, context.rules, context.clock(), Audience.AGENCY, QueueQuery())
    assert queue(context.views, context.rules, context.clock(), Audience.AGENCY, QueueQuery()) is first
    ask(context)
    assert len(queue(context.views, context.rules, context.clock(), Audience.AGENCY, QueueQuery()).rows) == 2


def test_notices_what_becomes_overdue_by_the_clock_alone(context: Context, clock: FakeClock) -> None:
    late, _ = ask(context, text="trapped")
    wanted = QueueQuery(Selection(state=("open",), overdue=True))
    assert ids(context, wanted) == []
    clock.advance(hours=1)
    assert ids(context, wanted) == [late]


def test_holds_only_the_own_claims_in_mine(context: Context) -> None:
    mine, _ = ask(context)
    ask(context)
    invite(context.store, context.clock(), COMMAND_LINE, "Ravi", "responder", "Boats")
    assert context.views.situation.wait(context.store.events.revision())
    ravi = next(p for p in context.views.situation.people.values() if p.name == "Ravi")
    wanted = QueueQuery(Selection(state=("claimed",)), claimed_by=ravi.id)
    assert ids(context, wanted) == []
    done = acts.claim(context, ravi, mine, None).result()
    assert context.views.situation.wait(done.revision)
    assert ids(context, wanted) == [mine]
    assert ids(context, QueueQuery(Selection(state=("claimed",)), claimed_by="somebody")) == []


def test_gives_each_audience_its_own(context: Context) -> None:
    hidden, _ = ask(context, category="medical", text="trapped")
    assert ids(context, QueueQuery()) == [hidden]
    assert ids(context, QueueQuery(), Audience.PUBLIC) == []


def test_refuses_a_state_that_is_none(context: Context) -> None:
    with pytest.raises(Invalid):
        queue(context.views, context.rules, context.clock(), Audience.AGENCY, QueueQuery(Selection(state=("solved",))))
