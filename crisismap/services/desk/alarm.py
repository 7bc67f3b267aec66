"""The alarm for urgent unanswered requests that a person has not acknowledged."""

from __future__ import annotations

from crisismap.core.done import Done, wait_for
from crisismap.core.event import EventDraft
from crisismap.core.people.person import Person
from crisismap.core.ports import Store
from crisismap.core.privacy import Audience
from crisismap.services.runtime.context import require
from crisismap.situation.board.column import STATES
from crisismap.situation.situation import Situation

_OPEN = STATES.index("open")


def urgent(situation: Situation) -> frozenset[int]:
    """Return the store's row numbers of open P1 requests; claimed ones raise no alarm."""
    waiting = situation.board(Audience.AGENCY).waiting
    return frozenset(waiting["seq"][(waiting["state"] == _OPEN) & (waiting.priority == 1)].tolist())


def acknowledged(store: Store, person: Person, first: int = 0) -> set[int]:
    """Return those from row `first` on whose alarm the person has acknowledged."""
    require(person, "request.acknowledge")
    return store.dispatch.alarms_heard(person.id, first)


def acknowledge(store: Store, now_ms: int, person: Person, seqs: frozenset[int]) -> Done[None]:
    """Record in one event that the person acknowledged these alarms."""
    require(person, "request.acknowledge")
    event = EventDraft("request.acknowledge", "", person.id, now_ms, {"requests": len(seqs)})
    return wait_for(store.dispatch.mark_alarms_heard(sorted(seqs), event))
