"""One request as the lists show it: short texts and the key of its symbol, made from the audience's own record."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crisismap.core import moment
from crisismap.core.category import Category
from crisismap.core.text import symbols
from crisismap.i18n import english
from crisismap.situation.record.record import Record
from crisismap.ui.frame.wording import age, count_phrase, distance

MAX_WORDS = 280  # characters of what was said; the rest is in the detail

STATE_WORDS = {
    "open": "open",
    "claimed": "claimed",
    "answered": "answered",
    "confirmed": "confirmed by the requester",
    "withdrawn": "withdrawn",
    "joined": "joined to another",
    "cannot_meet": "cannot be met",
}


def card(record: Record, categories: Mapping[str, Category], now_ms: int) -> dict[str, Any]:
    """A record of `look.records` as the list draws it. All texts are for `textContent`, never for HTML."""
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
        "asking": f"{record.asking} ask for this" if (record.asking or 1) > 1 else "",
        "text": _cut(record.text or ""),
        "where": place_line(record),
        "facts": [*standing(record), *facts(record)],
        "state": _state(record, now_ms),
        "tone": state,
        "symbol": symbol_of(record, categories).key,
        "open": state == "open",
    }


def symbol_of(record: Record, categories: Mapping[str, Category]) -> symbols.Symbol:
    """The symbol that the map draws for it."""
    return symbols.of_report(
        record.category,
        priority=int(record.priority[1]) if record.priority else 0,
        state=record.state or "",
        overdue=bool(record.overdue),
        verification=record.verification or "",
        shapes={name: each.icon for name, each in categories.items()},
    )


def version_of(record: Record) -> int:
    """The version that was seen; a change made to a later one is refused."""
    return int(record.etag.strip('"'))


def place_line(record: Record) -> str:
    """The place in a few words."""
    area = record.area
    if record.lon is None:
        words = record.place
        return f"not on the map yet · {_cut(words)}" if words else "not on the map yet"
    return area.name if area else "outside the loaded areas"


def facts(record: Record) -> list[str]:
    """What the official layers say of the place."""
    found = [f"inside {hazard.name or hazard.layer}" for hazard in record.hazards[:1]]
    if len(record.hazards) > 1:
        found[0] += f" and {len(record.hazards) - 1} more"
    nearest = record.nearest_shelter
    if nearest:
        found.append(f"{distance(nearest.distance_m)} to shelter")
    if record.disagrees:
        found.append("contradicts the official map")
    return found


def standing(record: Record) -> list[str]:
    """What to know before acting: escalated, stale, and how far it is to be believed."""
    found = [f"called {record.escalated_to}"] if record.escalated_to else []
    if record.stale:
        found.append("check before acting")
    verification = record.verification
    if verification == "corroborated":
        found.append(f"{record.reporters} say the same" if record.reporters else "corroborated")
    elif verification in ("verified", "disputed"):
        found.append(verification)
    return found


def _state(record: Record, now_ms: int) -> str:
    """What a list says of the state; open ones say nothing, their button does."""
    state = record.state or ""
    if state == "open":
        return "opened again" if record.reopened else ""
    if state == "claimed" and record.claim_until:
        left_ms = moment.parse(record.claim_until)[0] - now_ms
        return f"claimed, {age(left_ms / 1000)} left" if left_ms > 0 else "claimed, time is over"
    return STATE_WORDS.get(state, "")


def _cut(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= MAX_WORDS else flat[: MAX_WORDS - 1] + "…"
