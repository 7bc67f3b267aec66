"""claim, release, answer, cannot_meet, priority, join, separate, reopen: what responders do with a request; and the
look at its contact. What volunteers do with any report (place, reconfirm, verify) is in `assess`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future

from crisismap.core.errors import Forbidden, NotFound, WrongState
from crisismap.core.event import EventDraft
from crisismap.core.people.person import Person
from crisismap.core.privacy import view
from crisismap.core.report import request as life
from crisismap.core.report.report import Contact, CurrentReport
from crisismap.core.report.request import Overruling, Request
from crisismap.services.intake.submit import storable
from crisismap.services.requests.photo import check_usable
from crisismap.services.runtime.context import Context, audience_of, require
from crisismap.store.store import Change
from crisismap.store.writer import Committed


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
    context: Context,
    person: Person,
    report_id: str,
    version: int | None,
    *,
    note: str,
    photo_ids: Sequence[str] = (),
) -> Future[Committed[None]]:
    """Say that it was done, and how; with photos that a team has added to this request."""
    require(person, "request.answer")
    photos = check_usable(context, report_id, photo_ids, person)
    now_ms = context.clock()

    def decide(now: CurrentReport) -> Change:
        must_know(context, person, now)
        after = life.answer(asked(now), person.id, now_ms, storable(note))
        data = {"photos": len(photos)} if photos else {}
        event = EventDraft("request.answer", report_id, person.id, now_ms, data)
        return Change(event, request=after, photos=photos)

    return context.store.change(report_id, version, decide)


def expire(context: Context, report_id: str) -> Future[Committed[None]]:
    """Open again what was claimed and not answered in time; done by a job."""
    now_ms = context.clock()

    def decide(now: CurrentReport) -> Change:
        event = EventDraft("claim.expire", report_id, "system", now_ms)
        return Change(event, request=life.expire(asked(now), now_ms))

    return context.store.change(report_id, None, decide)


def cannot_meet(
    context: Context, person: Person, report_id: str, version: int | None, *, reason: str
) -> Future[Committed[None]]:
    """Say that it cannot be met, and why; the next role is called for it."""
    require(person, "request.cannot_meet")
    now_ms = context.clock()

    def decide(now: CurrentReport) -> Change:
        must_know(context, person, now)
        given_up = life.cannot_meet(asked(now), person.id, now_ms, storable(reason))
        after, calls = called(context, report_id, given_up, given_up.escalated + 1, now_ms)
        return Change(EventDraft("request.cannot_meet", report_id, person.id, now_ms), request=after, then=calls)

    return context.store.change(report_id, version, decide)


def priority(
    context: Context, person: Person, report_id: str, version: int | None, *, priority: int, reason: str
) -> Future[Committed[None]]:
    """Overrule the rules, with a reason that everybody who may read reasons is shown."""
    return _change(
        context,
        person,
        report_id,
        version,
        "request.priority",
        lambda r, _: life.overrule(r, person.id, priority, storable(reason)),
    )


def put_back_priority(
    context: Context, person: Person, report_id: str, version: int | None, before: Overruling | None
) -> Future[Committed[None]]:
    """Undo that: what was set before, or what the rules say, counts again."""
    require(person, "request.priority")
    now_ms = context.clock()

    def decide(now: CurrentReport) -> Change:
        must_know(context, person, now)
        event = EventDraft("request.priority", report_id, person.id, now_ms, {"rules": before is None})
        return Change(event, request=life.put_back(asked(now), before))

    return context.store.change(report_id, version, decide)


def join(context: Context, person: Person, report_id: str, version: int | None, *, to: str) -> Future[Committed[None]]:
    """Let it ask together with another one, or with whatever that one was joined to."""
    require(person, "request.join")
    now_ms = context.clock()

    def decide(now: CurrentReport, head: CurrentReport) -> Change:
        must_know(context, person, now)
        must_know(context, person, head)
        if head.seq == now.seq:
            raise WrongState("joined_to_itself", to=to)
        event = EventDraft("request.join", report_id, person.id, now_ms, {"to": head.report.id})
        return Change(event, request=life.join(asked(now), asked(head), head.seq))

    return context.store.join(report_id, version, to, decide)


def separate(context: Context, person: Person, report_id: str, version: int | None) -> Future[Committed[None]]:
    """Undo a join."""
    return _change(context, person, report_id, version, "request.separate", lambda r, _: life.separate(r))


def reopen(context: Context, person: Person, report_id: str, version: int | None) -> Future[Committed[None]]:
    """Take an answer, a refusal or a withdrawal back: the request waits again, and that is counted."""
    return _change(context, person, report_id, version, "request.reopen", life.reopen)


def read_contact(context: Context, person: Person, report_id: str) -> Future[Committed[Contact]]:
    """How to reach the requester: for the current claimer only; each look is an event."""
    require(person, "contact.read")
    now_ms = context.clock()

    def decide(now: CurrentReport) -> EventDraft:
        request = asked(now)
        if request.claimed_by != person.id or request.claim_is_over(now_ms):
            raise Forbidden("contact_for_claimer")
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
        must_know(context, person, now)
        after = step(asked(now), now_ms)
        data = {"until": after.claim_until} if after.claim_until is not None else {}
        return Change(EventDraft(verb, report_id, person.id, now_ms, data), request=after)

    return context.store.change(report_id, version, decide)


def called(
    context: Context, report_id: str, request: Request, steps: int, now_ms: int
) -> tuple[Request, tuple[EventDraft, ...]]:
    """The request with roles called up to so many steps, and the event of each call. Each role is called once."""
    escalations = context.rules.clocks.escalations
    steps = min(steps, len(escalations))
    if steps <= request.escalated:
        return request, ()
    calls = tuple(
        EventDraft("request.escalate", report_id, "system", now_ms, {"step": n + 1, "to": escalations[n].to})
        for n in range(request.escalated, steps)
    )
    return life.escalate(request, steps), calls


def must_know(context: Context, person: Person, now: CurrentReport) -> None:
    """Raise NotFound, as for an unknown one, when the person's audience may not know of this report singly."""
    category = context.rules.categories[now.report.category]
    if view(now, audience_of(person), category, context.rules.privacy) is None:
        raise NotFound("no_report")


def asked(now: CurrentReport) -> Request:
    """The request of a report. Raises WrongState for a report that asks for nothing."""
    if now.request is None:
        raise WrongState("not_a_request", state=None)
    return now.request
