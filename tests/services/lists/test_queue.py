"""The queue: the rows of a list in the order asked for, and the same object while nothing changes."""

from __future__ import annotations

import json
from typing import Any, get_args

import numpy as np
import pytest

from crisismap.core.errors import Invalid
from crisismap.core.people.person import Person
from crisismap.core.privacy import Audience
from crisismap.services.accounts.sign_in import invite
from crisismap.services.layers.publish import put_layer_bytes
from crisismap.services.lists.queue import Order, QueueQuery, queue, queue_length
from crisismap.services.runtime.context import COMMAND_LINE, Context
from crisismap.situation.board import unanswered
from crisismap.situation.board.selection import Selection
from tests import acts
from tests.conftest import FakeClock
from tests.services.deployment import ask


def responder(context: Context) -> Person:
    invite(context.store, context.clock(), COMMAND_LINE, "Ravi", "responder", "Boats")
    assert context.views.situation.wait(context.store.events.revision())
    return next(p for p in context.views.situation.people.values() if p.name == "Ravi")


def ward(name: str, west: float) -> dict[str, Any]:
    """A square of a tenth of a degree between 13.0 and 13.1 north."""
    ring = [[west, 13.0], [west + 0.1, 13.0], [west + 0.1, 13.1], [west, 13.1], [west, 13.0]]
    return {"type": "Polygon", "coordinates": [ring], "name": name}


def put(context: Context, layer_id: str, role: str, *shapes: dict[str, Any]) -> None:
    """A layer of named geometries."""
    features = [
        {"type": "Feature", "properties": {"name": each.pop("name"), "status": "open"}, "geometry": each}
        for each in shapes
    ]
    body = json.dumps({"type": "FeatureCollection", "features": features}).encode()
    put_layer_bytes(context, COMMAND_LINE, layer_id, role, body)
    assert context.views.situation.wait(context.store.events.revision())


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


def test_orders_by_every_column_and_backwards(context: Context, clock: FakeClock) -> None:
    few, _ = ask(context, text="trapped", people=2)
    clock.advance(minutes=1)
    many, _ = ask(context, category="medical", text="trapped", people=9)
    clock.advance(minutes=1)
    unknown, _ = ask(context, category="water_food", text="no food", lon=None, lat=None)
    assert ids(context, QueueQuery(order="people")) == [many, few, unknown]
    assert ids(context, QueueQuery(order="people", backwards=True)) == [unknown, few, many]
    assert ids(context, QueueQuery(order="urgent", backwards=True)) == [unknown, many, few]
    for order in get_args(Order):
        assert set(ids(context, QueueQuery(order=order))) == {few, many, unknown}, order
        assert len(ids(context, QueueQuery(order=order, backwards=True), Audience.PUBLIC)) == 2, order


def test_orders_areas_by_name_and_shelters_by_distance(context: Context) -> None:
    put(context, "wards", "area", ward("Velachery", 80.2), ward("Adyar", 80.3))
    put(context, "shelters", "shelter", {"type": "Point", "coordinates": [80.31, 13.05], "name": "School"})
    far, _ = ask(context, text="trapped", lon=80.21, lat=13.05)
    near, _ = ask(context, text="trapped", lon=80.32, lat=13.05)
    nowhere, _ = ask(context, text="trapped", lon=None, lat=None)
    assert ids(context, QueueQuery(order="area")) == [near, far, nowhere]
    assert ids(context, QueueQuery(order="shelter")) == [near, far, nowhere]


def test_lists_what_nobody_has_first_and_counts_it(context: Context) -> None:
    urgent, _ = ask(context, text="trapped")
    food, _ = ask(context, category="water_food", text="we need blankets")
    ravi = responder(context)
    assert context.views.situation.wait(acts.claim(context, ravi, urgent, None).result().revision)
    wanted = QueueQuery(unclaimed_first=True)
    assert ids(context, wanted) == [food, urgent]
    found = queue(context.views, context.rules, context.clock(), Audience.AGENCY, wanted)
    assert (found.unclaimed, len(found.rows)) == (1, 2)
    assert queue_length(context.views, context.rules, context.clock(), Audience.AGENCY, wanted) == 2
    assert queue(context.views, context.rules, context.clock(), Audience.AGENCY, QueueQuery()).unclaimed is None


def test_tells_why_a_row_does_not_stand_where_its_waiting_puts_it(context: Context, clock: FakeClock) -> None:
    """More than `calm` wait: the many of one sender take turns, what a signed-in person sent comes earlier."""
    ranking = context.views.situation.rules.ranking
    for _ in range(ranking.calm):
        ask(context, text="trapped on the roof", device="the same")
        clock.advance(seconds=1)
    for number in range(10):
        ask(context, text=f"trapped in house {number}", device=f"another {number}")
        clock.advance(seconds=1)
    found = queue(context.views, context.rules, context.clock(), Audience.AGENCY, QueueQuery())
    assert found.lanes is not None
    assert unanswered.BUSY_SENDER in found.lanes
    late = found.lanes == unanswered.BUSY_SENDER
    received = found.board["received_at"][found.rows]
    assert all(received[:at].max() > received[at] for at in np.flatnonzero(late))
    in_time = queue(context.views, context.rules, context.clock(), Audience.AGENCY, QueueQuery(order="waiting"))
    assert in_time.lanes is None


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
    ravi = responder(context)
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
