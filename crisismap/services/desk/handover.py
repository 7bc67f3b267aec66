"""Shift handover: a note with the current numbers, shown to each person until they have read it."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec
import numpy as np

from crisismap.core.done import Done, wait_for
from crisismap.core.errors import Invalid
from crisismap.core.event import EventDraft
from crisismap.core.people.person import Person
from crisismap.core.ports import Store
from crisismap.core.privacy import Audience
from crisismap.core.report.request import MAX_NOTE
from crisismap.core.text.storable import storable
from crisismap.rule_files import RuleFiles
from crisismap.services.lists.queue import claim_counts
from crisismap.services.runtime.context import require
from crisismap.situation.board.column import STATES
from crisismap.situation.situation import Situation

MOST = 20  # a newcomer sees only the newest notes


class Summary(msgspec.Struct, frozen=True):
    """The situation now, and reports received and requests answered since the previous handover (None without one)."""

    unanswered: int
    urgent: int  # P1 requests among them
    overdue: int
    escalated: int
    unplaced: int
    claims: tuple[tuple[str, int], ...]  # (name, number of claims), largest first
    since_ms: int | None = None
    came: int = 0
    answered: int = 0


@dataclass(frozen=True, slots=True)
class Note:
    """A handover note as it is displayed."""

    id: int
    at_ms: int
    by: str  # the author's displayed name
    text: str
    summary: Summary


def summary(store: Store, situation: Situation, rules: RuleFiles, now_ms: int) -> Summary:
    """Return the current summary."""
    board = situation.board(Audience.AGENCY)
    waiting, given_up = board.waiting, board["state"] == STATES.index("cannot_meet")
    claims = [(situation.person_name(person_id), count) for person_id, count in claim_counts(situation).items()]
    last = store.dispatch.handovers(1)
    since_ms = last[0].at_ms if last else None
    return Summary(
        unanswered=waiting.n,
        urgent=int(np.count_nonzero(waiting.priority == 1)),
        overdue=int(np.count_nonzero(waiting.overdue(rules.clocks.due, now_ms))),
        escalated=int(np.count_nonzero(waiting["escalated"]) + np.count_nonzero(given_up & (board["escalated"] > 0))),
        unplaced=int(np.count_nonzero(~waiting.has_place)),
        claims=tuple(sorted(claims, key=lambda each: (-each[1], each[0]))),
        since_ms=since_ms,
        came=int(np.count_nonzero(board["asks"] & (board["received_at"] > (since_ms or 0)))),
        answered=int(np.count_nonzero(board["answered_at"] > (since_ms or 0))),
    )


def write(store: Store, situation: Situation, rules: RuleFiles, now_ms: int, person: Person, text: str) -> Done[None]:
    """Store a handover note with the current summary. Raises Invalid."""
    require(person, "handover.write")
    text = storable(text).strip()
    if not 1 <= len(text) <= MAX_NOTE:
        raise Invalid("note", text, "handover_note_missing", most=MAX_NOTE)
    event = EventDraft("handover.write", "", person.id, now_ms)
    numbers = msgspec.json.encode(summary(store, situation, rules, now_ms)).decode()
    return wait_for(store.dispatch.add_handover(text, numbers, event))


def unread(store: Store, situation: Situation, person: Person) -> list[Note]:
    """Return the newest notes that the person has not read, oldest first."""
    require(person, "handover.read")
    read = store.dispatch.handovers_read(person.id)
    name_of = situation.person_name
    new = [each for each in reversed(store.dispatch.handovers(MOST)) if each.id not in read]
    numbers = msgspec.json.Decoder(Summary)
    return [Note(each.id, each.at_ms, name_of(each.by), each.note, numbers.decode(each.summary)) for each in new]


def acknowledge(store: Store, now_ms: int, person: Person, note_id: int) -> Done[None]:
    """Record that the person has read the note."""
    require(person, "handover.read")
    event = EventDraft("handover.read", str(note_id), person.id, now_ms)
    return wait_for(store.dispatch.mark_handover_read(note_id, event))
