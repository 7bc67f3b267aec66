"""Reading of the report form into a draft, or into errors beside their fields. Nothing typed is lost.

A bad place never blocks a report: what cannot be coordinates becomes part of the text of the place.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from crisismap.core.category import Category, CategoryField
from crisismap.core.errors import Invalid
from crisismap.core.need.facts import FACTS
from crisismap.core.place.place import MAX_ACCURACY_M, check_coordinates
from crisismap.core.privacy import HIDE_PLACE
from crisismap.core.report.consent import PLAIN as CONSENT
from crisismap.core.report.report import MAX_SHORT, MAX_TEXT, Consent, Contact, Draft, NothingSaid, require_content
from crisismap.web.visit import Form

MAX_PEOPLE = 1_000_000
MAX_NUMBER = 10**9
MAX_KEY = 100
ASKS = {"yes": True, "no": False}  # whether somebody needs help now; unanswered is unknown
_FIRST = {"category": 0, "text": 1, "people": 2}  # then the rest, in the order they were found
_PAIR = re.compile(r"\s*(\S+?)\s*[,;\s]\s*(\S+)\s*")


@dataclass(frozen=True, slots=True)
class Error:
    """An error of a field: the key of its sentence and the values of that sentence."""

    key: str
    values: Mapping[str, object]


Errors = dict[str, Error]


def field_name(category: str, field: str) -> str:
    """Return the name of a category's field in the form."""
    return f"f.{category}.{field}"


def fact_name(fact: str) -> str:
    """Return the name of a fact of need in the form."""
    return f"n.{fact}"


def read_report(form: Form, categories: Mapping[str, Category]) -> tuple[Draft, Errors]:
    """Return the draft, and the errors by field name in the order of the page. Do not use a draft with errors."""
    errors: Errors = {}
    category = form.get("category", "")
    if category not in categories:
        errors["category"] = Error("error.category", {})
    lon, lat, accuracy_m, place = _place(form)
    text = form.get("text", "").strip()
    if len(place) > MAX_SHORT:
        text, place = f"{text}\n{place}".strip(), place[:MAX_SHORT]
    people = _number(form, "people", errors)
    if people is not None and people > MAX_PEOPLE:
        errors["people"] = Error("error.people_range", {})
    fields = dict(_fields(form, category, categories, errors)) | dict(_facts(form, errors))
    try:
        require_content(text, fields, lon, place)
    except NothingSaid:
        errors["text"] = Error("error.empty", {})
    if len(text) > MAX_TEXT:
        errors["text"] = Error("error.too_long", {"n": MAX_TEXT})
    if form.get("hide_place"):
        fields[HIDE_PLACE] = True
    contact = Contact(**{name: _short(form, name, errors) for name in ("phone", "email", "name")})
    errors = dict(sorted(errors.items(), key=lambda error: _FIRST.get(error[0], len(_FIRST))))
    draft = Draft(
        category=category,
        text=text or None,
        lon=lon,
        lat=lat,
        accuracy_m=accuracy_m,
        place=place or None,
        people=people,
        fields=fields or None,
        contact=None if contact.empty() else contact,
        consent=Consent(bool(form.get("consent_publish")), bool(form.get("consent_contact")), CONSENT),
        client_id=form.get("client_id", "").strip()[:MAX_KEY] or None,
        asks=ASKS.get(form.get("asks", "")),
    )
    return draft, errors


def _place(form: Form) -> tuple[float | None, float | None, float | None, str]:
    """Return lon, lat, accuracy in metres, and the place as text. Impossible coordinates become part of the text."""
    place_text = form.get("place", "").strip()
    lat_text, lon_text = form.get("lat", "").strip(), form.get("lon", "").strip()
    if not (lat_text or lon_text):
        return None, None, None, place_text
    pair = _PAIR.fullmatch(lat_text) if not lon_text else None
    pair_texts = pair.groups() if pair else (lat_text, lon_text)
    lat, lon = _degrees(pair_texts[0], "S"), _degrees(pair_texts[1], "W")
    try:
        check_coordinates(lon, lat)
    except Invalid:
        lon = None
    if lon is None or lat is None:
        entry = ", ".join(part for part in (lat_text, lon_text) if part)
        return None, None, None, f"{place_text} ({entry})" if place_text else entry
    accuracy_m = _degrees(form.get("accuracy_m", ""), "")
    return lon, lat, accuracy_m if accuracy_m is not None and 0 <= accuracy_m <= MAX_ACCURACY_M else None, place_text


def _degrees(text: str, negative: str) -> float | None:
    """Return a number as people write it: decimal comma, any digits, a sign, or a letter for the hemisphere."""
    plain = text.strip().replace("\u2212", "-").replace(",", ".").replace("\u066b", ".").replace("°", "").upper()
    is_negative = plain[-1:] == negative != ""
    try:
        value = float(plain.rstrip("NSEW").strip())
    except ValueError:
        return None
    return -value if is_negative else value


def _fields(form: Form, selected: str, categories: Mapping[str, Category], errors: Errors) -> Iterator[tuple[str, Any]]:
    """Yield the answers of the chosen category, then those of other categories, so that no "trapped" is lost."""
    field_ids = set()
    for category in sorted(categories.values(), key=lambda c: c.id != selected):
        for field in category.fields:
            if field.id in field_ids:
                continue
            if category.id == selected:
                field_ids.add(field.id)
            value = _answer(form, field_name(category.id, field.id), field, errors)
            if value is not None:
                field_ids.add(field.id)
                yield field.id, value


def _facts(form: Form, errors: Errors) -> Iterator[tuple[str, Any]]:
    """Yield the facts of need that were ticked, whatever the answer above them was."""
    for fact in FACTS:
        value = _answer(form, fact_name(fact.id), fact, errors)
        if value is not None:
            yield fact.id, value


def _answer(form: Form, name: str, field: CategoryField, errors: Errors) -> Any:
    value_text = form.get(name, "").strip()
    if not value_text:
        return None
    if field.kind == "int":
        return _number(form, name, errors)
    if field.kind == "bool":
        return True
    if field.kind == "choice":
        return value_text if value_text in field.options else None
    if len(value_text) > MAX_TEXT:
        errors[name] = Error("error.too_long", {"n": MAX_TEXT})
    return value_text


def _number(form: Form, name: str, errors: Errors) -> int | None:
    text = form.get(name, "").strip()
    if not text:
        return None
    if not text.isdecimal() or len(text) > 12 or int(text) > MAX_NUMBER:
        errors[name] = Error("error.number", {})
        return None
    return int(text)


def _short(form: Form, name: str, errors: Errors) -> str | None:
    text = form.get(name, "").strip()
    if len(text) > MAX_SHORT:
        errors[name] = Error("error.too_long", {"n": MAX_SHORT})
    return text or None
