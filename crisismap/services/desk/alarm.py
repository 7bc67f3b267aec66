"""alarm: urgent requests that nobody has answered and this person has not heard of yet."""

from __future__ import annotations

import numpy as np

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
    """The store's rows of the P1 requests that are open now; what somebody has claimed rings no more."""
    board = situation.board(Audience.AGENCY)
    rows = np.flatnonzero((board["state"] == _OPEN) & (board.priority == 1))
    return frozenset(board["seq"][rows].tolist())


def acknowledged(store: Store, person: Person, first: int = 0) -> set[int]:
    """Those, from row `first` on, whose alarm this person has heard."""
    require(person, "request.acknowledge")
    return store.dispatch.alarms_heard(person.id, first)


def acknowledge(store: Store, now_ms: int, person: Person, seqs: frozenset[int]) -> Done[None]:
    """This person has heard of them: one event, and no more sound for these."""
    require(person, "request.acknowledge")
    event = EventDraft("request.acknowledge", "", person.id, now_ms, {"requests": len(seqs)})
    return wait_for(store.dispatch.mark_alarms_heard(sorted(seqs), event))
