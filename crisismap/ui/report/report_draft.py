"""Conversion of the form's entries to a draft, and of a refusal to the field it belongs to. No Streamlit here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from crisismap.core.category import Category
from crisismap.core.errors import CrisismapError, Invalid, KeyReused, Unavailable
from crisismap.core.need.facts import FACTS
from crisismap.core.report.report import Consent, Contact, Draft, NothingSaid, require_content
from crisismap.problems import reason, sentence

CONSENT_VERSION = "desk-1"
ANYWHERE = ""  # of a refusal that belongs to no field
Entry = str | int | bool | None


@dataclass(frozen=True, slots=True)
class Entries:
    """The entries of the form; an empty text and None mean not stated."""

    category: str
    text: str = ""
    place_text: str = ""
    place: tuple[float, float] | None = None  # lon, lat
    people: int | None = None
    fields: Mapping[str, Entry] = field(default_factory=dict)
    phone: str = ""
    email: str = ""
    name: str = ""
    may_contact: bool = False
    publish: bool = False
    asks: bool | None = None  # whether somebody needs help now; None: not stated


@dataclass(frozen=True, slots=True)
class Refusal:
    """A sentence and the field it is shown beside: a member of Entries, `fields.ID`, or ANYWHERE."""

    field: str
    sentence: str


def draft_of(entries: Entries, client_id: str) -> Draft:
    """Return the draft without fields that were not stated; an unticked box counts as not stated."""
    contact = Contact(entries.phone.strip() or None, entries.email.strip() or None, entries.name.strip() or None)
    fields = {name: value for name, value in entries.fields.items() if value not in (None, "", False)}
    lon, lat = entries.place or (None, None)
    return Draft(
        category=entries.category,
        text=entries.text.strip() or None,
        lon=lon,
        lat=lat,
        place=entries.place_text.strip() or None,
        people=entries.people,
        fields=fields or None,
        contact=None if contact.empty() else contact,
        consent=Consent(entries.publish, entries.may_contact, CONSENT_VERSION),
        client_id=client_id,
        asks=entries.asks,
    )


def missing(entries: Entries) -> Refusal | None:
    """Return the refusal of an incomplete form; None when it can be sent."""
    if not entries.category:
        return Refusal("category", "Please choose what it is about.")
    draft = draft_of(entries, "-")
    try:
        require_content(draft.text, draft.fields, draft.lon, draft.place)
    except NothingSaid as problem:
        return refusal_of(problem, None)
    return None


def refusal_of(problem: CrisismapError, category: Category | None) -> Refusal:
    """Return the refusal with its field and the form's sentence."""
    if isinstance(problem, Unavailable):
        return Refusal(
            ANYWHERE, "Your report could not be saved just now. Nothing you typed is lost: press Send again."
        )
    if isinstance(problem, KeyReused):
        return Refusal(ANYWHERE, "An earlier version of this report is saved already. Press Send to add this one.")
    if isinstance(problem, NothingSaid):
        return Refusal("text", "Please say what you see or need, in a few words, or mark the place on the map.")
    field_name = problem.field if isinstance(problem, Invalid) else str(problem.details.get("field", ""))
    why = reason(problem) if isinstance(problem, Invalid) else sentence(problem).partition(": ")[2] or sentence(problem)
    member = field_name.removeprefix("contact.")
    target = {"place": "place_text", "lon": "place", "lat": "place"}.get(member, member)
    form_fields = {f"fields.{f.id}" for f in (*FACTS, *(category.fields if category else ()))}
    form_fields |= {"category", "text", "place_text", "place", "people", "phone", "email", "name"}
    if target not in form_fields:
        return Refusal(ANYWHERE, _sentence(sentence(problem)))
    return Refusal(target, _sentence(why))


def _sentence(text: str) -> str:
    text = text[:1].upper() + text[1:]
    return text if text.endswith(".") else f"{text}."
