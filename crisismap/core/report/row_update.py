"""What a row of a file changes in the report that an earlier import made of it; pure.

The report then says what the row says, and what it said before is added to it as text, so that nothing is lost. What
people have done since counts more than the row: it is left, and named.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import msgspec

from crisismap.core.errors import WrongState
from crisismap.core.event import EventDraft
from crisismap.core.need.need import Need
from crisismap.core.own_channels import FILE
from crisismap.core.place.moves import PROPOSE_PLACE, Moved, MoveRules, Moving, move
from crisismap.core.place.place import UNBELIEVABLE, Extent, Placement, PlacementStatus
from crisismap.core.report import request as life
from crisismap.core.report.change import Rectification
from crisismap.core.report.report import AGED, COARSE, ERASED, MAX_TEXT, Addition, Contact, CurrentReport, Report
from crisismap.core.report.request import UNANSWERED, Request, State
from crisismap.core.text.folding import fold

DONE = "The imported sheet says that this is done."
_CONTENT = ("text", "place_text", "people", "fields")
_NAMES = {"place_text": "place"}
_GONE = frozenset({ERASED, AGED, COARSE})


@dataclass(frozen=True, slots=True)
class NewerRow:
    """A row with the key of an earlier one: the report that it would be, and what the sender did meanwhile."""

    report: Report
    contact: Contact | None
    contact_before: Contact
    was_corrected: bool  # by its sender
    moves: MoveRules = MoveRules()
    extent: Extent | None = None  # of the incident


@dataclass(slots=True)
class RowUpdate:
    """What a row changes: the names of what is updated, and of what differs and is left, with the reason."""

    updated: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
    change: Rectification | None = None  # None: nothing to write


def update_from_row(now: CurrentReport, row: NewerRow, actor: str, now_ms: int) -> RowUpdate:
    """Return what a row changes in a report, with its events. The row's hash is stored with the report."""
    found = RowUpdate()
    old, new = now.report, row.report
    names = [name for name in _CONTENT if _plain(getattr(old, name)) != _plain(getattr(new, name))]
    why = _why_left(now, row)
    if why:
        found.left += [f"{_NAMES.get(name, name)} ({why})" for name in names]
        names = []
    if old.category != new.category:
        found.left.append(f"category ({new.category} in the file)")
    values = {name: getattr(new, name) for name in names}
    if not why:
        values |= _other_values(old, new)
    found.updated += [_NAMES.get(name, name) for name in values]
    contact: Contact | None | msgspec.UnsetType = msgspec.UNSET
    if not why and row.contact is not None and row.contact != row.contact_before:
        contact = row.contact
        found.updated.append("contact")
    step = _Step(actor, now_ms, found)
    moved = _moved(now, row, why, step)
    request, then = _request(now, new, names, step)
    if moved is not None and moved.status is PlacementStatus.PROPOSED:
        then = (*then, EventDraft(PROPOSE_PLACE, old.id, actor, now_ms, moved.facts))
    if not found.updated and moved is None:
        return found  # what was left is named again with the next import
    values["payload_hash"], values["asked"] = new.payload_hash, new.asked
    if "text" in values:
        values["heard"] = new.heard
    if "fields" in values:
        values["flags"] = new.flags
    event = EventDraft("report.update", old.id, actor, now_ms, {"fields": list(found.updated), "left": len(found.left)})
    found.change = Rectification(
        event,
        msgspec.structs.replace(old, **values),
        contact,
        request,
        places=None if moved is None else moved.places,
        addition=_before(now, names, now_ms),
        then=then,
    )
    return found


@dataclass(frozen=True, slots=True)
class _Step:
    actor: str
    now_ms: int
    found: RowUpdate


def _plain(value: Any) -> Any:
    """Return a value to be compared: case and spaces make no difference."""
    return fold(value) if isinstance(value, str) else value


def _why_left(now: CurrentReport, row: NewerRow) -> str:
    if _GONE.intersection(now.report.flags):
        return "it was deleted here"
    return "its sender corrected it here" if row.was_corrected else ""


def _other_values(old: Report, new: Report) -> dict[str, Any]:
    """Return the changed values of which the former one is not kept: of the time, only one that the row gives."""
    values: dict[str, Any] = {}
    if new.observed_at not in (old.observed_at, new.received_at):
        values["observed_at"] = new.observed_at
    if new.consent != old.consent:
        values["consent"] = new.consent
    return values


def _moved(now: CurrentReport, row: NewerRow, why: str, step: _Step) -> Moved | None:
    """Return the places with that of the row when it differs from that of the row before, whatever became of it."""
    old, new, placed, found = now.report, row.report, now.placement, step.found
    earlier = next((each for each in reversed(now.places) if each.source == FILE), None)
    before = (earlier.lon, earlier.lat) if earlier is not None else (old.lon, old.lat)
    if (new.lon, new.lat) == before:
        return None
    if why or new.lon is None or new.lat is None or UNBELIEVABLE.intersection(new.flags):
        reason = why or ("the file has none now" if new.lon is None else "it is not plausible")
        found.left.append(f"location ({reason})")
        return None
    if placed is not None and placed.source != FILE:
        found.left.append("location (a person set it here)")
        return None
    place = Placement(new.lon, new.lat, new.accuracy_m, FILE, step.actor, step.now_ms)
    # Nobody has looked at each row, whoever imports the file.
    moved = move(now.places, place, Moving(now.sent_place(), row.extent, row.moves, lambda seen: seen, may_far=False))
    if moved.status is PlacementStatus.PROPOSED:
        found.left.append("location (far from where it was: proposed, a responder confirms it)")
    else:
        found.updated.append("location")
    return moved


def _request(
    now: CurrentReport, new: Report, names: list[str], step: _Step
) -> tuple[Request | None, tuple[EventDraft, ...]]:
    """Return the request as the row changes it, and its events."""
    request, found = now.request, step.found
    before, after = now.report.asked, new.asked
    if request is None:
        if new.need.is_request and (names or before != after):
            found.updated.append("asks")
            return Request(due_from=step.now_ms, in_doubt=new.need is Need.MAY), ()
        return None, ()
    if before is not False and after is False and request.state in UNANSWERED:
        return _acted(now, step, "request.answer", lambda: life.answer(request, step.actor, step.now_ms, DONE))
    answer = request.answer
    if before is False and after is not False and request.state is State.ANSWERED and answer is not None:
        if answer.by == step.actor and answer.note == DONE:
            return _acted(now, step, "request.reopen", lambda: life.reopen(request, step.now_ms))
        found.left.append("asks (answered here)")
        return None, ()
    if request.in_doubt and new.need is Need.ASKS and (names or before != after):
        return life.without_doubt(request), ()
    return None, ()


def _acted(
    now: CurrentReport, step: _Step, verb: str, act: Callable[[], Request]
) -> tuple[Request | None, tuple[EventDraft, ...]]:
    try:
        request = act()
    except WrongState as refusal:
        step.found.left.append(f"status ({refusal.code.replace('_', ' ')})")
        return None, ()
    step.found.updated.append("status")
    return request, (EventDraft(verb, now.report.id, step.actor, step.now_ms),)


def _before(now: CurrentReport, names: list[str], now_ms: int) -> Addition | None:
    """Return what the report said before, as text added to it; None when it said nothing."""
    parts: list[str] = []
    for name in names:
        value = getattr(now.report, name)
        if name == "fields":
            parts += [f"{key} {one}" for key, one in value.items()]
        elif value not in ("", None):
            parts.append(str(value) if name == "text" else f"{_NAMES.get(name, name)} {value}")
    return Addition(now_ms, f"Before: {'; '.join(parts)}"[:MAX_TEXT]) if parts else None
