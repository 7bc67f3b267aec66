"""claim, release, answer, place and the look at contact details: by whom, when, and until when."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import replace
from typing import Any

import pytest

from crisismap.core.errors import Forbidden, Invalid, NotFound, NotSignedIn, WrongState
from crisismap.core.people.person import Person
from crisismap.core.place.place import Placement
from crisismap.core.report.report import Contact
from crisismap.core.report.request import State
from crisismap.jobs.claims import expire_claim
from crisismap.services.runtime.context import Context
from tests import acts
from tests.conftest import FakeClock
from tests.people import ADMIN, AGENCY, EVERYBODY, RESPONDER, STRANGER, VOLUNTEER
from tests.services.deployment import ask

OTHER = replace(RESPONDER, id="p-other", name="Selvi")
HERE = Placement(80.1, 13.1, None, "map")
Verb = Callable[[Context, Person, str], Any]
VERBS: dict[str, tuple[Verb, set[Person]]] = {
    "claim": (lambda c, p, r: acts.claim(c, p, r, None), {RESPONDER}),
    "release": (lambda c, p, r: acts.release(c, p, r, None), {RESPONDER}),
    "answer": (lambda c, p, r: acts.answer(c, p, r, None, note="done"), {RESPONDER}),
    "place": (lambda c, p, r: acts.place(c, p, r, None, HERE), {RESPONDER, VOLUNTEER}),
    "contact": (lambda c, p, r: acts.read_contact(c, p, r), {RESPONDER}),
}


def finish(doing: Any) -> Any:
    return doing.result() if isinstance(doing, Future) else doing


@pytest.mark.parametrize("verb", VERBS)
def test_asks_everybody_for_the_verb(context: Context, verb: str) -> None:
    act, allowed = VERBS[verb]
    for person in (*EVERYBODY, ADMIN):
        report, _ = ask(context)
        acts.claim(context, RESPONDER, report, None).result()
        if person in allowed:
            finish(act(context, person, report))
            continue
        with pytest.raises(NotSignedIn if person == STRANGER else Forbidden):
            finish(act(context, person, report))


def test_lets_a_claim_run_out(context: Context, clock: FakeClock) -> None:
    report, _ = ask(context, contact={"phone": "+91 98765 43210"})
    acts.claim(context, RESPONDER, report, None, minutes=30).result()
    assert acts.read_contact(context, RESPONDER, report).value == Contact(phone="+91 98765 43210")
    with pytest.raises(WrongState):
        acts.claim(context, OTHER, report, None).result()
    clock.advance(minutes=30)
    with pytest.raises(Forbidden):
        acts.read_contact(context, RESPONDER, report)
    acts.claim(context, OTHER, report, None).result()
    request = context.store.reports.one(report).request
    assert request is not None
    assert (request.state, request.claimed_by) == (State.CLAIMED, OTHER.id)
    with pytest.raises(WrongState):
        acts.answer(context, RESPONDER, report, None, note="too late").result()


def test_does_not_let_a_clock_that_jumps_back_end_a_claim(context: Context, clock: FakeClock) -> None:
    report, _ = ask(context)
    acts.claim(context, RESPONDER, report, None, minutes=30).result()
    clock.advance(hours=-1)
    with pytest.raises(WrongState):
        acts.claim(context, OTHER, report, None).result()
    with pytest.raises(WrongState):
        expire_claim(context.store, context.clock(), report).result()


def test_answers_an_open_request_directly(context: Context) -> None:
    report, _ = ask(context)
    acts.answer(context, RESPONDER, report, None, note="  Already brought to the hall\x00 ").result()
    request = context.store.reports.one(report).request
    assert request is not None
    assert request.answer is not None
    assert (request.answer.by, request.answer.note) == (RESPONDER.id, "Already brought to the hall\ufffd")
    with pytest.raises(Invalid, match="note"):
        acts.answer(context, RESPONDER, ask(context)[0], None, note=" ").result()


def test_does_not_tell_of_a_hidden_request_by_placing_it(context: Context) -> None:
    report, _ = ask(context, category="medical")
    with pytest.raises(NotFound) as hidden:
        acts.place(context, VOLUNTEER, report, None, HERE).result()
    with pytest.raises(NotFound) as unknown:
        acts.place(context, VOLUNTEER, report[:-4] + "0000", None, HERE).result()
    assert str(hidden.value) == str(unknown.value)
    assert context.store.reports.one(report).placement is None
    acts.place(context, RESPONDER, report, None, HERE).result()


def test_refuses_what_cannot_be_a_place(context: Context) -> None:
    report, _ = ask(context)
    for wrong in (replace(HERE, lon=float("nan")), replace(HERE, lat=91.0), replace(HERE, source=" "),
                  replace(HERE, accuracy_m=float("inf"))):  # fmt: skip
        with pytest.raises(Invalid):
            acts.place(context, VOLUNTEER, report, None, wrong).result()
    with pytest.raises(WrongState):
        acts.claim(context, RESPONDER, ask(context, category="flooding", text="wet")[0], None).result()
    assert AGENCY.may("situation.read_exact")
