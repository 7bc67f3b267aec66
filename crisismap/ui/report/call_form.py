"""The call-taker's form: a custom component, because every step must be reachable by keyboard.

It is filled in on behalf of a caller while they speak. What the browser sends is checked like any other report.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec
import streamlit as st

from crisismap.core.channel import Message, Receipt
from crisismap.core.errors import CrisismapError, Invalid
from crisismap.core.need.facts import FACTS
from crisismap.core.own_channels import CALL
from crisismap.core.people.identity import new_id
from crisismap.core.people.person import Person
from crisismap.core.place.geodesy import distance_m
from crisismap.core.text.spelling import spelled
from crisismap.i18n import english
from crisismap.services.lists.search import PlaceHit, find_places
from crisismap.services.runtime.views import Views
from crisismap.ui.frame import custom_component, shell
from crisismap.ui.frame.wording import category_names, distance
from crisismap.ui.report.receipt import next_steps
from crisismap.ui.report.report_draft import Entries, Entry, Refusal, draft_of, missing, refusal_of

MAX_PLACES = 6
POINT_M = 50.0  # the accuracy assumed for a named point
_NUMBER, _CLIENT, _REFUSAL, _DONE, _ATTEMPT = "call-number", "call-client", "call-refusal", "call-done", "call-attempt"


def show(person: Person) -> None:
    """Draw the form, or the receipt of the last call."""
    state = st.session_state.get("call")
    query = state.get("place") if state else None
    data = _payload(query if isinstance(query, str) else "")
    answer = custom_component.draw(__file__, "place", "send", "next", key="call", data=data)
    values, next_call = answer.get("send"), answer.get("next")
    if isinstance(values, dict):
        _save(person, values)
        st.rerun()
    if next_call is not None:
        _begin()
        st.rerun()


def _payload(query: str) -> bytes:
    """Return what the browser receives, as JSON."""
    context = shell.context()
    receipt, refusal = st.session_state.get(_DONE), st.session_state.get(_REFUSAL)
    categories = enumerate(category_names(context.rules.categories).items(), 1)
    return msgspec.json.encode(
        {
            "call": int(st.session_state.get(_NUMBER, 0)),
            "attempt": int(st.session_state.get(_ATTEMPT, 0)),
            "facts": [
                {"id": fact.id, "kind": fact.kind, "label": english()(f"need.fields.{fact.id}")} for fact in FACTS
            ],
            "categories": [{"key": str(key), "id": each, "label": label} for key, (each, label) in categories],
            "spots": {"of": query, "found": place_entries(context.views, query)},
            "refusal": refusal,
            "receipt": _receipt(receipt) if isinstance(receipt, Receipt) else None,
        }
    )


def place_entries(views: Views, query: str) -> list[dict[str, Any]]:
    """Return places of the loaded layers whose names contain every word or nearly so, or the typed coordinates."""
    if len(query) < 2 or not query.strip():
        return []
    try:
        return [_place_entry(each) for each in find_places(views, query, MAX_PLACES, misspelt=True)]
    except Invalid:
        return []


def entries(values: Mapping[str, Any]) -> Entries:
    """Return the form's entries from what a browser sent. Raise Invalid for an invalid number of people."""
    lon, lat = values.get("lon"), values.get("lat")
    place = (float(lon), float(lat)) if isinstance(lon, int | float) and isinstance(lat, int | float) else None
    return Entries(
        category=_text(values, "category"),
        text=_text(values, "text"),
        place_text=_text(values, "place"),
        place=place,
        people=_count(_text(values, "people").strip(), "people"),
        phone=_text(values, "phone"),
        name=_text(values, "name"),
        may_contact=values.get("may_contact") is True,
        publish=values.get("publish") is True,
        asks=asks if isinstance(asks := values.get("asks"), bool) else None,
        fields=dict(_facts(values.get("facts"))),
    )


def _save(person: Person, values: Mapping[str, Any]) -> None:
    """Save the report; the next run shows the receipt or the refusal. A second press finds the first receipt."""
    context = shell.context()
    st.session_state[_ATTEMPT] = int(st.session_state.get(_ATTEMPT, 0)) + 1
    client_id = st.session_state.setdefault(_CLIENT, new_id(context.clock(), os.urandom(10)))
    refusal: Refusal | None = None
    try:
        form_entries = entries(values)
        refusal = missing(form_entries)
        if refusal is None:
            accuracy = values.get("accuracy_m")
            draft = msgspec.structs.replace(
                draft_of(form_entries, client_id),
                accuracy_m=float(accuracy) if isinstance(accuracy, int | float) else None,
            )
            receipt = context.intake.receive(Message(draft, CALL, person=person))
            context.views.situation.wait(receipt.revision, 2.0)
            st.session_state[_DONE] = receipt
    except CrisismapError as problem:
        refusal = refusal_of(problem, context.rules.categories.get(_text(values, "category")))
    st.session_state[_REFUSAL] = refusal


def _begin() -> None:
    for name in (_CLIENT, _REFUSAL, _DONE):
        st.session_state.pop(name, None)
    st.session_state[_NUMBER] = int(st.session_state.get(_NUMBER, 0)) + 1


def _receipt(receipt: Receipt) -> dict[str, Any]:
    context = shell.context()
    groups = zip(receipt.tracking_code.split("-"), spelled(receipt.tracking_code), strict=True)
    return {
        "groups": [{"letters": letters, "words": words} for letters, words in groups],
        "next": next_steps(context.views, context.clock(), receipt),
    }


def _place_entry(place: PlaceHit) -> dict[str, Any]:
    metres = max(POINT_M, distance_m(*place.box) / 2) if place.box is not None else POINT_M
    return {
        "name": place.name,
        "about": place.about if place.how == "written" else f"{place.about} · nearest name",
        "lon": place.lon,
        "lat": place.lat,
        "accuracy_m": round(metres),
        "within": distance(metres),
    }


def _facts(values: object) -> Iterator[tuple[str, Entry]]:
    """Yield the facts of need that were stated. Raises Invalid for a number that is none."""
    given = values if isinstance(values, Mapping) else {}
    for fact in FACTS:
        value = given.get(fact.id)
        if fact.kind == "bool" and value is True:
            yield fact.id, True
        elif fact.kind == "int" and isinstance(value, str) and (number := _count(value.strip(), fact.id)) is not None:
            yield fact.id, number


def _count(text: str, field: str) -> int | None:
    if not text:
        return None
    if not text.isdecimal() or len(text) > 7:
        raise Invalid(field, text, "write_a_whole_number")
    return int(text)


def _text(values: Mapping[str, Any], name: str) -> str:
    value = values.get(name)
    return value if isinstance(value, str) else ""
