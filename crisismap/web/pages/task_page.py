"""/tasks/{id}: one request in the field: what was said, the way there, the official context, and what can be done."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from functools import partial
from urllib.parse import quote, urlencode

from starlette.responses import Response

from crisismap.core import moment
from crisismap.core.errors import (
    CrisismapError,
    Forbidden,
    Invalid,
    Malformed,
    Stale,
    TooLarge,
    Unavailable,
    WrongState,
)
from crisismap.core.people.person import STRANGER, Person
from crisismap.core.place.place import Placement, distance_m
from crisismap.core.report import request as life
from crisismap.core.report.photo import MAX_BYTES
from crisismap.core.report.report import Contact
from crisismap.core.report.request import MAX_NOTE, REOPENABLE, UNANSWERED
from crisismap.services.lists import nearby
from crisismap.services.lists.search import coordinates
from crisismap.services.requests import assess, photo, respond
from crisismap.services.requests.report_detail import ReportDetail, TimelineEntry, story
from crisismap.services.runtime.context import require
from crisismap.situation.board.record import Record
from crisismap.store.writer import Committed
from crisismap.web import csrf
from crisismap.web.pages.tasks_page import NO_ROBOTS, keep, sign_in_first
from crisismap.web.pages.track_page import NAMELESS, answers_of, version_of
from crisismap.web.render import page, redirect
from crisismap.web.visit import Form, Visit

MINUTES = (30, 60, 120, 240)
SITUATION_S = 3.0
Done = Future[Committed[None]]
# Verbs of events, and the sentence for each.
STEPS = {
    "report.submit": "task.did_submit",
    "report.import": "task.did_submit",
    "report.add": "task.did_add",
    "report.place": "track.step_place",
    "report.reconfirm": "track.step_reconfirm",
    "request.claim": "track.step_claim",
    "request.release": "track.step_release",
    "claim.expire": "track.step_expire",
    "request.answer": "track.step_answer",
    "request.confirm": "task.did_confirm",
    "request.reopen": "task.did_reopen",
    "request.withdraw": "task.did_withdraw",
    "request.cannot_meet": "track.step_cannot_meet",
    "request.escalate": "track.step_escalate",
    "request.age": "track.step_age",
    "request.priority": "task.did_priority",
    "request.join": "track.step_join",
    "request.separate": "task.did_separate",
    "contact.read": "task.did_look",
}


@dataclass(frozen=True, slots=True)
class ActionResult:
    """What came of a button: what was typed is kept, `error` is a sentence's key, `contact` was asked for."""

    form: Form
    error: str = ""
    contact: Contact | None = None
    done: bool = False
    choose_photo_again: bool = False  # one was sent, and a browser does not send it twice by itself


def show(visit: Visit) -> Response:
    """One request or report."""
    if visit.person == STRANGER:
        return sign_in_first(visit)
    return _show(visit, ActionResult({}, done=visit.asked("done") == "1"))


def act(visit: Visit) -> Response:
    """Press a button of the page: done, or the page again with why not and everything that was typed."""
    if visit.person == STRANGER:
        return sign_in_first(visit)
    form, number = visit.form, visit.request.path_params["id"]
    verb = form.get("do", "")
    if not visit.guard.holds(form.get(csrf.FIELD, "")):
        return _show(visit, ActionResult(form, "login.token", choose_photo_again=bool(visit.upload)), 403)
    try:
        if verb == "contact":
            seen = respond.read_contact(visit.context, visit.person, number).result()
            visit.context.situation.wait(seen.revision, SITUATION_S)
            return _show(visit, ActionResult(form, contact=seen.value))
        doing = VERBS.get(verb)
        if doing is not None:
            done = doing(visit, number, version_of(form.get("version", "")), form).result()
            visit.context.situation.wait(done.revision, SITUATION_S)
    except CrisismapError as problem:
        error, status = _refusal(problem)
        visit.context.situation.wait(visit.context.store.revision(), SITUATION_S)
        return _show(visit, ActionResult(form, error, choose_photo_again=bool(visit.upload)), status)
    kept = urlencode([*_kept(visit), ("done", "1")] if doing else _kept(visit))
    return redirect(visit, f"/tasks/{quote(number, safe='')}" + (f"?{kept}" if kept else ""))


def _claim(visit: Visit, number: str, version: int, form: Form) -> Done:
    minutes = form.get("minutes", "")
    chosen = int(minutes) if minutes.isascii() and minutes.isdecimal() and len(minutes) < 6 else None
    return respond.claim(visit.context, visit.person, number, version, minutes=chosen)


def _place(visit: Visit, number: str, version: int, form: Form) -> Done:
    typed = form.get("coordinates", "")
    spot = coordinates(" ".join(typed.split()), visit.context.situation.extent)
    if spot is None:
        raise Invalid("coordinates", typed, "must be two numbers")
    placement = Placement(spot.lon, spot.lat, None, form.get("source", "").strip() or "seen on the spot")
    return assess.place(visit.context, visit.person, number, version, placement)


def _answer(visit: Visit, number: str, version: int, form: Form) -> Done:
    """Answer, with the photo that came along; it is read only when nothing else stands in the way."""
    note, photos = form.get("note", ""), []
    if visit.upload:
        _check_answer(visit, number, version, note)
        photos = [_photo(visit, number)]
    return respond.answer(visit.context, visit.person, number, version, note=note, photo_ids=photos)


def _check_answer(visit: Visit, number: str, version: int, note: str) -> None:
    require(visit.person, "request.answer")
    told = story(visit.context, visit.person, number)
    if told.version != version:
        raise Stale("The request has changed since it was seen.")
    if told.current is not None:
        life.answer(respond.asked(told.current), visit.person.id, visit.context.clock(), note)


def _photo(visit: Visit, number: str) -> str:
    if visit.upload.cut:
        raise Invalid("photo", "a file", f"at most {MAX_BYTES} bytes")
    try:
        return photo.add(visit.context, visit.person, number, visit.upload.body).id
    except (Malformed, TooLarge) as problem:
        raise Invalid("photo", "a file", problem.detail) from None


def _plain(verb: Callable[..., Done], visit: Visit, number: str, version: int, _form: Form) -> Done:
    return verb(visit.context, visit.person, number, version)


VERBS: Mapping[str, Callable[[Visit, str, int, Form], Done]] = {
    "claim": _claim,
    "release": partial(_plain, respond.release),
    "answer": _answer,
    "cannot_meet": lambda v, n, e, f: respond.cannot_meet(v.context, v.person, n, e, reason=f.get("note", "")),
    "reopen": partial(_plain, respond.reopen),
    "place": _place,
    "reconfirm": partial(_plain, assess.reconfirm),
}


def can_do(person: Person, told: ReportDetail, now_ms: int) -> frozenset[str]:
    """The buttons that the page has for this person, by what may be done and by whose it is."""
    state, able = told.record.state, set()
    if state in UNANSWERED:
        until = told.record.claim_until
        held = until is not None and moment.parse(until)[0] > now_ms and not told.mine
        able = set() if held else {"claim", "answer", "cannot_meet"}
        if told.mine:
            able |= {"release", "contact"}
    elif state in REOPENABLE:
        able.add("reopen")
    elif state is None:
        able.add("reconfirm")
    able.add("place")
    needed = {"contact": "contact.read", "place": "report.place", "reconfirm": "report.reconfirm"}
    return frozenset(verb for verb in able if person.may(needed.get(verb, f"request.{verb}")))


def _refusal(problem: CrisismapError) -> tuple[str, int]:
    """The sentence and the status for what stands in the way. Raises what is not about what was sent."""
    match problem:
        case Stale():
            return "error.stale", 412
        case WrongState():
            return "error.not_now", 409
        case Forbidden(details={"verb": _}):
            return "task.not_allowed", 403
        case Forbidden():
            return "task.not_yours", 403
        case Invalid(field="note" | "reason") | TooLarge():
            return "task.words_needed", 422
        case Invalid(field="photo"):
            return "task.photo_unread", 422
        case Invalid(field="coordinates" | "lon" | "lat"):
            return "task.coordinates_needed", 422
        case Unavailable():
            return "error.unavailable_here", 503
    raise problem


def _show(visit: Visit, said: ActionResult, status: int = 200) -> Response:
    context, t = visit.context, visit.words
    told = story(context, visit.person, visit.request.path_params["id"])
    record, now_ms = told.record, context.clock()
    category = context.rules.categories[record.category]
    until = record.claim_until
    response = page(
        visit,
        "task.html",
        status,
        packed=not visit.request.url.query and not said.form,
        told=told,
        record=record,
        category=t.pick(category.labels),
        answers=answers_of(visit, category, told.current.report.fields) if told.current else [],
        request=told.current.request if told.current else None,
        state=record.state or "report",
        waiting=record.state in UNANSWERED,
        received_at=moment.parse(record.received_at)[0],
        due_at=moment.parse(record.due_at)[0] if record.due_at else None,
        until=moment.parse(until)[0] if until else None,
        geo=_geo(record),
        point=f"{record.lat:.5f}, {record.lon:.5f}" if record.lon is not None else "",
        metres=_metres(visit, record),
        steps=[(_sentence(visit, step), step) for step in told.steps if step.verb in STEPS],
        can=can_do(visit.person, told, now_ms),
        minutes=MINUTES,
        said=said,
        most=MAX_NOTE,
        error=t(said.error, n=MAX_NOTE) if said.error else "",
        keep=keep(visit),
        now_ms=now_ms,
    )
    response.headers.update(NO_ROBOTS)
    return response


def _sentence(visit: Visit, step: TimelineEntry) -> str:
    return visit.words(STEPS[step.verb], org=visit.words("track.a_team") if step.who in NAMELESS else step.who)


def _geo(record: Record) -> str:
    """A link that a phone's own map opens (RFC 5870); `q` sets the pin in the maps that heed it."""
    if record.lon is None:
        return ""
    here = f"{record.lat:.6f},{record.lon:.6f}"
    return f"geo:{here}?q={here}"


def _metres(visit: Visit, record: Record) -> float | None:
    try:
        around = nearby.spot(visit.context, visit.asked("near"))
    except Invalid:
        return None
    if around is None or record.point is None:
        return None
    return distance_m(around.lon, around.lat, *record.point)


def _kept(visit: Visit) -> list[tuple[str, str]]:
    return [(name, visit.asked(name)) for name in ("near", "order", "area", "show") if visit.asked(name)]
