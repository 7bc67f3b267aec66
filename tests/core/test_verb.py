"""What verbs are made of: bodies that say what they need and refuse what cannot be, attempts that know the state."""

from __future__ import annotations

import pytest

from crisismap.core.errors import Invalid
from crisismap.core.report.request import Request, State
from crisismap.core.verb import Attempt, Body, ClaimBody, PlaceBody, PriorityBody, VerbRules, VerifyBody
from crisismap.core.verbs import VERBS
from tests.core.test_transitions import RULES, standing


def attempt(request: Request | None, actor: str = "p-ravi", now_ms: int = 1_000) -> Attempt:
    return Attempt("request.claim", standing(request), actor, now_ms, RULES)


def test_says_which_members_a_form_has_to_ask_for():
    assert Body.required() == ClaimBody.required() == {}
    assert VerifyBody.required() == {"status": str, "reason": str}
    assert list(PlaceBody.required()) == ["lon", "lat", "source"]


def test_asks_its_question_above_the_last_text():
    verify, place = VERBS["verify"], VERBS["place"]
    assert [verify.field_label(name) for name in verify.body.required()] == ["Status", "How do you know?"]
    assert place.field_label("accuracy_m") == "Accuracy m"


@pytest.mark.parametrize("level", ["P0", "P5", "", "1", "urgent"])
def test_refuses_a_priority_that_is_none(level: str):
    with pytest.raises(Invalid, match="must be P1, P2, P3 or P4"):
        PriorityBody(level, "why").check()
    assert PriorityBody(" p2 ", "why").level() == 2


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (PlaceBody(181.0, 13.0, "map"), "lon"),
        (PlaceBody(80.0, float("nan"), "map"), "lat"),
        (PlaceBody(80.0, 13.0, " "), "source"),
        (PlaceBody(80.0, 13.0, "x" * 201), "source"),
        (PlaceBody(80.0, 13.0, "map", -1.0), "accuracy_m"),
    ],
)
def test_refuses_what_cannot_be_a_place(body: PlaceBody, field: str):
    with pytest.raises(Invalid) as refused:
        body.check()
    assert refused.value.field == field
    PlaceBody(80.0, 13.0, "map", 30.0).check()


def test_takes_a_claim_that_has_run_out_for_open():
    claimed = Request(state=State.CLAIMED, claimed_by="p-ravi", claim_until=2_000)
    assert (attempt(claimed).state, attempt(claimed).holds_claim) == (State.CLAIMED, True)
    assert not attempt(claimed, "p-mala").holds_claim
    late = attempt(claimed, now_ms=2_000)
    assert (late.state, late.holds_claim) == (State.OPEN, False)
    assert attempt(None).state is None


def test_writes_its_own_event_or_another_with_facts():
    made = attempt(Request())
    assert (made.draft().verb, made.draft().actor, made.draft().data) == ("request.claim", "p-ravi", {})
    other = made.draft("request.release", until=5)
    assert (other.verb, other.data, other.at_ms) == ("request.release", {"until": 5}, 1_000)
    assert attempt(Request(), actor="").by_requester
    assert VerbRules({}, RULES.privacy).escalations == ()
