"""/report: the form, its submission, and the page with the tracking code afterwards."""

from __future__ import annotations

import hmac
import logging
import os
from contextlib import suppress
from functools import lru_cache
from typing import Any

from markupsafe import Markup
from starlette.responses import Response

from crisismap.core.category import Category
from crisismap.core.channel import Message, Receipt
from crisismap.core.errors import CrisismapError, Invalid, KeyReused, TooLarge, TooManyTries, Unavailable
from crisismap.core.need.facts import FACT_IDS, FACTS
from crisismap.core.own_channels import WEB
from crisismap.core.people.identity import code_text, new_id, read_code
from crisismap.core.people.person import STRANGER, Person
from crisismap.core.report.photo import MAX_BYTES
from crisismap.core.report.report import MAX_SHORT, MAX_TEXT
from crisismap.core.text import symbols
from crisismap.problems import reason, sentence
from crisismap.services.reporter.tracking import Tracked
from crisismap.services.requests import photo
from crisismap.services.requests.duplicates import nearby, same_as
from crisismap.web.pages.report_form import MAX_NUMBER, MAX_PEOPLE, Error, Errors, fact_name, field_name, read_report
from crisismap.web.pages.track_page import possible_readings, tracked_of
from crisismap.web.render import (
    SITUATION_S,
    page,
    phone_link,
    photo_advice,
    photo_problem,
    redirect,
    retry_later,
    time_to_wait,
)
from crisismap.web.visit import Form, Visit

# Errors that do not say of which field they are.
_UNNAMED = frozenset({"error.number", "error.people_range", "error.too_long"})
NONE_OF_THESE = "none"
log = logging.getLogger(__name__)


def show(visit: Visit) -> Response:
    """Show the empty form."""
    return _form(visit, {}, {}, packed=True)


def send(visit: Visit) -> Response:
    """Submit a report, or show the form again with everything that was typed and what to correct."""
    form = visit.form
    if form.get("switch"):
        return _form(visit, form, {})
    person = visit.person if visit.has_token else STRANGER
    draft, errors = read_report(form, visit.context.rules.categories)
    if errors:
        return _form(visit, form, errors, status=422)
    if not visit.has_any_token:
        return _form(visit, form, {"": Error("error.token", {})}, status=403)
    device = visit.guard.known_cookie
    message = Message(draft, WEB, person=person, lang=visit.language.code, address=visit.address, device=device)
    try:
        receipt = visit.context.intake.receive(message)
    except TooManyTries as problem:
        busy_error = Error("error.busy", {"time": time_to_wait(visit.language, problem)})
        return retry_later(_form(visit, form, {"": busy_error}, status=429), problem)
    except KeyReused:
        return _form(visit, dict(form) | {"client_id": ""}, {"": Error("error.again", {})}, status=409)
    except Unavailable:
        return _form(visit, form, {"": Error("error.unavailable", {})}, status=503)
    except (TooLarge, Invalid) as problem:
        field = problem.field if isinstance(problem, Invalid) else "text"
        problem_error = Error("error.refused", {"why": reason(problem, visit.language)})
        return _form(visit, form, {field: problem_error}, status=422)
    problem_name = _store_photo(visit, person, receipt)
    query = f"&photo={problem_name}" if problem_name else ""
    visit.context.views.situation.wait(receipt.revision, SITUATION_S)
    return redirect(visit, f"/report/thanks/{receipt.tracking_code}?k={_mark(visit, receipt.tracking_code)}{query}")


def _store_photo(visit: Visit, person: Person, receipt: Receipt) -> str:
    """Store the photo of a report and return why that failed, or "". The report itself is stored already."""
    if not visit.upload:
        return ""
    if visit.upload.cut:
        return photo_problem(TooLarge("photo_too_large", most=MAX_BYTES >> 20))
    context = visit.context
    try:
        photo.add_to_new(context.store, context.guards.turns, context.clock(), person, receipt.id, visit.upload.body)
    except CrisismapError as problem:
        log.info("the photo of a report was not kept: %s", sentence(problem))
        return photo_problem(problem)
    return ""


def thanks(visit: Visit) -> Response:
    """Show the code and what happens next, only for a code that this form has just received."""
    number = read_code(visit.request.path_params["code"])
    code = code_text(number) if number is not None else ""
    if not code or not hmac.compare_digest(visit.parameter("k").encode(), _mark(visit, code).encode()):
        return redirect(visit, f"/t/{visit.request.path_params['code']}")
    report: Tracked | None = None
    with suppress(CrisismapError):  # the page shows the code in any case
        report = tracked_of(visit, code)
    return page(
        visit,
        "thanks.html",
        code=code,
        tracked=report,
        can_change=possible_readings(visit, report.current) if report is not None else (),
        photo_advice=photo_advice(visit.language, visit.parameter("photo")),
        mark=visit.parameter("k"),
        same_answer=visit.parameter("same"),
        nearby=nearby(visit.context.views.situation, visit.context.clock(), report.current.report.id)
        if report is not None
        else (),
        category=visit.language.category(report.current.report.category) if report is not None else "",
    )


def same(visit: Visit) -> Response:
    """Record that the requester calls a nearby request the same, or none. A person decides whether to join them."""
    code = visit.request.path_params["code"]
    if not hmac.compare_digest(visit.form.get("k", "").encode(), _mark(visit, code).encode()):
        return redirect(visit, f"/t/{code}")
    query, context = "", visit.context
    other = visit.form.get("same", "")
    if other == NONE_OF_THESE:
        query = "&same=none"
    elif visit.has_any_token:
        try:
            report_id = tracked_of(visit, code).current.report.id
            same_as(context.store, context.views.situation, context.clock(), report_id, other)
            query = "&same=said"
        except CrisismapError as problem:  # the hint is optional, the report itself is stored
            log.info("a requester's word was not kept: %s", sentence(problem))
    return redirect(visit, f"/report/thanks/{code}?k={_mark(visit, code)}{query}")


def _mark(visit: Visit, code: str) -> str:
    """Return a signature that proves the code was given out just now, so that the page needs no limit on tries."""
    return hmac.digest(visit.context.settings.key("thanks-page"), code.encode(), "sha256").hex()[:20]


def _form(visit: Visit, form: Form, errors: Errors, *, status: int = 200, packed: bool = False) -> Response:
    t, number = visit.language, visit.context.views.incident().emergency_number
    return page(
        visit,
        "report.html",
        status,
        packed=packed,
        number=phone_link(number) if number else None,
        facts=[{"name": fact_name(fact.id), "kind": fact.kind, "label": t(f"need.fields.{fact.id}")} for fact in FACTS],
        categories=[_tile(category, visit) for category in visit.context.rules.categories.values()],
        value=lambda name: form.get(name, ""),
        any_value=lambda prefix: any(value for name, value in form.items() if name.startswith(prefix)),
        kept=bool(form),
        choose_photo_again=bool(visit.upload),
        errors={name: t(error.key, **error.values) for name, error in errors.items()},
        labels=error_labels(visit, errors),
        client_id=form.get("client_id") or new_id(visit.context.clock(), os.urandom(10)),
        limits={"text": MAX_TEXT, "short": MAX_SHORT, "people": MAX_PEOPLE, "number": MAX_NUMBER},
    )


def error_labels(visit: Visit, errors: Errors) -> dict[str, str]:
    """Return the question of each field whose error does not name it, for the list of errors above the form."""
    t, labels = visit.language, dict.fromkeys(errors, "")
    questions = {fact_name(fact.id): f"need.fields.{fact.id}" for fact in FACTS}
    questions |= {name: f"report.{name}" for name in ("people", "text", "place", "phone", "email", "name")}
    for category in visit.context.rules.categories.values():
        questions |= {
            field_name(category.id, each.id): f"category.{category.id}.fields.{each.id}" for each in category.fields
        }
    for name in errors:
        if name in questions and errors[name].key in _UNNAMED:
            question = t(questions[name])
            labels[name] = question if question.endswith(("?", "؟")) else f"{question}:"
    return labels


def _tile(category: Category, visit: Visit) -> dict[str, Any]:
    t = visit.language
    return {
        "id": category.id,
        "label": t.category(category.id),
        "hint": t.hint(category.id),
        "icon": _icon(category.id),
        "fields": [
            {
                "id": field.id,
                "name": field_name(category.id, field.id),
                "kind": field.kind,
                "label": t.field(category.id, field.id),
                "unit": t.unit(category.id, field),
                "options": [(value, t.option(category.id, field.id, value)) for value in field.options],
            }
            for field in category.fields
            if field.id not in FACT_IDS
        ],
    }


@lru_cache(maxsize=64)
def _icon(category: str) -> Markup:
    """Return the category's symbol in both themes; the stylesheet shows the one of the current theme."""
    symbol = symbols.of_report(category)
    light, dark = (symbols.svg(symbol, size=44, dark=dark) for dark in (False, True))
    return Markup(f'<span class="light">{light}</span><span class="dark">{dark}</span>')  # noqa: S704 - drawn by this program
