"""One request as the lists show it: short texts and the key of its symbol, from the record of one audience."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from crisismap.core import moment
from crisismap.core.category import Category
from crisismap.core.errors import shorten
from crisismap.core.text.symbols import Symbol
from crisismap.i18n import english
from crisismap.services.lists.read import symbol_of
from crisismap.situation.board import unanswered
from crisismap.situation.record.record import Record
from crisismap.ui.frame.wording import age, distance, role_group

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


# Why a request stands before others that wait longer, or behind others that do not, by lane: in a word, and whole.
TURNS: Mapping[int, tuple[str, str]] = MappingProxyType(
    {
        unanswered.VOUCHED: (
            "verified",
            "While many wait: every second place of the list is for requests that somebody vouches for, like this one",
        ),
        unanswered.OWN_WORDS: (
            "takes turns",
            "While many wait: comes from a network with many requests, in words of its own; one place in a few",
        ),
        unanswered.BUSY_NETWORK: (
            "takes turns",
            "While many wait: many of the same network say the same; all of them share one place in a few",
        ),
        unanswered.BUSY_SENDER: (
            "takes turns",
            "While many wait: its sender has many requests or is quarantined; they share one place in a few",
        ),
    }
)


def card(record: Record, categories: Mapping[str, Category], now_ms: int, lane: int | None = None) -> dict[str, Any]:
    """Return a record as the list draws it. All texts are for `textContent`, never for HTML."""
    state = record.state or ""
    received = moment.parse(record.received_at)[0]
    area, place = place_words(record)
    nearest = record.nearest_shelter
    return {
        "id": record.id,
        "version": version_of(record),
        "priority": record.priority or "",
        "wait": age((now_ms - received) / 1000),
        "late": bool(record.overdue),
        "category": english().category(record.category),
        "people": record.people or 0,
        "asking": f"{record.asking} joined requests" if (record.asking or 1) > 1 else "",
        "text": shorten(record.text or "", MAX_TEXT),
        "area": area,
        "place": place,
        "shelter": distance(nearest.distance_m) if nearest else "",
        "holder": record.claimed_by or "" if state == "claimed" else "",
        "turn": TURNS.get(lane, ()) if lane is not None else (),
        "standing": [*_state(record, now_ms), *standing(record)],
        "facts": facts(record),
        "symbol": list_symbol(record, categories).key,
        "open": state == "open",
        "may": record.need == "may" and state in ("open", "claimed"),
    }


def list_symbol(record: Record, categories: Mapping[str, Category]) -> Symbol:
    """Return the record's symbol without a badge: the list has columns for what the badge says."""
    return replace(symbol_of(record, categories), look="none", overdue=False)


def version_of(record: Record) -> int:
    """Return the version of the record; a change that names an older version than the store's is refused."""
    return int(record.etag.strip('"'))


def place_words(record: Record) -> tuple[str, str]:
    """Return the area, and the place as its sender described it where that is all there is."""
    if record.lon is None:
        return "location needed", shorten(record.place or "", MAX_TEXT)
    return (record.area.name if record.area else "outside the loaded areas"), ""


def place_line(record: Record) -> str:
    """Return the location in a few words."""
    return " · ".join(filter(None, place_words(record)))


def facts(record: Record) -> list[str]:
    """Return what the official layers say about the location, beside the nearest shelter."""
    lines = ["contradicts an official layer"] if record.disagrees else []
    lines += [f"inside {hazard.name or hazard.layer}" for hazard in record.hazards[:1]]
    if len(record.hazards) > 1:
        lines[-1] += f" and {len(record.hazards) - 1} more"
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


def _state(record: Record, now_ms: int) -> list[str]:
    """Return the status for a list; none for open requests, which have a Claim button instead."""
    state = record.state or ""
    if state == "open":
        return ["reopened"] if record.reopened else []
    if state == "claimed" and record.claim_until:
        remaining_ms = moment.parse(record.claim_until)[0] - now_ms
        return [f"claimed, {age(remaining_ms / 1000)} left" if remaining_ms > 0 else "claim expired"]
    return [STATE_LABELS[state]] if state in STATE_LABELS else []
