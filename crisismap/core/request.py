"""Requests: the life of the part of a report that asks for help, as pure transitions."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from crisismap.core.errors import Invalid, WrongState

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


class Answer(msgspec.Struct, frozen=True):
    """What a responder did."""

    by: str  # a person's id
    at_ms: int
    note: str


class Request(msgspec.Struct, frozen=True):
    """The state of one request; its id is the report's id."""

    state: State = State.OPEN
    claimed_by: str | None = None  # a person's id
    claim_until: int | None = None  # ms UTC
    reopened: int = 0
    answer: Answer | None = None

    def claim_is_over(self, now_ms: int) -> bool:
        """Whether it is claimed and the time has run out."""
        return self.state is State.CLAIMED and self.claim_until is not None and self.claim_until <= now_ms


def claim(request: Request, person: str, now_ms: int, minutes: int | None = None) -> Request:
    """Take it, or extend the own claim. Raises WrongState while another holds it."""
    minutes = CLAIM_MINUTES if minutes is None else minutes
    if not 1 <= minutes <= MAX_CLAIM_MINUTES:
        raise Invalid("minutes", minutes, f"must lie between 1 and {MAX_CLAIM_MINUTES}")
    _only_unanswered(request, "claimed")
    if request.state is State.CLAIMED and request.claimed_by != person and not request.claim_is_over(now_ms):
        raise WrongState("Somebody else has claimed this request.", state=str(request.state))
    return msgspec.structs.replace(
        request, state=State.CLAIMED, claimed_by=person, claim_until=now_ms + minutes * 60_000
    )


def release(request: Request, person: str) -> Request:
    """Give the own claim back."""
    if request.state is not State.CLAIMED or request.claimed_by != person:
        raise WrongState("Only the one who has claimed this request can release it.", state=str(request.state))
    return _opened(request)


def expire(request: Request, now_ms: int) -> Request:
    """Open again what was claimed and not answered in time."""
    if not request.claim_is_over(now_ms):
        raise WrongState("The claim has not run out.", state=str(request.state))
    return _opened(request)


def answer(request: Request, person: str, now_ms: int, note: str) -> Request:
    """Say that it was done. Another's running claim stands in the way; an open request can be answered directly."""
    note = note.strip()
    if not note:
        raise Invalid("note", note, "say in a few words what was done")
    if len(note) > MAX_NOTE:
        raise Invalid("note", note, f"at most {MAX_NOTE} characters")
    _only_unanswered(request, "answered")
    if request.state is State.CLAIMED and request.claimed_by != person and not request.claim_is_over(now_ms):
        raise WrongState("Somebody else has claimed this request.", state=str(request.state))
    return msgspec.structs.replace(
        request,
        state=State.ANSWERED,
        claimed_by=None,
        claim_until=None,
        answer=Answer(person, now_ms, note),
    )


def _opened(request: Request) -> Request:
    return msgspec.structs.replace(request, state=State.OPEN, claimed_by=None, claim_until=None)


def _only_unanswered(request: Request, verb: str) -> None:
    if request.state not in UNANSWERED:
        raise WrongState(f"This request is {request.state}; it cannot be {verb}.", state=str(request.state))
