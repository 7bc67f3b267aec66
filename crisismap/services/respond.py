"""claim, release, answer, place: what responders and volunteers do with a request, and the look at its contact."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import replace

from crisismap.core import request as life
from crisismap.core.errors import Forbidden, Invalid, NotFound, WrongState
from crisismap.core.event import EventDraft
from crisismap.core.person import Person
from crisismap.core.place import Placement, check_coordinates
from crisismap.core.privacy import view
from crisismap.core.report import Contact, CurrentReport
from crisismap.core.request import Request
from crisismap.services.context import Context, audience_of, require
from crisismap.services.submit import storable
from crisismap.store.store import Change
from crisismap.store.writer import Committed

MAX_SOURCE = 200  # characters


def claim(
    context: Context, person: Person, report_id: str, version: int | None, *, minutes: int | None = None
) -> Future[Committed[None]]:
    """Take a request for a time, or extend the own claim."""
    return _change(
        context, person, report_id, version, "request.claim", lambda r, t: life.claim(r, person.id, t, minutes)
    )


def release(context: Context, person: Person, report_id: str, version: int | None) -> Future[Committed[None]]:
    """Give the own claim back."""
    return _change(context, person, report_id, version, "request.release", lambda r, t: life.release(r, person.id))


def answer(
    context: Context, person: Person, report_id: str, version: int | None, *, note: str
) -> Future[Committed[None]]:
    """Say that it was done, and how."""
    return _change(
        context, person, report_id, version, "request.answer", lambda r, t: life.answer(r, person.id, t, storable(note))
    )


def expire(context: Context, report_id: str) -> Future[Committed[None]]:
    """Open again what was claimed and not answered in time; done by a job."""
    now_ms = context.clock()

    def decide(now: CurrentReport) -> Change:
        event = EventDraft("claim.expire", report_id, "system", now_ms)
        return Change(event, request=life.expire(_request(now), now_ms))

    return context.store.change(report_id, None, decide)


def place(
    context: Context, person: Person, report_id: str, version: int | None, placement: Placement
) -> Future[Committed[None]]:
    """Give a report a place, or a better one; what was said stays beside it."""
    require(person, "report.place")
    check_coordinates(placement.lon, placement.lat)
    if not placement.source.strip() or len(placement.source) > MAX_SOURCE:
        raise Invalid("source", placement.source, f"say in 1 to {MAX_SOURCE} characters how the place is known")
    if placement.accuracy_m is not None and not 0 <= placement.accuracy_m <= 1e7:
        raise Invalid("accuracy_m", placement.accuracy_m, "must be a number of metres from 0 to 10000000")
    now_ms = context.clock()
    kept = replace(placement, source=storable(placement.source))

    def decide(now: CurrentReport) -> Change:
        _must_know(context, person, now)
        return Change(EventDraft("report.place", report_id, person.id, now_ms), placement=kept)

    return context.store.change(report_id, version, decide)


def read_contact(context: Context, person: Person, report_id: str) -> Future[Committed[Contact]]:
    """How to reach the requester: for the current claimer only; each look is an event."""
    require(person, "contact.read")
    now_ms = context.clock()

    def decide(now: CurrentReport) -> EventDraft:
        request = _request(now)
        if request.claimed_by != person.id or request.claim_is_over(now_ms):
            raise Forbidden("Contact details are shown only to the one who has claimed the request.")
        return EventDraft("contact.read", report_id, person.id, now_ms)

    return context.store.read_contact(report_id, decide)


def _change(
    context: Context,
    person: Person,
    report_id: str,
    version: int | None,
    verb: str,
    step: Callable[[Request, int], Request],
) -> Future[Committed[None]]:
    require(person, verb)
    now_ms = context.clock()

    def decide(now: CurrentReport) -> Change:
        _must_know(context, person, now)
        after = step(_request(now), now_ms)
        data = {"until": after.claim_until} if after.claim_until is not None else {}
        return Change(EventDraft(verb, report_id, person.id, now_ms, data), request=after)

    return context.store.change(report_id, version, decide)


def _must_know(context: Context, person: Person, now: CurrentReport) -> None:
    """Raise NotFound, as for an unknown one, when the person's audience may not know of this report singly."""
    category = context.rules.categories[now.report.category]
    if view(now, audience_of(person), category, context.rules.privacy) is None:
        raise NotFound("There is no such report.")


def _request(now: CurrentReport) -> Request:
    if now.request is None:
        raise WrongState("This report asks for nothing.", state=None)
    return now.request
