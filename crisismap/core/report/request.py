"""Requests: the life cycle of the part of a report that asks for help, as pure transitions."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

import msgspec

from crisismap.core.errors import Invalid, WrongState
from crisismap.core.event import EventDraft
from crisismap.core.moment import MINUTE_MS
from crisismap.core.need.need import Need

CLAIM_MINUTES = 60
MAX_CLAIM_MINUTES = 24 * 60
MAX_NOTE = 4_000  # characters


class State(StrEnum):
    """The state of a request; unanswered means open or claimed, with or without a location."""

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
    """A priority set by a person, which overrides the rules."""

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
    due_from: int | None = None  # ms UTC, start of the time to answer; None: since it was received
    escalated: int = 0  # number of roles called since it was last unanswered
    overruling: Overruling | None = None
    aged: int = 0  # the priority raised by waiting, 0 = none
    why: str = ""  # why nobody can help
    joined_to: int | None = None  # the store's row of the report it was joined to
    asking: int = 1  # number of requests for this: itself and all that were joined to it
    in_doubt: bool = False  # it may need help: nobody has looked yet

    @property
    def need(self) -> Need:
        """Return the need of its report."""
        return Need.MAY if self.in_doubt else Need.ASKS

    def claim_is_over(self, now_ms: int) -> bool:
        """Return whether it is claimed and the claim has expired."""
        return self.state is State.CLAIMED and self.claim_until is not None and self.claim_until <= now_ms


def claim(request: Request, person: str, now_ms: int, minutes: int | None = None) -> Request:
    """Claim a request, or extend an own claim. Raises WrongState while another person has a claim."""
    minutes = CLAIM_MINUTES if minutes is None else minutes
    if not 1 <= minutes <= MAX_CLAIM_MINUTES:
        raise Invalid("minutes", minutes, "out_of_range", least=1, most=MAX_CLAIM_MINUTES)
    _require_unanswered(request, "claimed")
    _require_not_claimed_by_another(request, person, now_ms)
    return msgspec.structs.replace(
        without_doubt(request), state=State.CLAIMED, claimed_by=person, claim_until=now_ms + minutes * MINUTE_MS
    )


def release(request: Request, person: str) -> Request:
    """Release an own claim."""
    if request.state is not State.CLAIMED or request.claimed_by != person:
        raise WrongState("release_not_yours", state=str(request.state))
    return _without_claim(request, State.OPEN)


def expire(request: Request, now_ms: int) -> Request:
    """Open a claimed request that was not answered in time."""
    if not request.claim_is_over(now_ms):
        raise WrongState("claim_not_over", state=str(request.state))
    return _without_claim(request, State.OPEN)


def answer(request: Request, person: str, now_ms: int, note: str) -> Request:
    """Mark as answered. Another person's running claim prevents it; an open request can be answered directly."""
    note = _checked_note("note", note, "answer_note_missing")
    _require_unanswered(request, "answered")
    _require_not_claimed_by_another(request, person, now_ms)
    done = _without_claim(without_doubt(request), State.ANSWERED)
    return msgspec.structs.replace(done, answer=Answer(person, now_ms, note))


def opened(request: Request) -> Request:
    """Return the request without its claim."""
    return _without_claim(request, State.OPEN)


def cannot_meet(request: Request, person: str, now_ms: int, reason: str) -> Request:
    """Record that nobody can help, and why; other roles are called for it."""
    reason = _checked_note("reason", reason, "reason_unmet_missing")
    _require_unanswered(request, "given up")
    _require_not_claimed_by_another(request, person, now_ms)
    return msgspec.structs.replace(_without_claim(without_doubt(request), State.CANNOT_MEET), why=reason)


def confirm(request: Request, now_ms: int) -> Request:
    """Record the requester's confirmation that it is solved, separately from the answer."""
    if request.state is not State.ANSWERED:
        raise WrongState("only_answered_confirmed", state=str(request.state))
    return msgspec.structs.replace(request, state=State.CONFIRMED, confirmed_at=now_ms)


def reopen(request: Request, now_ms: int) -> Request:
    """Reopen a request that still needs help: the reopening is counted, and its deadlines start again."""
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
        in_doubt=False,
    )


def withdraw(request: Request) -> Request:
    """Withdraw the request of somebody who no longer needs help."""
    if request.state not in (*UNANSWERED, State.JOINED, State.CANNOT_MEET):
        raise WrongState("cannot_be_withdrawn", state=str(request.state))
    return msgspec.structs.replace(_without_claim(request, State.WITHDRAWN), joined_to=None)


def join(request: Request, head: Request, to: int) -> Request:
    """Join a request to another (the store's row `to`), which then stands for both and must itself be waiting."""
    _require_unanswered(request, "joined")
    if head.state not in UNANSWERED:
        raise WrongState("other_not_waiting", state=str(head.state))
    return msgspec.structs.replace(_without_claim(without_doubt(request), State.JOINED), joined_to=to)


def separate(request: Request) -> Request:
    """Separate a request from the one it was joined to. Its deadlines continue as if it had never been joined."""
    if request.state is not State.JOINED:
        raise WrongState("not_joined", state=str(request.state))
    return msgspec.structs.replace(request, state=State.OPEN, joined_to=None)


def overrule(request: Request, person: str, priority: int, reason: str) -> Request:
    """Override the priority."""
    if priority not in (1, 2, 3, 4):
        raise Invalid("priority", priority, "not_a_priority")
    reason = _checked_note("reason", reason, "reason_missing")
    _require_unanswered(request, "given another priority")
    return msgspec.structs.replace(without_doubt(request), overruling=Overruling(priority, person, reason))


def restore_priority(request: Request, before: Request) -> Request:
    """Undo an override: the earlier override, or the priority by rules, counts again, and so does an earlier doubt."""
    _require_unanswered(request, "given another priority")
    return with_doubt_of(msgspec.structs.replace(request, overruling=before.overruling), before)


def without_doubt(request: Request) -> Request:
    """Return the request after somebody looked at it. Whoever was called to look can be called again to answer."""
    return msgspec.structs.replace(request, in_doubt=False, escalated=0) if request.in_doubt else request


def after_hearing(request: Request | None, heard: Need, now_ms: int) -> Request | None:
    """Return the request that later text begins, or whose doubt it ends; None when it changes nothing."""
    if request is None:
        return Request(due_from=now_ms, in_doubt=heard is Need.MAY) if heard.is_request else None
    return without_doubt(request) if request.in_doubt and heard is Need.ASKS else None


def with_doubt_of(request: Request, before: Request) -> Request:
    """Return the request in doubt again if it was before: for an undo."""
    return msgspec.structs.replace(request, in_doubt=True, escalated=before.escalated) if before.in_doubt else request


def require_removable(request: Request, person: str, now_ms: int) -> None:
    """Raise WrongState unless a request can become information: nobody else works on it or was joined to it."""
    _require_unanswered(request, "made information only")
    _require_not_claimed_by_another(request, person, now_ms)
    if request.asking > 1:
        raise WrongState("others_joined", state=str(request.state))


def require_decidable(request: Request, person: str, now_ms: int) -> None:
    """Raise WrongState unless a person can decide now whether it needs help."""
    _require_unanswered(request, "triaged")
    _require_not_claimed_by_another(request, person, now_ms)


def grow_urgent(request: Request, priority: int) -> Request:
    """Raise the priority because of waiting; an override by a person stays."""
    _require_unanswered(request, "made more urgent")
    if request.overruling is not None or (request.aged and request.aged <= priority):
        raise WrongState("waiting_changes_nothing", state=str(request.state))
    return msgspec.structs.replace(request, aged=priority)


def escalate(request: Request, steps: int) -> Request:
    """Record how many roles were called. Each is called once."""
    if steps <= request.escalated:
        raise WrongState("escalated_before", state=str(request.state))
    return msgspec.structs.replace(request, escalated=steps)


def call_roles(
    roles: Sequence[str], report_id: str, request: Request, steps: int, now_ms: int
) -> tuple[Request, tuple[EventDraft, ...]]:
    """Return the request with roles called up to `steps`, and the event of each new call.

    `roles`: those of data/rules/clocks.toml, in their order.
    """
    steps = min(steps, len(roles))
    if steps <= request.escalated:
        return request, ()
    calls = tuple(
        EventDraft("request.escalate", report_id, "system", now_ms, {"step": n + 1, "to": roles[n]})
        for n in range(request.escalated, steps)
    )
    return escalate(request, steps), calls


def effective_priority(request: Request, by_rules: int) -> int:
    """Return the priority that counts: the override, else the more urgent of rules and waiting."""
    if request.overruling is not None:
        return request.overruling.priority
    return min(by_rules, request.aged) if request.aged else by_rules


def _without_claim(request: Request, state: State) -> Request:
    return msgspec.structs.replace(request, state=state, claimed_by=None, claim_until=None)


def _checked_note(field: str, text: str, missing: str) -> str:
    text = text.strip()
    if not text:
        raise Invalid(field, text, missing)
    if len(text) > MAX_NOTE:
        raise Invalid(field, text, "too_long", most=MAX_NOTE)
    return text


def _require_unanswered(request: Request, verb: str) -> None:
    if request.state not in UNANSWERED:
        raise WrongState("verb_does_not_fit", verb=verb, state=str(request.state))


def _require_not_claimed_by_another(request: Request, person: str, now_ms: int) -> None:
    if request.state is State.CLAIMED and request.claimed_by != person and not request.claim_is_over(now_ms):
        raise WrongState("claimed_by_another", state=str(request.state))
