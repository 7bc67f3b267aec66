"""Transitions: what is offered can be done, ends in the state that the entry names, and is really undone."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import msgspec
import pytest

from crisismap.core.errors import CrisismapError, WrongState
from crisismap.core.need.need import Need
from crisismap.core.report import moderation
from crisismap.core.report.report import CurrentReport
from crisismap.core.report.request import Overruling, Request, State
from crisismap.core.transitions import SET_AT_TRIAGE
from crisismap.core.verb import (
    DECISIONS,
    AddBody,
    AnswerBody,
    Attempt,
    Before,
    Body,
    ClaimBody,
    JoinBody,
    PlaceBody,
    PriorityBody,
    ReasonBody,
    TriageBody,
    Verb,
    VerbRules,
    VerifyBody,
)
from crisismap.core.verbs import VERBS
from crisismap.rule_files import read_rule_files
from tests.core.samples import current

FILES = read_rule_files()
HEAD_ID = "01512345-0000-8000-8000-000000000009"
RULES = VerbRules(FILES.categories, FILES.privacy, FILES.detector, FILES.priority, ("responder", "agency"))
NOW = 10_000_000
RAVI, MALA = "p-ravi", "p-mala"
BODIES: dict[type[Body], Body] = {
    ClaimBody: ClaimBody(30),
    AnswerBody: AnswerBody("brought to the hall"),
    ReasonBody: ReasonBody("no boat"),
    PriorityBody: PriorityBody("P2", "they are upstairs"),
    JoinBody: JoinBody(HEAD_ID),
    PlaceBody: PlaceBody(80.1, 13.1, "map"),
    VerifyBody: VerifyBody("verified", "seen"),
    AddBody: AddBody("two more"),
    TriageBody: TriageBody("asks", "P1"),
}


def standing(request: Request | None, category: str = "rescue", publish: bool = True) -> CurrentReport:
    """A report whose request stands as it is said."""
    now = current({"category": category, "text": "on the roof", "consent": {"publish": publish}})
    return msgspec.structs.replace(now, request=request)


HEAD = msgspec.structs.replace(current({"category": "rescue", "text": "help"}, id=HEAD_ID), seq=9)


def claimed(by: str, until: int = NOW + 600_000) -> Request:
    return Request(state=State.CLAIMED, claimed_by=by, claim_until=until)


REQUESTS: dict[str, Request | None] = {
    "none": None,
    "claimed by me": claimed(RAVI),
    "claimed by her": claimed(MALA),
    "run out": claimed(MALA, NOW),
    "in doubt": Request(in_doubt=True, escalated=1),
    **{state.value: Request(state=state, joined_to=9 if state is State.JOINED else None) for state in State},
}
DECIDED = {
    "undecided": moderation.Moderation(),
    "cleared": moderation.clear("on the roof", MALA, 1, asks=True),
    "withheld": moderation.withhold("on the roof", MALA, "names somebody", 1, asks=True),
}


def attempt(verb: Verb, request: Request | None, decided: str = "undecided", consent: bool = True) -> Attempt:
    """By a person, or by the requester where only that one may."""
    now = msgspec.structs.replace(standing(request, publish=consent), moderation=DECIDED[decided])
    return Attempt(verb.permission, now, RAVI if verb.for_people else "", NOW, RULES, HEAD)


def outcome(verb: Verb, made: Attempt) -> CrisismapError | None:
    try:
        verb.transition(made, BODIES.get(verb.body) or verb.body())
    except CrisismapError as refused:
        return refused
    return None


@pytest.mark.parametrize("name", VERBS)
def test_offers_only_what_can_be_done(name: str):
    verb, refusals = VERBS[name], 0
    for (kind, request), decided, consent in product(REQUESTS.items(), DECIDED, (True, False)):
        made = attempt(verb, request, decided, consent)
        refused = outcome(verb, made)
        refusals += refused is not None
        if verb.offered(made):
            assert refused is None, (kind, decided, refused)
        elif name != "separate":
            assert refused is None or isinstance(refused, WrongState)
    if name not in ("place", "verify", "reconfirm", "add"):
        assert refusals > 0, "the negative control: there is something that cannot be done"


@pytest.mark.parametrize("name", [name for name, verb in VERBS.items() if verb.state])
def test_ends_in_the_state_that_the_entry_names(name: str):
    verb, ends = VERBS[name], set()
    for request in REQUESTS.values():
        made = attempt(verb, request)
        if verb.offered(made):
            change = verb.transition(made, BODIES.get(verb.body) or verb.body())
            assert change.event.verb == verb.permission
            ends.add(change.request.state if change.request else None)
    assert ends == {verb.state}


def after(made: Attempt, request: Request | None) -> Attempt:
    return replace(made, report=msgspec.structs.replace(made.report, request=request))


@pytest.mark.parametrize("name", [name for name, verb in VERBS.items() if verb.undo])
@pytest.mark.parametrize("kind", ["open", "claimed by me", "in doubt"])
def test_undoes_to_what_was_before(name: str, kind: str):
    verb, before = VERBS[name], REQUESTS[kind]
    assert before is not None
    before = msgspec.structs.replace(before, overruling=Overruling(3, MALA, "safe"))
    made = attempt(verb, before)
    if not verb.offered(made):
        return
    changed = verb.transition(made, BODIES.get(verb.body) or verb.body()).request
    assert changed != before
    assert verb.undo is not None
    assert verb.undo(after(made, changed), Before(before.need, before)).request == before


@pytest.mark.parametrize("kind", ["none", "open", "claimed by me", "in doubt"])
@pytest.mark.parametrize("decided", DECISIONS)
def test_undoes_a_triage_to_the_need_and_the_request_of_before(decided: str, kind: str):
    triage, before = VERBS["triage"], REQUESTS[kind]
    made = attempt(triage, before)
    change = triage.transition(made, TriageBody(decided))
    assert change.removes_request is (before is not None and decided != "asks")
    report = msgspec.structs.replace(made.report.report, need=change.need or Need.ASKS)
    now = msgspec.structs.replace(made.report, report=report, request=None if change.need else change.request)
    assert now.need == decided
    assert triage.undo is not None
    undone = triage.undo(replace(made, report=now), Before(made.report.need, before))
    assert undone.request == before
    assert (undone.removes_request, undone.need) == ((False, None) if before else (decided == "asks", Need.INFORMATION))


def test_records_a_triage_with_what_was_heard_and_without_the_text():
    triage = VERBS["triage"]
    asked = attempt(triage, Request(in_doubt=True, escalated=2))
    heard = asked.report.heard(asked.rules.detector)
    change = triage.transition(asked, TriageBody("asks", "P2"))
    assert change.request == Request(overruling=Overruling(2, RAVI, SET_AT_TRIAGE))
    assert change.event.data == {
        "need": "asks",
        "was": "may",
        "priority": "P2",
        "heard": {"need": str(heard.need), "priority": f"P{heard.priority}", "reasons": list(heard.reasons)},
        "lang": None,
    }
    priority = VERBS["priority"]
    event = priority.transition(attempt(priority, Request()), PriorityBody("P3", "they are safe")).event
    assert (event.data["priority"], event.data["by_rules"], event.data["lang"]) == ("P3", "P1", None)
    assert "they are safe" not in str(event.data)


@pytest.mark.parametrize("name", ["triage", "inform"])
def test_makes_no_information_of_what_others_have_joined_or_work_on(name: str):
    verb = VERBS[name]
    body = TriageBody("information") if name == "triage" else Body()
    for request in (Request(asking=2), claimed(MALA), Request(state=State.ANSWERED), Request(state=State.JOINED)):
        with pytest.raises(WrongState):
            verb.transition(attempt(verb, request), body)


def test_ends_a_doubt_by_every_look_at_it():
    doubt = Request(in_doubt=True, escalated=1)
    for name in ("claim", "answer", "cannot_meet", "priority", "join", "triage", "ask"):
        verb = VERBS[name]
        change = verb.transition(attempt(verb, doubt), BODIES.get(verb.body) or verb.body())
        assert change.request is not None
        assert not change.request.in_doubt, name


def test_lets_added_words_begin_a_doubt_and_end_one():
    add, doubt = VERBS["add"], Request(in_doubt=True)
    worried = AddBody("they say a family is trapped behind the mill")
    assert add.transition(attempt(add, None), worried).request == Request(due_from=NOW, in_doubt=True)
    assert add.transition(attempt(add, doubt), worried).request is None
    ended = add.transition(attempt(add, doubt), AddBody("she is trapped")).request
    assert ended == Request()


def test_lets_the_sender_change_the_need_at_any_time():
    ask, inform = VERBS["ask"], VERBS["inform"]
    assert ask.transition(attempt(ask, None), Body()).request == Request(due_from=NOW)
    with pytest.raises(WrongState, match="already"):
        ask.transition(attempt(ask, Request()), Body())
    change = inform.transition(attempt(inform, Request(in_doubt=True)), Body())
    assert (change.removes_request, change.need) == (True, Need.INFORMATION)


def test_keeps_the_requesters_words_and_not_those_of_a_person_who_reopens():
    reopen = VERBS["reopen"]
    by_person = attempt(reopen, REQUESTS["answered"])
    note = reopen.body(note="still wet")  # type: ignore[call-arg]
    assert reopen.transition(by_person, note).addition is None
    by_requester = replace(by_person, actor="")
    addition = reopen.transition(by_requester, note).addition
    assert addition is not None
    assert addition.text == "still wet"


def test_makes_a_report_a_request_by_words_of_need_only():
    add = VERBS["add"]
    made = attempt(add, None)
    assert add.transition(made, AddBody("my mother is trapped")).request == Request(due_from=NOW)
    assert add.transition(made, AddBody("the market is open")).request is None


def test_calls_the_next_role_when_it_cannot_be_met():
    given_up = VERBS["cannot_meet"]
    change = given_up.transition(attempt(given_up, Request(escalated=1)), ReasonBody("no boat"))
    assert [(event.verb, event.data["to"]) for event in change.then] == [("request.escalate", "agency")]
    none_left = given_up.transition(attempt(given_up, Request(escalated=2)), ReasonBody("no boat"))
    assert none_left.then == ()


def test_never_lets_words_out_without_consent_or_of_a_sensitive_category():
    clear = VERBS["clear"]
    with pytest.raises(WrongState, match="has not agreed"):
        clear.transition(attempt(clear, Request(), consent=False), Body())
    with pytest.raises(WrongState, match="never shown"):
        clear.transition(replace(attempt(clear, Request()), report=standing(Request(), "medical")), Body())
    assert clear.transition(attempt(clear, Request()), Body()).moderation is not None
