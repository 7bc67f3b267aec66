"""/tasks/{id}: one request for responders in the field: text, route, official context, and actions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from urllib.parse import quote

import msgspec
from markupsafe import Markup
from starlette.responses import Response

from crisismap.core import moment
from crisismap.core.errors import (
    CrisismapError,
    Forbidden,
    Invalid,
    Malformed,
    TooLarge,
    unexpected,
)
from crisismap.core.people.person import STRANGER
from crisismap.core.place.geodesy import distance_m
from crisismap.core.place.place import PlacementStatus
from crisismap.core.report.photo import MAX_BYTES
from crisismap.core.report.report import Contact
from crisismap.core.report.request import MAX_NOTE, UNANSWERED
from crisismap.core.verb import AnswerBody, Body, ClaimBody, MoveBody, PlaceBody, TriageBody, Verb
from crisismap.core.verbs import VERBS, of_event
from crisismap.services.around.feature_wording import hazard_name
from crisismap.services.lists import nearby
from crisismap.services.lists.search import coordinates
from crisismap.services.requests import photo
from crisismap.services.requests.contact import read_contact
from crisismap.services.requests.location_moves import LocationMove
from crisismap.services.requests.perform import Act, check, perform
from crisismap.services.requests.report_detail import ReportDetail, TimelineEntry, report_detail
from crisismap.situation.record.record import Record
from crisismap.web.pages.tasks_page import list_parameters, query_of, sign_in_first
from crisismap.web.pages.track_page import NAMELESS, answers_of, version_of
from crisismap.web.render import (
    SITUATION_S,
    distance,
    moment_of,
    page,
    photo_advice,
    photo_problem,
    redirect,
    refusal_of,
    rich,
)
from crisismap.web.visit import Form, Visit

MINUTES = (30, 60, 120, 240)
# Events that no verb writes, and the sentence for each.
STEPS = {
    "report.submit": "task.did_submit",
    "report.import": "task.did_submit",
    "claim.expire": "track.step_expire",
    "request.escalate": "track.step_escalate",
    "request.age": "track.step_age",
    "report.propose_place": "task.did_propose",
    "contact.read": "task.did_look",
}


@dataclass(frozen=True, slots=True)
class ActionResult:
    """The result of a button: the form as it was typed, the sentence of an error, the contact if it was requested."""

    form: Form
    error: str = ""
    contact: Contact | None = None
    done: str = ""  # the verb that was carried out
    choose_photo_again: bool = False  # a photo was sent, and a browser does not send it again by itself
    photo_problem: str = ""


def show(visit: Visit) -> Response:
    """Show one request or report."""
    if visit.person == STRANGER:
        return sign_in_first(visit)
    return _show(visit, ActionResult({}, done=visit.parameter("done")))


def act(visit: Visit) -> Response:
    """Perform the action of a button, or show the page again with the reason and everything that was typed."""
    if visit.person == STRANGER:
        return sign_in_first(visit)
    context, form, number = visit.context, visit.form, visit.request.path_params["id"]
    verb = form.get("do", "")
    if not visit.has_token:
        return _show(visit, ActionResult(form, "login.token", choose_photo_again=bool(visit.upload)), 403)
    try:
        if verb == "contact":
            contact = read_contact(context.store, context.clock(), visit.person, number)
            context.views.situation.wait(contact.revision, SITUATION_S)
            return _show(visit, ActionResult(form, contact=contact.value))
        is_known = verb in VERBS and VERBS[verb].in_field
        if is_known:
            action = _act(visit, number, VERBS[verb], form)
            done = perform(context.store, context.rules, context.clock(), action)
            context.views.situation.wait(done.revision, SITUATION_S)
    except CrisismapError as problem:
        error, status = _refusal(problem)
        context.views.situation.wait(context.store.events.revision(), SITUATION_S)
        result = ActionResult(form, error, choose_photo_again=bool(visit.upload), photo_problem=photo_problem(problem))
        return _show(visit, result, status)
    query = query_of(list_parameters(visit) | {"done": verb} if is_known else list_parameters(visit))
    return redirect(visit, f"/tasks/{quote(number, safe='')}{query}")


def _act(visit: Visit, number: str, verb: Verb, form: Form) -> Act:
    """Return the act of a form. Its photo is read only when nothing else is wrong, because reading is expensive."""
    reader = BODIES.get(verb.body)
    body = reader(visit, form) if reader is not None else _body_from_form(verb.body, form)
    act = Act(visit.person, number, version_of(form.get("version", "")), verb.name, body, visit.context.views.extent)
    if visit.upload and isinstance(body, AnswerBody):
        check(visit.context.store, visit.context.rules, visit.context.clock(), act)
        act = replace(act, body=AnswerBody(body.note, (_photo(visit, number),)))
    return act


def _body_from_form(body: type[Body], form: Form) -> Body:
    """Return the required members from the fields of their names; a reason may come in the field `note`."""
    values = {name: form.get(name, form.get("note", "")) for name in body.required()}
    try:
        return msgspec.convert(values, body, strict=False)
    except msgspec.ValidationError as problem:
        code, details = unexpected(str(problem).partition(" - at `$")[0])
        raise Invalid("note", ", ".join(values.values()), code, **details) from None


def _claim(_visit: Visit, form: Form) -> Body:
    minutes = form.get("minutes", "")
    is_number = minutes.isascii() and minutes.isdecimal() and len(minutes) < 6
    return ClaimBody(int(minutes) if is_number else None)


def _place(visit: Visit, form: Form) -> Body:
    text = form.get("coordinates", "")
    point = coordinates(" ".join(text.split()), visit.context.views.situation.extent)
    if point is None:
        raise Invalid("coordinates", text, "not_two_numbers")
    return PlaceBody(point.lon, point.lat, form.get("source", "").strip() or "seen on the spot")


def _move(_visit: Visit, form: Form) -> Body:
    number = form.get("number", "")
    return MoveBody(int(number) if number.isascii() and number.isdecimal() and len(number) < 6 else None)


def _triage(_visit: Visit, form: Form) -> Body:
    return TriageBody(form.get("need", ""), form.get("priority") or None, form.get("reason", "").strip() or None)


def _photo(visit: Visit, number: str) -> str:
    if visit.upload.cut:
        raise Invalid("photo", "a file", "too_many_bytes", most=MAX_BYTES)
    context, body = visit.context, visit.upload.body
    try:
        return photo.add(context.store, context.guards.turns, context.clock(), visit.person, number, body).id
    except (Malformed, TooLarge) as problem:
        raise Invalid("photo", "a file", "photo_refused", problem=problem) from None


# Verbs whose form has other fields than the members of the body.
BODIES: Mapping[type[Body], Callable[[Visit, Form], Body]] = {
    ClaimBody: _claim,
    PlaceBody: _place,
    MoveBody: _move,
    TriageBody: _triage,
}


def _refusal(problem: CrisismapError) -> tuple[str, int]:
    """Return the sentence and the status of a refusal. Raises a problem that the form did not cause."""
    match problem:
        case Forbidden(code="verb_not_allowed"):
            return "task.not_allowed", 403
        case Forbidden():
            return "task.not_yours", 403
        case Invalid(field="note" | "reason") | TooLarge():
            return "task.words_needed", 422
        case Invalid(field="photo"):
            return "task.photo_unread", 422
        case Invalid(field="coordinates" | "lon" | "lat"):
            return "task.coordinates_needed", 422
    return refusal_of(problem)


def _show(visit: Visit, result: ActionResult, status: int = 200) -> Response:
    context, t, number = visit.context, visit.language, visit.request.path_params["id"]
    detail = report_detail(context.store, context.views, context.rules, context.clock, visit.person, number)
    record, now_ms = detail.record, context.clock()
    category = context.rules.categories[record.category]
    until = record.claim_until
    return page(
        visit,
        "task.html",
        status,
        robots=False,
        packed=not visit.request.url.query and not result.form,
        detail=detail,
        record=record,
        category=t.category(category.id),
        hazards=[hazard_name(context.views.situation, each, t.code) or each.layer for each in record.hazards],
        answers=answers_of(visit, category, detail.current.report.fields) if detail.current else [],
        request=detail.current.request if detail.current else None,
        state=record.state or "report",
        waiting=record.state in UNANSWERED,
        looking=record.need == "may" and "triage" in detail.offered,
        received_at=moment.parse(record.received_at)[0],
        due_at=moment.parse(record.due_at)[0] if record.due_at else None,
        until=moment.parse(until)[0] if until else None,
        geo=_geo(record),
        point=f"{record.lat:.5f}, {record.lon:.5f}" if record.lon is not None else "",
        metres=_metres(visit, record),
        moves=[(_move_sentence(visit, move), move) for move in detail.moves],
        steps=[(sentence, step) for step in detail.steps if (sentence := _sentence(visit, step))],
        can={name: verb for name, verb in detail.offered.items() if verb.in_field},
        contact=detail.holds_claim and visit.person.may("contact.read"),
        minutes=MINUTES,
        result=result,
        noted=_noted(visit, result.done, detail),
        most=MAX_NOTE,
        error=t(result.error, n=MAX_NOTE, why=photo_advice(t, result.photo_problem)) if result.error else "",
        keep=query_of(list_parameters(visit)),
        now_ms=now_ms,
    )


def _noted(visit: Visit, verb: str, detail: ReportDetail) -> Markup | str:
    """Return what the last action did; an empty text without one."""
    t, until = visit.language, detail.record.claim_until
    if not verb:
        return ""
    if verb == "claim" and detail.holds_claim and until:
        return rich(t, "task.noted_claim", time=moment_of(t, moment.parse(until)[0], visit.zone))
    if verb in ("release", "answer"):
        return t(f"task.noted_{verb}")
    done = next((step for step in reversed(detail.steps) if of_event(step.verb) is VERBS.get(verb)), None)
    return (done and _sentence(visit, done)) or t("task.noted")


def _sentence(visit: Visit, step: TimelineEntry) -> str:
    """Return the sentence of a step; empty for a step that the page does not show."""
    verb = of_event(step.verb)
    key = verb.labels.team or verb.labels.requester if verb is not None else STEPS.get(step.verb, "")
    if key:
        return visit.language(key, org=visit.language("track.a_team") if step.who in NAMELESS else step.who)
    return verb.labels.event if verb is not None and verb.in_field else ""


def _move_sentence(visit: Visit, move: LocationMove) -> str:
    """Return what was moved or is proposed, by whom, and where it was before."""
    t = visit.language
    who = move.by or t("task.mover_volunteer" if move.by_role == "volunteer" else "task.mover_other")
    place = f"{move.lat:.5f}, {move.lon:.5f}"
    is_proposed = move.status is PlacementStatus.PROPOSED
    if move.was is None or move.moved_m is None:
        return t("task.proposed_out" if is_proposed else "task.moved_out", who=who, place=place)
    was = f"{move.was[1]:.5f}, {move.was[0]:.5f}"
    away = distance(t, move.moved_m)
    return t("task.proposed" if is_proposed else "task.moved_far", who=who, place=place, distance=away, was=was)


def _geo(record: Record) -> str:
    """Return a link that a phone's own map opens (RFC 5870); `q` sets the pin in maps that support it."""
    if record.lon is None:
        return ""
    here = f"{record.lat:.6f},{record.lon:.6f}"
    return f"geo:{here}?q={here}"


def _metres(visit: Visit, record: Record) -> float | None:
    try:
        origin = nearby.place_of(visit.context.views, visit.parameter("near"))
    except Invalid:
        return None
    if origin is None or record.point is None:
        return None
    return distance_m(origin.lon, origin.lat, *record.point)
