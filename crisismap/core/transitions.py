"""Transitions: the effect of each verb on a report, as pure functions; each raises what prevents it.

Their counterparts undo them, given the report as it is now, and its need and request as they were before.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from crisismap.core.errors import WrongState
from crisismap.core.event import EventDraft
from crisismap.core.moment import MINUTE_MS
from crisismap.core.need.need import Need
from crisismap.core.place import moves
from crisismap.core.place.place import Placement, PlacementStatus
from crisismap.core.privacy import cannot_publish, needs_verification
from crisismap.core.report import moderation, verification
from crisismap.core.report import request as life
from crisismap.core.report.change import Change
from crisismap.core.report.report import MAX_TEXT, Addition, read_addition, require_request
from crisismap.core.report.request import MAX_CLAIM_MINUTES, Request, call_roles
from crisismap.core.verb import (
    AddBody,
    AnswerBody,
    Attempt,
    Before,
    Body,
    ClaimBody,
    JoinBody,
    MoveBody,
    NoteBody,
    PlaceBody,
    PriorityBody,
    ReasonBody,
    TriageBody,
    VerifyBody,
)

MAX_ADDITIONS = 50
SET_AT_TRIAGE = "set at triage"  # the reason of a priority for which none is given
NEVER_PUBLISHED = {
    "sensitive": "category_never_published",
    "silent": "no_text",
    "consent": "no_consent",
    "reaching": "text_reaches_somebody",
}


def claim(attempt: Attempt, body: ClaimBody) -> Change:
    return _claimed(attempt, require_request(attempt.report), body.minutes)


def _claimed(attempt: Attempt, request: Request, minutes: int | None) -> Change:
    after = life.claim(request, attempt.actor, attempt.now_ms, minutes)
    return Change(attempt.draft("request.claim", until=after.claim_until), request=after)


def take_back_claim(attempt: Attempt, before: Before) -> Change:
    """Undo a claim or a release: the earlier claimer has the claim again for the remaining time.

    A request that was in doubt before the claim is so again.
    """
    request, earlier = require_request(attempt.report), _request_of(before)
    if earlier.claimed_by == attempt.actor:
        return _claimed(attempt, request, _remaining_minutes(attempt, earlier))
    released = life.with_doubt_of(life.release(request, attempt.actor), earlier)
    return Change(attempt.draft("request.release"), request=released)


def _request_of(before: Before) -> Request:
    return before.request or Request()


def _remaining_minutes(attempt: Attempt, before: Request) -> int:
    left_ms = (before.claim_until or 0) - attempt.now_ms
    return max(1, min(MAX_CLAIM_MINUTES, round(left_ms / MINUTE_MS)))


def release(attempt: Attempt, _body: Body) -> Change:
    return attempt.change(request=life.release(require_request(attempt.report), attempt.actor))


def answer(attempt: Attempt, body: AnswerBody) -> Change:
    after = life.answer(require_request(attempt.report), attempt.actor, attempt.now_ms, body.note)
    event = attempt.draft(photos=len(body.photo_ids)) if body.photo_ids else attempt.draft()
    return Change(event, request=after, photos=body.photo_ids)


def take_back_answer(attempt: Attempt, before: Before) -> Change:
    """Undo an answer: the request is as it was, claimed by the same person for the remaining time or open."""
    earlier = _request_of(before)
    photos = before.photos
    if earlier.claimed_by == attempt.actor and not earlier.claim_is_over(attempt.now_ms):
        event = attempt.draft("request.claim", until=earlier.claim_until)
        return Change(event, request=earlier, photos_back=photos)
    return Change(attempt.draft("request.release"), request=life.opened(earlier), photos_back=photos)


def cannot_meet(attempt: Attempt, body: ReasonBody) -> Change:
    given_up = life.cannot_meet(require_request(attempt.report), attempt.actor, attempt.now_ms, body.reason)
    id_, roles = attempt.report.report.id, attempt.rules.escalations
    after, calls = call_roles(roles, id_, given_up, given_up.escalated + 1, attempt.now_ms)
    return attempt.change(request=after, then=calls)


def priority(attempt: Attempt, body: PriorityBody) -> Change:
    after = life.overrule(require_request(attempt.report), attempt.actor, body.level(), body.reason)
    by_rules, reasons = attempt.by_rules()
    event = attempt.draft(
        priority=f"P{body.level()}", by_rules=f"P{by_rules}", reasons=list(reasons), lang=attempt.report.report.lang
    )
    return Change(event, request=after)


def put_back_priority(attempt: Attempt, before: Before) -> Change:
    """Undo an override: the earlier override, or the priority by rules, counts again."""
    earlier = _request_of(before)
    after = life.restore_priority(require_request(attempt.report), earlier)
    return Change(attempt.draft(rules=earlier.overruling is None), request=after)


def triage(attempt: Attempt, body: TriageBody) -> Change:
    """Decide whether somebody needs help. What the rules heard goes into the event, so that they can be mended."""
    decided = Need(body.need)
    facts = {"need": str(decided), **_facts_to_learn(attempt)}
    if body.priority is not None:
        facts["priority"] = f"P{body.level()}"
    event = attempt.draft(**facts)
    if decided is not Need.ASKS:
        return _without_request(attempt, event, decided)
    request = attempt.report.request
    if request is None:
        after = Request(due_from=attempt.now_ms)
    else:
        life.require_decidable(request, attempt.actor, attempt.now_ms)
        after = life.without_doubt(request)
    level = body.level()
    if level is not None:
        after = life.overrule(after, attempt.actor, level, (body.reason or "").strip() or SET_AT_TRIAGE)
    return Change(event, request=after)


def _facts_to_learn(attempt: Attempt) -> dict[str, Any]:
    """Return what the rules heard and the need before, so that rules can be mended; never the text."""
    heard = attempt.report.heard(attempt.rules.detector)
    return {
        "was": str(attempt.report.need),
        "heard": {"need": str(heard.need), "priority": f"P{heard.priority}", "reasons": list(heard.reasons)},
        "lang": attempt.report.report.lang,
    }


def _without_request(attempt: Attempt, event: EventDraft, need: Need) -> Change:
    """Return a change after which the report has no request."""
    request = attempt.report.request
    if request is not None:
        life.require_removable(request, attempt.actor, attempt.now_ms)
    return Change(event, need=need, removes_request=request is not None)


def put_back_need(attempt: Attempt, before: Before) -> Change:
    """Undo a triage: the report has the need and the request that it had before."""
    event = attempt.draft(need=str(before.need), was=str(attempt.report.need), undone=True)
    if before.request is not None:
        return Change(event, request=before.request)
    return _without_request(attempt, event, before.need)


def ask(attempt: Attempt, _body: Body) -> Change:
    """Make the report a request, because its sender says that somebody needs help."""
    request = attempt.report.request
    event = attempt.draft(**_facts_to_learn(attempt))
    if request is None:
        return Change(event, request=Request(due_from=attempt.now_ms))
    if not request.in_doubt:
        raise WrongState("request_already", state=str(request.state))
    return Change(event, request=life.without_doubt(request))


def inform(attempt: Attempt, _body: Body) -> Change:
    """Make the report information only, because its sender says that nobody needs help."""
    require_request(attempt.report)
    return _without_request(attempt, attempt.draft(**_facts_to_learn(attempt)), Need.INFORMATION)


def join(attempt: Attempt, body: JoinBody) -> Change:
    head = attempt.other
    if head is None or head.seq == attempt.report.seq:
        raise WrongState("joined_to_itself", to=body.to)
    after = life.join(require_request(attempt.report), require_request(head), head.seq)
    return Change(attempt.draft(to=head.report.id), request=after)


def separate(attempt: Attempt, _body: Body) -> Change:
    return attempt.change(request=life.separate(require_request(attempt.report)))


def separate_again(attempt: Attempt, before: Before) -> Change:
    """Undo a join. It had released the claim; an own claim is restored, and so is a doubt."""
    event, earlier = attempt.draft("request.separate"), _request_of(before)
    request = life.with_doubt_of(life.separate(require_request(attempt.report)), earlier)
    if earlier.claimed_by != attempt.actor:
        return Change(event, request=request)
    again = _claimed(attempt, request, _remaining_minutes(attempt, earlier))
    return Change(event, request=again.request, then=(again.event,))


def place(attempt: Attempt, body: PlaceBody) -> Change:
    """Set the location, or propose it where it is far and the actor may not move it there alone."""
    new = Placement(body.lon, body.lat, body.accuracy_m, body.source, attempt.actor, attempt.now_ms)
    moved = moves.move(attempt.report.places, new, attempt.moving())
    event = moves.PROPOSE_PLACE if moved.status is PlacementStatus.PROPOSED else ""
    return Change(attempt.draft(event, **moved.facts), places=moved.places)


def confirm_place(attempt: Attempt, body: MoveBody) -> Change:
    moved = moves.confirm(attempt.report.places, body.number, attempt.actor, attempt.moving())
    return Change(attempt.draft(**moved.facts), places=moved.places)


def can_confirm_place(attempt: Attempt) -> bool:
    """Return whether something waits for the word of this actor."""
    places = attempt.report.places
    waiting = (places[number - 1] for number in moves.reviewable(places))
    return any(
        each.by != attempt.actor and (attempt.sees_exact or each.status is PlacementStatus.PROPOSED) for each in waiting
    )


def put_back(attempt: Attempt, body: MoveBody) -> Change:
    return attempt.change(places=moves.put_back(attempt.report.places, body.number))


def verify(attempt: Attempt, body: VerifyBody) -> Change:
    found = verification.verify(attempt.report.standing, attempt.actor, body.status, body.reason)
    return Change(attempt.draft(status=body.status), standing=found)


def reconfirm(attempt: Attempt, _body: Body) -> Change:
    return attempt.change(standing=verification.reconfirm(attempt.report.standing, attempt.now_ms))


def clear(attempt: Attempt, _body: Body) -> Change:
    now = attempt.report
    if (refusal := why_not_clear(attempt)) is not None:
        raise refusal
    decided = moderation.clear(now.report.text, attempt.actor, attempt.now_ms, asks=now.concerns_home)
    return attempt.change(moderation=decided)


def withhold(attempt: Attempt, body: ReasonBody) -> Change:
    now = attempt.report
    if (refusal := why_not_withhold(attempt)) is not None:
        raise refusal
    decided = moderation.withhold(now.report.text, attempt.actor, body.reason, attempt.now_ms, asks=now.concerns_home)
    return attempt.change(moderation=decided)


def reconsider(attempt: Attempt, _body: Body) -> Change:
    return attempt.change(moderation=moderation.reconsider(attempt.report.moderation))


def why_not_clear(attempt: Attempt) -> WrongState | None:
    """Return what prevents that the text is approved."""
    if why := _why_never(attempt):
        return WrongState(NEVER_PUBLISHED[why])
    if needs_verification(attempt.report, attempt.rules.privacy):
        return WrongState("verify_first")
    return WrongState("text_approved_already") if attempt.report.is_cleared else None


def why_not_withhold(attempt: Attempt) -> WrongState | None:
    """Return what prevents that the text is kept private."""
    if (why := _why_never(attempt)) not in ("", "reaching"):
        return WrongState(NEVER_PUBLISHED[why])
    return WrongState("text_private_already") if attempt.report.is_withheld and attempt.report.is_decided else None


def _why_never(attempt: Attempt) -> str:
    """Return why nobody can approve the text; "" when a person can."""
    return cannot_publish(attempt.report, attempt.rules.categories[attempt.report.report.category])


def by_requester(step: Callable[[Request, int], Request]) -> Callable[[Attempt, NoteBody], Change]:
    """Return a transition of the request that adds the requester's note, if there is one, to the report."""

    def transition(attempt: Attempt, body: NoteBody) -> Change:
        note = (body.note or "").strip() if attempt.by_requester else ""
        addition = _addition(attempt, note) if note else None
        return attempt.change(request=step(require_request(attempt.report), attempt.now_ms), addition=addition)

    return transition


def add(attempt: Attempt, body: AddBody) -> Change:
    """Add text to a report; text that needs help makes any report a request, also when it comes later."""
    addition = _addition(attempt, body.note.strip())
    heard = attempt.rules.detector.detect(addition.text).need
    after = life.after_hearing(attempt.report.request, heard, attempt.now_ms)
    return attempt.change(request=after, addition=addition)


def _addition(attempt: Attempt, note: str) -> Addition:
    now, text = attempt.report, read_addition(note)
    margin = 2 * MAX_TEXT - len(now.full_text())
    if len(now.additions) >= MAX_ADDITIONS or len(text) > margin:
        raise WrongState("nothing_more_taken", state=None)
    return Addition(attempt.now_ms, text)
