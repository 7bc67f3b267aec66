"""One request as the lists show it: short texts and the key of its symbol, from the record of one audience."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crisismap.core import moment
from crisismap.core.category import Category
from crisismap.core.errors import shorten
from crisismap.i18n import english
from crisismap.services.lists.read import symbol_of
from crisismap.situation.record.record import Record
from crisismap.ui.frame.wording import age, count_phrase, distance, role_group

MAX_TEXT = 280  # characters of the text; the rest is in the detail

STATE_LABELS = {
    "open": "open",
    "claimed": "claimed",
    "answered": "answered",
    "confirmed": "confirmed by the requester",
    "withdrawn": "withdrawn",
    "joined": "joined to another request",
    "cannot_meet": "unable to help",
}


def card(record: Record, categories: Mapping[str, Category], now_ms: int) -> dict[str, Any]:
    """Return a record as the list draws it. All texts are for `textContent`, never for HTML."""
    state = record.state or ""
    received = moment.parse(record.received_at)[0]
    return {
        "id": record.id,
        "version": version_of(record),
        "priority": record.priority or "",
        "wait": age((now_ms - received) / 1000),
        "late": bool(record.overdue),
        "category": english().category(record.category),
        "people": count_phrase(record.people, "person", "people") if record.people else "",
        "asking": f"{record.asking} joined requests" if (record.asking or 1) > 1 else "",
        "text": shorten(record.text or "", MAX_TEXT),
        "where": place_line(record),
        "facts": [*standing(record), *facts(record)],
        "state": _state(record, now_ms),
        "tone": state,
        "symbol": symbol_of(record, categories).key,
        "open": state == "open",
        "may": record.need == "may" and state in ("open", "claimed"),
    }


def version_of(record: Record) -> int:
    """Return the version of the record; a change that names an older version than the store's is refused."""
    return int(record.etag.strip('"'))


def place_line(record: Record) -> str:
    """Return the location in a few words."""
    area = record.area
    if record.lon is None:
        place = record.place
        return f"location needed · {shorten(place, MAX_TEXT)}" if place else "location needed"
    return area.name if area else "outside the loaded areas"


def facts(record: Record) -> list[str]:
    """Return what the official layers say about the location."""
    lines = [f"inside {hazard.name or hazard.layer}" for hazard in record.hazards[:1]]
    if len(record.hazards) > 1:
        lines[0] += f" and {len(record.hazards) - 1} more"
    nearest = record.nearest_shelter
    if nearest:
        lines.append(f"{distance(nearest.distance_m)} to shelter")
    if record.disagrees:
        lines.append("contradicts an official layer")
    return lines


def standing(record: Record) -> list[str]:
    """Return what a responder must know before acting: escalation, staleness and verification."""
    lines = [f"escalated to {role_group(record.escalated_to)}"] if record.escalated_to else []
    if record.stale:
        lines.append("check before acting")
    verification = record.verification
    if verification == "corroborated":
        lines.append(f"{record.reporters} say the same" if record.reporters else "corroborated")
    elif verification in ("verified", "disputed"):
        lines.append(verification)
    return lines


def _state(record: Record, now_ms: int) -> str:
    """Return the status for a list; "" for open requests, which have a Claim button instead."""
    state = record.state or ""
    if state == "open":
        return "reopened" if record.reopened else ""
    if state == "claimed" and record.claim_until:
        remaining_ms = moment.parse(record.claim_until)[0] - now_ms
        return f"claimed, {age(remaining_ms / 1000)} left" if remaining_ms > 0 else "claim expired"
    return STATE_LABELS.get(state, "")
