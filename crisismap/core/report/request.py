"""Requests: the life of the part of a report that asks for help, as pure transitions."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from crisismap.core.errors import Invalid, WrongState
from crisismap.core.moment import MINUTE_MS

CLAIM_MINUTES = 60
MAX_CLAIM_MINUTES = 24 * 60
MAX_NOTE = 4_000  # characters


class State(StrEnum):
    """Where a request stands; unanswered means open or claimed, placed or not."""

    OPEN = "open"
    CLAIMED = "claimed"
    ANSWERED = "answered"
    CONFIRMED = "confirmed"
    WITHDRAWN = "withdrawn"
    JOINED = "joined"
    CANNOT_MEET = "cannot_meet"


STATES: tuple[str, ...] = tuple(State)
UNANSWERED = frozenset({State.OPEN, State.CLAIMED})
REOPENABLE = frozenset({State.ANSWERED, State.CONFIRMED, State.WITHDRAWN, State.CANNOT_MEET, State.JOINED})


class Answer(msgspec.Struct, frozen=True):
    """What a responder did."""

    by: str  # a person's id
    at_ms: int
    note: str


class Overruling(msgspec.Struct, frozen=True):
    """The priority that a person has set, in place of what the rules say."""

    priority: int  # 1 to 4
    by: str  # a person's id
    reason: str


class Request(msgspec.Struct, frozen=True):
    """The state of one request; its id is the report's id."""

    state: State = State.OPEN
    claimed_by: str | None = None  # a person's id
    claim_until: int | None = None  # ms UTC
    reopened: int = 0
    answer: Answer | None = None
    confirmed_at: int | None = None  # ms UTC; the requester said that it is solved
    due_from: int | None = None  # ms UTC, since when it has to be answered; None: since it was received
    escalated: int = 0  # how many roles were called for this time of being unanswered
    overruling: Overruling | None = None
    aged: int = 0  # the priority that waiting has made of it, 0 = none
    why: str = ""  # why it cannot be met
    joined_to: int | None = None  # the store's row of the report it was joined to
    asking: int = 1  # how many requests ask for this: itself and all that were joined to it

    def claim_is_over(self, now_ms: int) -> bool:
        """Whether it is claimed and the time has run out."""
        return self.state is State.CLAIMED and self.claim_until is not None and self.claim_until <= now_ms


def claim(request: Request, person: str, now_ms: int, minutes: int | None = None) -> Request:
    """Take it, or extend the own claim. Raises WrongState while another holds it."""
    minutes = CLAIM_MINUTES if minutes is None else minutes
    if not 1 <= minutes <= MAX_CLAIM_MINUTES:
        raise Invalid("minutes", minutes, "out_of_range", least=1, most=MAX_CLAIM_MINUTES)
    _only_unanswered(request, "claimed")
    _not_held_by_another(request, person, now_ms)
    return msgspec.structs.replace(
        request, state=State.CLAIMED, claimed_by=person, claim_until=now_ms + minutes * MINUTE_MS
    )


def release(request: Request, person: str) -> Request:
    """Give the own claim back."""
    if request.state is not State.CLAIMED or request.claimed_by != person:
        raise WrongState("release_not_yours", state=str(request.state))
    return _unclaimed(request, State.OPEN)


def expire(request: Request, now_ms: int) -> Request:
    """Open again what was claimed and not answered in time."""
    if not request.claim_is_over(now_ms):
        raise WrongState("claim_not_over", state=str(request.state))
    return _unclaimed(request, State.OPEN)


def answer(request: Request, person: str, now_ms: int, note: str) -> Request:
    """Say that it was done. Another's running claim stands in the way; an open request can be answered directly."""
    note = _words("note", note, "answer_note_missing")
    _only_unanswered(request, "answered")
    _not_held_by_another(request, person, now_ms)
    done = _unclaimed(request, State.ANSWERED)
    return msgspec.structs.replace(done, answer=Answer(person, now_ms, note))


def cannot_meet(request: Request, person: str, now_ms: int, reason: str) -> Request:
    """Say that it cannot be met, and why; others are called for it."""
    reason = _words("reason", reason, "reason_unmet_missing")
    _only_unanswered(request, "given up")
    _not_held_by_another(request, person, now_ms)
    return msgspec.structs.replace(_unclaimed(request, State.CANNOT_MEET), why=reason)


def confirm(request: Request, now_ms: int) -> Request:
    """The requester says that it is solved; a fact of its own, beside that somebody answered."""
    if request.state is not State.ANSWERED:
        raise WrongState("only_answered_confirmed", state=str(request.state))
    return msgspec.structs.replace(request, state=State.CONFIRMED, confirmed_at=now_ms)


def reopen(request: Request, now_ms: int) -> Request:
    """Help is still needed: open again, counted, and its clocks begin anew."""
    if request.state not in REOPENABLE:
        raise WrongState("waiting_already", state=str(request.state))
    return msgspec.structs.replace(
        request,
        state=State.OPEN,
        reopened=request.reopened + 1,
        confirmed_at=None,
        due_from=now_ms,
        escalated=0,
        why="",
        joined_to=None,
    )


def withdraw(request: Request) -> Request:
    """The requester needs no help any more."""
    if request.state not in (*UNANSWERED, State.JOINED, State.CANNOT_MEET):
        raise WrongState("cannot_be_withdrawn", state=str(request.state))
    return msgspec.structs.replace(_unclaimed(request, State.WITHDRAWN), joined_to=None)


def join(request: Request, head: Request, to: int) -> Request:
    """Ask together with another (the store's row `to`), which from now on stands for both and must wait itself."""
    _only_unanswered(request, "joined")
    if head.state not in UNANSWERED:
        raise WrongState("other_not_waiting", state=str(head.state))
    return msgspec.structs.replace(_unclaimed(request, State.JOINED), joined_to=to)


def separate(request: Request) -> Request:
    """Ask for itself again. Its clocks go on as if it had never been joined."""
    if request.state is not State.JOINED:
        raise WrongState("not_joined", state=str(request.state))
    return msgspec.structs.replace(request, state=State.OPEN, joined_to=None)


def overrule(request: Request, person: str, priority: int, reason: str) -> Request:
    """Set the priority by hand."""
    if priority not in (1, 2, 3, 4):
        raise Invalid("priority", priority, "not_a_priority")
    reason = _words("reason", reason, "reason_missing")
    _only_unanswered(request, "given another priority")
    return msgspec.structs.replace(request, overruling=Overruling(priority, person, reason))


def restore_priority(request: Request, overruling: Overruling | None) -> Request:
    """Undo an overruling: what was set before, or what the rules say, counts again."""
    _only_unanswered(request, "given another priority")
    return msgspec.structs.replace(request, overruling=overruling)


def grow_urgent(request: Request, priority: int) -> Request:
    """Become more urgent by waiting; what a person has set stays."""
    _only_unanswered(request, "made more urgent")
    if request.overruling is not None or (request.aged and request.aged <= priority):
        raise WrongState("waiting_changes_nothing", state=str(request.state))
    return msgspec.structs.replace(request, aged=priority)


def escalate(request: Request, steps: int) -> Request:
    """Note that so many roles were called. Each is called once."""
    if steps <= request.escalated:
        raise WrongState("escalated_before", state=str(request.state))
    return msgspec.structs.replace(request, escalated=steps)


def effective_priority(request: Request, by_rules: int) -> int:
    """What counts: what a person has set, else the more urgent of rules and waiting."""
    if request.overruling is not None:
        return request.overruling.priority
    return min(by_rules, request.aged) if request.aged else by_rules


def _unclaimed(request: Request, state: State) -> Request:
    return msgspec.structs.replace(request, state=state, claimed_by=None, claim_until=None)


def _words(field: str, text: str, missing: str) -> str:
    text = text.strip()
    if not text:
        raise Invalid(field, text, missing)
    if len(text) > MAX_NOTE:
        raise Invalid(field, text, "too_long", most=MAX_NOTE)
    return text


def _only_unanswered(request: Request, verb: str) -> None:
    if request.state not in UNANSWERED:
        raise WrongState("verb_does_not_fit", verb=verb, state=str(request.state))


def _not_held_by_another(request: Request, person: str, now_ms: int) -> None:
    if request.state is State.CLAIMED and request.claimed_by != person and not request.claim_is_over(now_ms):
        raise WrongState("claimed_by_another", state=str(request.state))
