"""The alarm rings for urgent open requests, once for each person, and writes down who heard it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from crisismap.core.errors import Forbidden, NotSignedIn
from crisismap.core.event import EventSearch
from crisismap.services.desk.alarm import acknowledge, acknowledged, urgent
from crisismap.services.operations import audit
from crisismap.services.runtime.context import Context
from tests import acts
from tests.people import ADMIN, RESPONDER, STRANGER, VOLUNTEER
from tests.services.deployment import ask


def seq(context: Context, report_id: str) -> int:
    return context.store.reports.one(report_id).seq


def test_rings_for_life_at_risk_while_nobody_has_claimed_it(context: Context) -> None:
    report, _ = ask(context, text="trapped on the roof, water rising")
    ask(context, category="other", text="please send blankets, we need help")
    assert urgent(context.views.situation) == {seq(context, report)}
    done = acts.claim(context, RESPONDER, report, None).result()
    assert context.views.situation.wait(done.revision)
    assert urgent(context.views.situation) == frozenset()


def test_remembers_for_each_person_what_they_have_heard(context: Context) -> None:
    report, _ = ask(context, text="trapped on the roof, water rising")
    heard = urgent(context.views.situation)
    acknowledge(context.store, context.clock(), RESPONDER, heard)
    assert acknowledged(context.store, RESPONDER) == set(heard)
    assert acknowledged(context.store, RESPONDER, seq(context, report) + 1) == set()
    assert acknowledged(context.store, replace(RESPONDER, id="p-other")) == set(), "another person has not heard it"


def test_writes_one_event_with_the_number_only(context: Context) -> None:
    ask(context, text="trapped on the roof, water rising")
    acknowledge(context.store, context.clock(), RESPONDER, urgent(context.views.situation))
    [event] = audit.search(context.store, ADMIN, EventSearch(verbs=("request.acknowledge",)))
    assert (event.actor, event.data) == (RESPONDER.id, {"requests": 1})


def test_is_not_for_strangers_and_volunteers(context: Context) -> None:
    for person, refusal in ((STRANGER, NotSignedIn), (VOLUNTEER, Forbidden)):
        with pytest.raises(refusal):
            acknowledged(context.store, person)
        with pytest.raises(refusal):
            acknowledge(context.store, context.clock(), person, frozenset())
