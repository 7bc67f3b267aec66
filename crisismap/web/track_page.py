"""The tracking page: what happened to my report, for whoever holds its code."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from starlette.responses import Response

from crisismap.core.category import Category
from crisismap.core.errors import NotFound
from crisismap.core.identity import tracking_code
from crisismap.core.place import UNBELIEVABLE
from crisismap.core.request import UNANSWERED, State
from crisismap.services import photo
from crisismap.services.track import Tracked, track
from crisismap.web.render import page, redirect
from crisismap.web.visit import Visit

NO_ROBOTS = {"X-Robots-Tag": "noindex, nofollow"}
PICTURE_HEADERS = {
    "Cache-Control": "private, no-store",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Referrer-Policy": "no-referrer",
    **NO_ROBOTS,
}
MAX_CODE = 40  # characters of what is shown again
# Verbs of events that the requester is told of, and the sentence for each.
STEPS = {
    "report.submit": "track.step_submit",
    "request.claim": "track.step_claim",
    "request.release": "track.step_release",
    "claim.expire": "track.step_expire",
    "request.answer": "track.step_answer",
    "report.place": "track.step_place",
}
NAMELESS = frozenset({"", "a team"})  # how the service says that a team has no name to show


@dataclass(frozen=True, slots=True)
class Step:
    """One line of what happened."""

    sentence: str
    at_ms: int


def ask(visit: Visit) -> Response:
    """A field to type the code into; with a code, on to its page."""
    typed = visit.asked("code").strip()
    if typed:
        return redirect(visit, f"/t/{quote(typed[:MAX_CODE], safe='')}")
    return _ask(visit, "", 200)


def show(visit: Visit) -> Response:
    """The report of a code. Unknown and impossible codes answer alike."""
    typed = visit.request.path_params["code"]
    try:
        tracked = track(visit.context, typed, visit.address)
    except NotFound:
        return _ask(visit, typed[:MAX_CODE], 404)
    now_ms = visit.context.clock()
    current = tracked.current
    report = current.report
    category = visit.context.rules.categories[report.category]
    state = state_of(tracked, now_ms)
    response = page(
        visit,
        "track.html",
        packed=True,
        code=tracking_code(visit.context.code_key, report.id),
        tracked=tracked,
        report=report,
        request=current.request,
        category=visit.words.pick(category.labels),
        state=state,
        waiting=state in UNANSWERED,
        steps=steps_of(visit, tracked),
        place=place_of(tracked),
        answers=answers_of(visit, category, report.fields),
        photos=photo.of_requester(visit.context, current),
        now_ms=now_ms,
    )
    response.headers.update(NO_ROBOTS)
    return response


def picture(visit: Visit) -> Response:
    """A photo of the report of a code: `ID.jpg`, or `ID-small.jpg`."""
    tracked = track(visit.context, visit.request.path_params["code"], visit.address)
    name = visit.request.path_params["name"].removesuffix(".jpg")
    wanted = name.removesuffix("-small")
    if all(wanted != held.id for held in photo.of_requester(visit.context, tracked.current)):
        raise NotFound("There is no such photo.")
    body = visit.context.store.photo_bytes(wanted, thumb=name != wanted)
    return Response(body, 200, PICTURE_HEADERS, "image/jpeg")


def state_of(tracked: Tracked, now_ms: int) -> str:
    """Where it stands; a claim that has run out counts as open, and `report` is for what asks nothing."""
    request = tracked.current.request
    if request is None:
        return "report"
    return str(State.OPEN if request.claim_is_over(now_ms) else request.state)


def place_of(tracked: Tracked) -> str:
    """How its place is known: placed, unsure, sent, or none."""
    current = tracked.current
    if current.placement is not None:
        return "placed"
    if UNBELIEVABLE.intersection(current.report.flags):
        return "unsure"
    return "sent" if current.point() is not None else "none"


def steps_of(visit: Visit, tracked: Tracked) -> list[Step]:
    """What happened, oldest first, by organisation and not by person."""
    t = visit.words
    steps = []
    for event, who in tracked.steps:
        key = STEPS.get(event.verb)
        if key is not None:
            org = t("track.a_team") if who in NAMELESS else who
            steps.append(Step(t(key, org=org), event.at_ms))
    return steps


def answers_of(visit: Visit, category: Category, fields: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The category's questions that were answered, in the language of the page."""
    t = visit.words
    answers = []
    for field in category.fields:
        value = fields.get(field.id)
        if value is None or value is False:
            continue
        said = t("common.yes") if value is True else str(value)
        if field.kind == "choice" and said in field.options:
            said = t.pick(field.options[said])
        answers.append((t.pick(field.labels), f"{said} {field.unit}".strip()))
    return answers


def _ask(visit: Visit, typed: str, status: int) -> Response:
    response = page(visit, "track_ask.html", status, typed=typed)
    response.headers.update(NO_ROBOTS)
    return response
