"""The story of one report: whole for those who may know it, by teams and coarse times for the public."""

from __future__ import annotations

import pytest

from crisismap.core.channel import Message, Receipt
from crisismap.core.errors import NotFound
from crisismap.core.people.person import Person
from crisismap.core.report.read_draft import draft_from
from crisismap.services.accounts.sign_in import invite
from crisismap.services.requests.report_detail import report_detail
from crisismap.services.runtime.context import COMMAND_LINE, Context
from crisismap.situation.board import unanswered
from tests import acts
from tests.conftest import FakeClock
from tests.people import AGENCY, STRANGER, VOLUNTEER
from tests.services.deployment import ask


def ravi(context: Context) -> Person:
    invite(context.store, context.clock(), COMMAND_LINE, "Ravi", "responder", "Boat Team 4")
    assert context.views.situation.wait(context.store.events.revision())
    return next(p for p in context.views.situation.people.values() if p.name == "Ravi")


def test_tells_an_agency_who_did_what_when_and_how(context: Context, clock: FakeClock) -> None:
    id_, _ = ask(context)
    one = ravi(context)
    clock.advance(minutes=3)
    acts.claim(context, one, id_, None).result()
    acts.answer(context, one, id_, None, note="Brought two people to the school").result()
    told = report_detail(context.store, context.views, context.rules, context.clock, AGENCY, id_)
    assert [step.verb for step in told.steps] == ["report.submit", "request.claim", "request.answer"]
    assert told.steps[1].who == "Ravi (Boat Team 4)"
    assert told.steps[1].until_ms is not None
    assert told.steps[2].note == "Brought two people to the school"
    assert told.steps[1].at_ms == clock.ms
    assert not told.holds_claim


@pytest.mark.parametrize("person", [STRANGER, VOLUNTEER])
def test_tells_the_public_no_name_no_note_and_no_exact_time(context: Context, clock: FakeClock, person) -> None:
    id_, _ = ask(context, contact={"phone": "+919840012345"}, consent={"contact": True})
    one = ravi(context)
    clock.advance(minutes=3, ms=1234)
    acts.claim(context, one, id_, None).result()
    acts.read_contact(context, one, id_)
    done = acts.answer(context, one, id_, None, note="Took Mrs Devi home").result()
    assert context.views.situation.wait(done.revision)
    told = report_detail(context.store, context.views, context.rules, context.clock, person, id_)
    assert told.current is None
    assert [step.verb for step in told.steps] == ["report.submit", "request.claim", "request.answer"]
    assert {step.who for step in told.steps} == {"", "a team"}
    assert all(step.at_ms % 600_000 == 0 and step.until_ms is None and not step.note for step in told.steps)
    assert "Devi" not in repr(told)
    assert "Ravi" not in repr(told)


def test_knows_the_claimer_until_the_claim_is_over(context: Context, clock: FakeClock) -> None:
    id_, _ = ask(context)
    one = ravi(context)
    done = acts.claim(context, one, id_, None, minutes=5).result()
    assert context.views.situation.wait(done.revision)
    assert report_detail(context.store, context.views, context.rules, context.clock, one, id_).holds_claim
    assert not report_detail(context.store, context.views, context.rules, context.clock, AGENCY, id_).holds_claim
    clock.advance(minutes=6)
    assert not report_detail(context.store, context.views, context.rules, context.clock, one, id_).holds_claim


def test_hides_what_the_public_may_not_know_of_like_what_is_not_there(context: Context) -> None:
    hidden, _ = ask(context, category="medical")
    with pytest.raises(NotFound) as of_hidden:
        report_detail(context.store, context.views, context.rules, context.clock, STRANGER, hidden)
    with pytest.raises(NotFound) as of_none:
        report_detail(
            context.store, context.views, context.rules, context.clock, STRANGER, "00000000-0000-8000-8000-000000000000"
        )
    assert str(of_hidden.value) == str(of_none.value)
    assert report_detail(context.store, context.views, context.rules, context.clock, AGENCY, hidden).record.id == hidden


def test_says_in_which_lane_it_waits_while_many_wait(context: Context) -> None:
    news = [("trapped, send all boats", n) for n in range(60)] + [("my mother is trapped on the roof", 60)]
    messages = [
        Message(
            draft_from({"category": "rescue", "text": text, "lon": 80.25, "lat": 13.05}),
            "web",
            device=f"phone{n}",
            address="203.0.113.9",
            received_at=context.clock(),
        )
        for text, n in news
    ]
    receipts = [each for each in context.intake.receive_all(messages) if isinstance(each, Receipt)]
    assert context.views.situation.wait(receipts[-1].revision)

    def lane(id_: str, person: Person = AGENCY) -> int:
        told = report_detail(context.store, context.views, context.rules, context.clock, person, id_)
        return told.lane

    assert (lane(receipts[0].id), lane(receipts[-1].id)) == (unanswered.BUSY_NETWORK, unanswered.OWN_WORDS)
    assert lane(receipts[0].id, STRANGER) == unanswered.ORDINARY, "the public is told of no network"
