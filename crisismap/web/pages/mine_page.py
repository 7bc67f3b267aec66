"""/t/{code}/data: read, download, correct and erase what is kept about a report."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import msgspec
from starlette.responses import Response

from crisismap.core.errors import Gone, Invalid, TooLarge
from crisismap.core.people.identity import tracking_code
from crisismap.core.report.consent import PLAIN as CONSENT
from crisismap.core.report.report import MAX_SHORT, MAX_TEXT, Consent, Contact, Correction
from crisismap.core.text.file_name import dated_name, disposition
from crisismap.services.reporter import own_data
from crisismap.web.pages.report_form import MAX_PEOPLE
from crisismap.web.render import NO_ROBOTS, page, redirect
from crisismap.web.visit import Form, Visit


def show(visit: Visit) -> Response:
    """Show everything that is kept, with forms to correct and to erase it."""
    return _page(visit, {}, {})


def download(visit: Visit) -> Response:
    """Return everything that is kept as a JSON file."""
    found = _personal_data(visit)
    name = dated_name("my-report", visit.context.clock(), visit.zone, "json")
    headers = {
        **NO_ROBOTS,
        "Content-Disposition": disposition("attachment", name),
        "Cache-Control": "no-store",
        "Referrer-Policy": "no-referrer",
    }
    return Response(msgspec.json.format(msgspec.json.encode(found)), 200, headers, "application/json")


def change(visit: Visit) -> Response:
    """Correct or erase the report."""
    form, context, code = visit.form, visit.context, visit.request.path_params["code"]
    store, views, tries = context.store, context.views, context.guards.code_tries
    address = f"/t/{quote(code, safe='')}/data"
    if not visit.has_any_token:
        return _page(visit, form, {"": "error.token"}, 403)
    if form.get("do") == "erase":
        if not form.get("sure"):
            return _page(visit, form, {"sure": "track.mine_erase_tick"}, 422)
        own_data.erase_own_report(store, views, tries, context.settings, context.clock(), code, visit.address)
        return redirect(visit, address)
    people = form.get("people", "").strip()
    if people and not (people.isdecimal() and len(people) < 9 and int(people) <= MAX_PEOPLE):
        return _page(visit, form, {"people": "error.number"}, 422)
    try:
        correction = _correction(form, int(people) if people else None)
        own_data.correct_own_report(store, views, tries, context.clock(), code, visit.address, correction)
    except TooLarge:
        return _page(visit, form, {"text": "error.too_big"}, 422)
    except Invalid as problem:
        return _page(visit, form, {problem.field.rpartition(".")[2]: "error.too_big"}, 422)
    except Gone:
        return _page(visit, {}, {}, 410)
    return redirect(visit, f"{address}?saved=1")


def _correction(form: Form, people: int | None) -> Correction:
    def value(name: str) -> str | None:
        return form.get(name, "").strip() or None

    return Correction(
        text=form.get("text", ""),
        place=form.get("place", ""),
        people=people,
        contact=Contact(phone=value("phone"), email=value("email"), name=value("name")),
        consent=Consent(bool(form.get("consent_publish")), bool(form.get("consent_contact")), CONSENT),
    )


def _personal_data(visit: Visit) -> dict[str, Any]:
    context, code = visit.context, visit.request.path_params["code"]
    situation, tries, now_ms = context.views.situation, context.guards.code_tries, context.clock()
    return own_data.personal_data(context.store, situation, context.rules, tries, now_ms, code, visit.address)


def _page(visit: Visit, form: Form, errors: dict[str, str], status: int = 200) -> Response:
    found = _personal_data(visit)
    t = visit.language
    values = dict(form) if form.get("do") == "save" else _values(found)
    return page(
        visit,
        "mine.html",
        status,
        robots=False,
        code=tracking_code(visit.context.keys.tracking_code, found["id"]),
        found=found,
        category=t.category(found["category"]),
        agreed=_consent_answers(visit, found["consent"]),
        value=lambda name: values.get(name, ""),
        errors={name: t(key, n=MAX_SHORT) for name, key in errors.items()},
        saved=visit.parameter("saved") and not errors,
        limits={"text": MAX_TEXT, "short": MAX_SHORT},
    )


def _values(found: dict[str, Any]) -> dict[str, str]:
    contact, consent = found["contact"], found["consent"]
    return {
        "text": found["text"],
        "place": found["place"],
        "people": "" if found["people"] is None else str(found["people"]),
        **{name: contact.get(name) or "" for name in ("phone", "email", "name")},
        "consent_publish": "1" if consent["publish"] else "",
        "consent_contact": "1" if consent["contact"] else "",
    }


def _consent_answers(visit: Visit, consent: dict[str, Any]) -> list[tuple[str, bool]]:
    """Return each consent sentence as it was when the sender answered it, and the answer."""
    t, version = visit.language, consent["version"]
    if version == CONSENT:
        sentences = {"contact": t("report.consent_contact"), "publish": t("report.consent_publish")}
    else:
        sentences = dict(visit.context.rules.consent.texts(version))
    return [(sentences[name], consent[name]) for name in ("contact", "publish") if name in sentences]
