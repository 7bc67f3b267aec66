"""/t/{code}: the status and history of a report, and the requester's actions, for people who have its code."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from starlette.responses import Response

from crisismap.core.category import Category
from crisismap.core.errors import CrisismapError, Invalid, NotFound, TooLarge, WrongState
from crisismap.core.event import Event
from crisismap.core.need.facts import facts_of
from crisismap.core.people.identity import tracking_code
from crisismap.core.place.place import UNBELIEVABLE
from crisismap.core.report.report import AS_WRITTEN, MAX_TEXT, CurrentReport
from crisismap.core.report.request import UNANSWERED, Request, State
from crisismap.core.verbs import VERBS, of_event
from crisismap.services.reporter.tracking import Tracked, report_of, track
from crisismap.services.requests import photo
from crisismap.services.requests.perform import Act, offered, perform
from crisismap.web.render import NO_ROBOTS, SITUATION_S, page, redirect, refusal_of
from crisismap.web.visit import Visit

PICTURE_HEADERS = {
    "Cache-Control": "private, no-store",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Referrer-Policy": "no-referrer",
    **NO_ROBOTS,
}
MAX_CODE = 40  # characters of a typed code that are shown again
# Events that no verb writes and that the requester sees, and the sentence for each.
STEPS = {
    "report.submit": "track.step_submit",
    "claim.expire": "track.step_expire",
    "report.correct": "track.step_correct",
    "report.update": "track.step_update",
    "report.erase": "track.step_erase",
    "report.retain": "track.step_retain",
    "request.escalate": "track.step_escalate",
    "request.age": "track.step_age",
}
# The action that a requester needs most often in each state; it comes first.
FIRST_ACTION: Mapping[str, str] = {
    **dict.fromkeys(("report", State.OPEN, State.CLAIMED), "add"),
    State.CANNOT_MEET: "reopen",
}
# "It is solved" confirms an answer. Where nobody has answered it withdraws the request, so the page asks once more.
ACTIONS_TO_CONFIRM = frozenset({"withdraw", "solved"})
SURE = "withdraw_yes"
# The actions that change how we read the report: as a request, or as information. They have a place of their own.
READINGS = ("ask", "inform")
NAMELESS = frozenset({"", "a team"})  # the values of a team without a name to show


@dataclass(frozen=True, slots=True)
class FormResult:
    """The result of an action. `note` keeps what was typed; `asks` is the action to confirm; `error` is a sentence."""

    note: str = ""
    asks: bool = False
    error: str = ""
    done: bool = False


def code_form(visit: Visit) -> Response:
    """Show a field for the code; with a code, redirect to its page."""
    code = visit.parameter("code").strip()
    if code:
        return redirect(visit, f"/t/{quote(code[:MAX_CODE], safe='')}")
    return _code_form(visit, "", 200)


def show(visit: Visit) -> Response:
    """Show the report of a code. Unknown and malformed codes give the same answer."""
    return _show(visit, FormResult(done=visit.parameter("done") == "1"))


def requester_action(visit: Visit) -> Response:
    """Perform the requester's action (confirm, reopen, withdraw, add), or show the page again with the reason."""
    code, form, context = visit.request.path_params["code"], visit.form, visit.context
    situation, tries = context.views.situation, context.guards.code_tries
    try:
        report_id = report_of(context.store, situation, tries, context.clock(), code, visit.address)
    except NotFound:
        return _code_form(visit, code[:MAX_CODE], 404)
    verb, note = form.get("do", ""), form.get("note", "")
    if verb in ACTIONS_TO_CONFIRM:
        return _show(visit, FormResult(note=note, asks=True))
    verb = "withdraw" if verb == SURE else verb
    if verb not in VERBS or "requester" not in VERBS[verb].roles:
        return redirect(visit, f"/t/{quote(code[:MAX_CODE], safe='')}")
    if not visit.has_any_token:
        return _show(visit, FormResult(note=note, error="login.token"), 403)
    try:
        if not (verb == "add" and _was_added_last(visit, report_id, note)):
            # Added text fits whatever happened meanwhile; every other action refers to the version that was read.
            version = None if verb == "add" else version_of(form.get("version", ""))
            body = VERBS[verb].body
            content = body(**{"note": note} if "note" in body.__struct_fields__ else {})
            act = Act(None, report_id, version, verb, content, None)
            done = perform(context.store, context.rules, context.clock(), act)
            situation.wait(done.revision, SITUATION_S)
    except CrisismapError as problem:
        error, status = _refusal(problem)
        return _show(visit, FormResult(note=note, error=error), status)
    return redirect(visit, f"/t/{tracking_code(context.keys.tracking_code, report_id)}?done=1")


def _show(visit: Visit, result: FormResult, status: int = 200) -> Response:
    code_text = visit.request.path_params["code"]
    try:
        tracked = tracked_of(visit, code_text)
    except NotFound:
        return _code_form(visit, code_text[:MAX_CODE], 404)
    now_ms = visit.context.clock()
    current = tracked.current
    report = current.report
    category = visit.context.rules.categories[report.category]
    state = _state(current.request, now_ms)
    return page(
        visit,
        "track.html",
        status,
        robots=False,
        packed=not result.note,
        code=tracking_code(visit.context.keys.tracking_code, report.id),
        tracked=tracked,
        report=report,
        request=current.request,
        category=visit.language.category(category.id),
        state=state,
        head_state=_state(tracked.request, now_ms) if state == State.JOINED else "",
        waiting=state in UNANSWERED,
        steps=steps_of(visit, tracked),
        place=place_of(tracked),
        answers=answers_of(visit, category, report.fields),
        photos=photo.of_requester(visit.context.store, current),
        can_say=_possible_actions(visit, current, state),
        can_change=possible_readings(visit, current),
        result=result,
        error=visit.language(result.error, n=MAX_TEXT) if result.error else "",
        most=MAX_TEXT,
        now_ms=now_ms,
    )


def _possible_actions(visit: Visit, current: CurrentReport, state: str) -> list[str]:
    """Return the actions possible now, most likely first; `solved` withdraws a request that others have dealt with."""
    verbs = offered(visit.context.rules, None, current, visit.context.clock())
    names = sorted(verbs, key=lambda name: name != FIRST_ACTION.get(state))
    is_waiting = state in UNANSWERED
    return ["solved" if name == "withdraw" and not is_waiting else name for name in names if name not in READINGS]


def possible_readings(visit: Visit, current: CurrentReport) -> list[str]:
    """Return how the requester can say that we read the report wrongly: `ask`, `inform`, or both."""
    verbs = offered(visit.context.rules, None, current, visit.context.clock())
    return [name for name in READINGS if name in verbs]


def picture(visit: Visit) -> Response:
    """Return a photo of the report of a code: `ID.jpg`, or `ID-small.jpg`."""
    tracked = tracked_of(visit, visit.request.path_params["code"])
    name = visit.request.path_params["name"].removesuffix(".jpg")
    photo_id = name.removesuffix("-small")
    if all(photo_id != each.id for each in photo.of_requester(visit.context.store, tracked.current)):
        raise NotFound("no_photo")
    body = visit.context.store.photos.jpeg(photo_id, thumb=name != photo_id)
    return Response(body, 200, PICTURE_HEADERS, "image/jpeg")


def tracked_of(visit: Visit, code: str) -> Tracked:
    """Return the report of a code. Raises NotFound alike for all wrong codes, TooManyTries."""
    context = visit.context
    return track(context.store, context.views, context.guards.code_tries, context.clock, code, visit.address)


def version_of(text: str) -> int:
    """Return the version of the report that the form was made from."""
    # Treat an unknown version as stale.
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0


def _was_added_last(visit: Visit, report_id: str, note: str) -> bool:
    """Return whether this text was added last, so that a button pressed twice adds it once."""
    additions = visit.context.store.reports.one(report_id).additions
    return bool(additions) and additions[-1].text == note.strip()


def _refusal(problem: CrisismapError) -> tuple[str, int]:
    """Return the sentence and the status of a refusal. Raises a problem that the form did not cause."""
    match problem:
        case WrongState(code="nothing_more_taken"):
            return "track.full", 409
        case TooLarge():
            return "error.too_long", 413
        case Invalid():
            return "track.add_empty", 422
    return refusal_of(problem)


def _state(request: Request | None, now_ms: int) -> str:
    """Return the status. A claim that has run out counts as open; `report` means information only."""
    if request is None:
        return "report"
    return str(State.OPEN if request.claim_is_over(now_ms) else request.state)


def place_of(tracked: Tracked) -> str:
    """Return how the place is known: placed, unsure, sent, or none."""
    current = tracked.current
    if current.placement is not None:
        return "placed"
    if UNBELIEVABLE.intersection(current.report.flags):
        return "unsure"
    return "sent" if current.point() is not None else "none"


def steps_of(visit: Visit, tracked: Tracked) -> list[tuple[str, int]]:
    """Return sentences and times of the history, oldest first, with organisations and without names of persons."""
    t = visit.language
    return [
        (t(key, org=t("track.a_team") if actor in NAMELESS else actor), event.at_ms)
        for event, actor in tracked.steps
        if (key := _sentence(event)) is not None
    ]


def _sentence(event: Event) -> str | None:
    """Return the key of the sentence of an event; actions of the requester and of a team have different ones."""
    if event.verb == "request.reopen" and event.actor:
        return "track.step_reopen_team"
    verb = of_event(event.verb)
    return (verb.labels.requester or None) if verb is not None else STEPS.get(event.verb)


def answers_of(visit: Visit, category: Category, fields: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return the answered questions of the category, in the language of the page."""
    t = visit.language
    answers = []
    for fact in facts_of(category):
        if value := fields.get(fact.id):
            answers.append((t(f"need.fields.{fact.id}"), t("common.yes") if value is True else str(value)))
    for field in category.fields:
        value = fields.get(field.id)
        if value is None or value is False:
            continue
        answer = t("common.yes") if value is True else str(value)
        if field.kind == "choice" and answer in field.options:
            answer = t.option(category.id, field.id, answer)
        answers.append((t.field(category.id, field.id), f"{answer} {t.unit(category.id, field)}".strip()))
    if AS_WRITTEN in fields:
        answers.append((t.field(category.id, AS_WRITTEN), str(fields[AS_WRITTEN])))
    return answers


def _code_form(visit: Visit, code: str, status: int) -> Response:
    return page(visit, "track_ask.html", status, robots=False, typed=code)
