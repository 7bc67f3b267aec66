"""The look at a contact: for the claimer while the claim runs, and written down."""

from __future__ import annotations

from dataclasses import replace

import pytest

from crisismap.core.errors import Forbidden, NotSignedIn, WrongState
from crisismap.services.requests.contact import read_contact
from crisismap.services.runtime.context import Context
from tests import acts
from tests.people import RESPONDER, STRANGER
from tests.services.deployment import ask

PHONE = {"phone": "+91 98765 43210"}


def test_shows_it_to_the_claimer_only_and_writes_the_look_down(context: Context) -> None:
    report, _ = ask(context, contact=PHONE)
    with pytest.raises(Forbidden):
        read_contact(context.store, context.clock(), RESPONDER, report)
    acts.claim(context, RESPONDER, report, None, minutes=30).result()
    with pytest.raises(Forbidden):
        read_contact(context.store, context.clock(), replace(RESPONDER, id="p-other"), report)
    found = read_contact(context.store, context.clock(), RESPONDER, report).value
    assert found.phone == PHONE["phone"]
    events = [event.verb for event in context.store.events.of_report(context.store.reports.one(report).seq)]
    assert events.count("contact.read") == 1


def test_is_for_people_and_for_requests(context: Context) -> None:
    with pytest.raises(NotSignedIn):
        read_contact(context.store, context.clock(), STRANGER, ask(context)[0])
    flood, _ = ask(context, category="flooding", text="knee deep")
    with pytest.raises(WrongState):
        read_contact(context.store, context.clock(), RESPONDER, flood)
