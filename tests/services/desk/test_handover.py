"""Hand-over: the numbers are those of the lists, each person reads each note once, in order."""

from __future__ import annotations

import pytest

from crisismap.core.errors import Forbidden, Invalid, NotSignedIn
from crisismap.core.people.person import STRANGER, Person
from crisismap.jobs.escalation import escalate
from crisismap.services.desk import handover
from crisismap.services.runtime.context import Context
from tests import acts
from tests.conftest import FakeClock
from tests.people import AGENCY, RESPONDER, VOLUNTEER
from tests.services.deployment import ask

MALA = Person("p-mala", "Mala", "Boats", frozenset({"responder"}))


def settle(context: Context) -> None:
    assert context.views.situation.wait(context.store.events.revision())


def test_counts_what_the_next_shift_takes_over(context: Context, clock: FakeClock) -> None:
    ask(context, text="trapped")
    held = ask(context, text="a boat please")[0]
    ask(context, text="no food", category="water_food", lon=None, lat=None, place="the mill")
    acts.claim(context, RESPONDER, held, None, minutes=600).result()
    given_up = ask(context)[0]
    acts.cannot_meet(context, MALA, given_up, None, reason="no boat").result()
    clock.advance(minutes=31)
    escalate(context)
    settle(context)
    found = handover.summary(context.store, context.views.situation, context.rules, context.clock())
    assert (found.unanswered, found.urgent, found.overdue, found.escalated, found.unplaced) == (3, 1, 1, 2, 1)
    assert [count for _, count in found.claims] == [1]
    assert (found.since_ms, found.came, found.answered) == (None, 4, 0)


def test_counts_what_has_come_since_the_hand_over_before(context: Context, clock: FakeClock) -> None:
    old = ask(context)[0]
    handover.write(context.store, context.views.situation, context.rules, context.clock(), RESPONDER, "first shift")
    clock.advance(minutes=10)
    ask(context)
    acts.answer(context, MALA, old, None, note="done").result()
    settle(context)
    found = handover.summary(context.store, context.views.situation, context.rules, context.clock())
    assert (found.came, found.answered) == (1, 1)
    assert found.since_ms == clock.ms - 600_000


def test_is_shown_to_each_until_read_the_oldest_first(context: Context) -> None:
    handover.write(
        context.store,
        context.views.situation,
        context.rules,
        context.clock(),
        RESPONDER,
        "the bridge at Adyar is closed",
    )
    handover.write(
        context.store, context.views.situation, context.rules, context.clock(), RESPONDER, "boats are at the school"
    )
    first, second = handover.unread(context.store, context.views.situation, MALA)
    assert (first.text, second.text) == ("the bridge at Adyar is closed", "boats are at the school")
    assert handover.unread(context.store, context.views.situation, RESPONDER) == [], "who wrote it knows it"
    handover.acknowledge(context.store, context.clock(), MALA, first.id)
    handover.acknowledge(context.store, context.clock(), MALA, first.id)
    assert [note.id for note in handover.unread(context.store, context.views.situation, MALA)] == [second.id]


def test_refuses_an_empty_note(context: Context) -> None:
    with pytest.raises(Invalid, match="note"):
        handover.write(context.store, context.views.situation, context.rules, context.clock(), RESPONDER, "  ")
    assert handover.unread(context.store, context.views.situation, MALA) == []


@pytest.mark.parametrize(("person", "error"), [(STRANGER, NotSignedIn), (VOLUNTEER, Forbidden), (AGENCY, Forbidden)])
def test_is_for_those_who_share_the_work_out(context: Context, person: Person, error: type[Exception]) -> None:
    for act in (
        lambda: handover.write(context.store, context.views.situation, context.rules, context.clock(), person, "x"),
        lambda: handover.unread(context.store, context.views.situation, person),
    ):
        with pytest.raises(error):
            act()
