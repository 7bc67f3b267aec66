"""The life of a request: claimed by one at a time, run out, released, answered; unanswered is open or claimed."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from crisismap.core.errors import Invalid, WrongState
from crisismap.core.report import request as life
from crisismap.core.report.request import (
    CLAIM_MINUTES,
    MAX_CLAIM_MINUTES,
    MAX_NOTE,
    STATES,
    UNANSWERED,
    Answer,
    Request,
    State,
)

NOW = 1_449_037_800_000
MINUTE = 60_000
PEOPLE = st.sampled_from(["ravi", "vani", "asha"])
CLOSED = (State.ANSWERED, State.CONFIRMED, State.WITHDRAWN, State.JOINED, State.CANNOT_MEET)
CLAIMED = Request(State.CLAIMED, "ravi", NOW + MINUTE)


def test_knows_the_states_of_the_contract():
    assert STATES == ("open", "claimed", "answered", "confirmed", "withdrawn", "joined", "cannot_meet")
    assert {"open", "claimed"} == UNANSWERED
    assert Request().state in UNANSWERED


def test_claims_for_an_hour_unless_told():
    assert life.claim(Request(), "ravi", NOW) == Request(State.CLAIMED, "ravi", NOW + CLAIM_MINUTES * MINUTE)
    assert life.claim(Request(), "ravi", NOW, 5).claim_until == NOW + 5 * MINUTE


@pytest.mark.parametrize("minutes", [0, -1, MAX_CLAIM_MINUTES + 1])
def test_refuses_a_claim_of_a_strange_length(minutes: int):
    with pytest.raises(Invalid, match="minutes"):
        life.claim(Request(), "ravi", NOW, minutes)


def test_extends_the_own_claim_only():
    assert life.claim(CLAIMED, "ravi", NOW, 90).claim_until == NOW + 90 * MINUTE
    with pytest.raises(WrongState, match="Somebody else"):
        life.claim(CLAIMED, "vani", NOW)


def test_lets_another_take_what_has_run_out_before_the_job_came_round():
    assert not CLAIMED.claim_is_over(NOW + MINUTE - 1)
    assert CLAIMED.claim_is_over(NOW + MINUTE)
    assert life.claim(CLAIMED, "vani", NOW + MINUTE).claimed_by == "vani"
    assert life.answer(CLAIMED, "vani", NOW + MINUTE, "done").answer == Answer("vani", NOW + MINUTE, "done")


def test_releases_the_own_claim_only():
    assert life.release(CLAIMED, "ravi") == Request()
    for request, person in ((CLAIMED, "vani"), (Request(), "ravi"), (Request(State.ANSWERED), "ravi")):
        with pytest.raises(WrongState):
            life.release(request, person)


def test_opens_again_what_has_run_out_and_nothing_else():
    assert life.expire(CLAIMED, NOW + MINUTE) == Request()
    for request, now_ms in ((CLAIMED, NOW + MINUTE - 1), (Request(), NOW), (Request(State.ANSWERED), NOW)):
        with pytest.raises(WrongState):
            life.expire(request, now_ms)


def test_answers_an_open_request_directly_or_the_own_claim():
    for request in (Request(), CLAIMED):
        done = life.answer(request, "ravi", NOW, "  took 4 people to the school  ")
        assert done == Request(State.ANSWERED, answer=Answer("ravi", NOW, "took 4 people to the school"))
    with pytest.raises(WrongState, match="Somebody else"):
        life.answer(CLAIMED, "vani", NOW, "done")


@pytest.mark.parametrize("note", ["", " \n", "x" * (MAX_NOTE + 1)])
def test_wants_a_note_of_a_readable_length(note: str):
    with pytest.raises(Invalid, match="note"):
        life.answer(Request(), "ravi", NOW, note)


@pytest.mark.parametrize("state", CLOSED)
def test_changes_nothing_that_is_closed(state: State):
    request = Request(state)
    for step in (
        lambda: life.claim(request, "ravi", NOW),
        lambda: life.answer(request, "ravi", NOW, "done"),
        lambda: life.release(request, "ravi"),
        lambda: life.expire(request, NOW),
    ):
        with pytest.raises(WrongState) as refusal:
            step()
        assert refusal.value.details["state"] == state


def test_keeps_the_count_of_reopenings():
    request = Request(reopened=2)
    for after in (life.claim(request, "ravi", NOW), life.answer(request, "ravi", NOW, "done")):
        assert after.reopened == 2
    assert life.release(life.claim(request, "ravi", NOW), "ravi").reopened == 2


class Life(RuleBasedStateMachine):
    """One request in the hands of three people and a clock, against the simplest model of who holds it."""

    def __init__(self) -> None:
        super().__init__()
        self.request = Request()
        self.now_ms = NOW
        self.holder: str | None = None
        self.until = 0
        self.done = False
        self.doubt = False

    @initialize(doubt=st.booleans())
    def begin(self, doubt: bool) -> None:
        self.doubt, self.request = doubt, Request(in_doubt=doubt, escalated=int(doubt))

    def _held_by_another(self, person: str) -> bool:
        return self.holder not in (None, person) and self.now_ms < self.until

    def _try(self, allowed: bool, step) -> bool:
        before = self.request
        try:
            self.request = step()
        except WrongState:
            assert not allowed
            assert self.request is before
            return False
        assert allowed
        return True

    @rule(person=PEOPLE, minutes=st.none() | st.integers(1, 180))
    def claim(self, person: str, minutes: int | None) -> None:
        allowed = not self.done and not self._held_by_another(person)
        if self._try(allowed, lambda: life.claim(self.request, person, self.now_ms, minutes)):
            self.holder, self.until = person, self.now_ms + (minutes or CLAIM_MINUTES) * MINUTE
            self.doubt = False

    @rule(person=PEOPLE)
    def release(self, person: str) -> None:
        if self._try(self.holder == person, lambda: life.release(self.request, person)):
            self.holder = None

    @rule()
    def expire(self) -> None:
        over = self.holder is not None and self.now_ms >= self.until
        if self._try(over, lambda: life.expire(self.request, self.now_ms)):
            self.holder = None

    @rule(person=PEOPLE)
    def answer(self, person: str) -> None:
        allowed = not self.done and not self._held_by_another(person)
        if self._try(allowed, lambda: life.answer(self.request, person, self.now_ms, "done")):
            self.done, self.holder, self.doubt = True, None, False
            assert self.request.answer == Answer(person, self.now_ms, "done")

    @rule(person=PEOPLE, priority=st.none() | st.integers(1, 4))
    def triage(self, person: str, priority: int | None) -> None:
        """Somebody decides that it asks, with or without a priority."""

        def decided() -> Request:
            life.require_decidable(self.request, person, self.now_ms)
            after = life.without_doubt(self.request)
            return life.overrule(after, person, priority, "seen") if priority else after

        if self._try(not self.done and not self._held_by_another(person), decided):
            self.doubt = False

    @rule(person=PEOPLE, asking=st.integers(1, 2))
    def inform(self, person: str, asking: int) -> None:
        """It could become information only; it is left as it is, so that the life goes on."""

        def removable() -> Request:
            life.require_removable(msgspec.structs.replace(self.request, asking=asking), person, self.now_ms)
            return self.request

        self._try(not self.done and not self._held_by_another(person) and asking == 1, removable)

    @rule(minutes=st.integers(0, 200))
    def wait(self, minutes: int) -> None:
        self.now_ms += minutes * MINUTE

    @invariant()
    def has_one_holder_and_one_state(self) -> None:
        request = self.request
        assert request.state == (State.ANSWERED if self.done else State.CLAIMED if self.holder else State.OPEN)
        assert request.claimed_by == self.holder
        assert request.claim_until == (self.until if self.holder else None)
        assert (request.state in UNANSWERED) is (not self.done)
        assert (request.answer is not None) is self.done
        assert request.in_doubt is self.doubt
        assert request.need == ("may" if self.doubt else "asks")


Life.TestCase.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
TestLife = Life.TestCase


ANSWERED = Request(State.ANSWERED, answer=Answer("ravi", NOW, "done"))


def test_keeps_confirmed_by_the_requester_apart_from_answered_by_us():
    done = life.confirm(ANSWERED, NOW + 5)
    assert (done.state, done.confirmed_at, done.answer) == (State.CONFIRMED, NOW + 5, ANSWERED.answer)
    for state in set(State) - {State.ANSWERED}:
        with pytest.raises(WrongState):
            life.confirm(Request(state), NOW)


@pytest.mark.parametrize("state", [State.ANSWERED, State.CONFIRMED, State.WITHDRAWN, State.CANNOT_MEET, State.JOINED])
def test_opens_again_with_clocks_that_begin_anew(state: State):
    before = Request(state, escalated=3, due_from=1, joined_to=7 if state is State.JOINED else None, why="no boat")
    after = life.reopen(before, NOW)
    assert (after.state, after.reopened, after.due_from, after.escalated) == (State.OPEN, 1, NOW, 0)
    assert (after.joined_to, after.why, after.confirmed_at) == (None, "", None)


@pytest.mark.parametrize("request_", [Request(), CLAIMED])
def test_does_not_reopen_what_waits(request_: Request):
    with pytest.raises(WrongState, match="waiting"):
        life.reopen(request_, NOW)


def test_gives_up_with_a_reason_only():
    assert life.cannot_meet(CLAIMED, "ravi", NOW, " no boat ").why == "no boat"
    for wrong in ("", " ", "x" * (MAX_NOTE + 1)):
        with pytest.raises(Invalid, match="reason"):
            life.cannot_meet(Request(), "ravi", NOW, wrong)
    with pytest.raises(WrongState, match="Somebody else"):
        life.cannot_meet(CLAIMED, "vani", NOW, "no boat")


def test_lets_the_requester_withdraw_what_is_not_done():
    for state in (State.OPEN, State.CLAIMED, State.JOINED, State.CANNOT_MEET):
        assert life.withdraw(Request(state)).state is State.WITHDRAWN
    for state in (State.ANSWERED, State.CONFIRMED, State.WITHDRAWN):
        with pytest.raises(WrongState):
            life.withdraw(Request(state))


def test_asks_together_and_apart_again_with_the_same_clocks():
    waiting = Request(escalated=2, due_from=5)
    joined = life.join(waiting, Request(), 42)
    assert (joined.state, joined.joined_to) == (State.JOINED, 42)
    assert life.separate(joined) == waiting
    with pytest.raises(WrongState):
        life.separate(waiting)
    with pytest.raises(WrongState):
        life.join(ANSWERED, Request(), 42)
    with pytest.raises(WrongState, match="join to one that waits"):
        life.join(waiting, ANSWERED, 42)


def test_lets_a_person_overrule_rules_and_waiting_in_both_directions():
    aged = life.grow_urgent(Request(), 2)
    assert [life.effective_priority(aged, by_rules) for by_rules in (1, 2, 3, 4)] == [1, 2, 2, 2]
    lowered = life.overrule(aged, "ravi", 4, "seen, it is dry")
    assert life.effective_priority(lowered, 1) == 4
    with pytest.raises(WrongState):
        life.grow_urgent(lowered, 2)
    with pytest.raises(WrongState):
        life.grow_urgent(aged, 2)
    for priority, reason in ((0, "x"), (5, "x"), (1, " ")):
        with pytest.raises(Invalid):
            life.overrule(Request(), "ravi", priority, reason)


def test_calls_each_role_once():
    called = life.escalate(Request(), 2)
    assert called.escalated == 2
    for steps in (1, 2):
        with pytest.raises(WrongState):
            life.escalate(called, steps)
