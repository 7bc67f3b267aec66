"""alarm: urgent requests that nobody has answered and this person has not heard of yet."""

from __future__ import annotations

import numpy as np

from crisismap.core.done import Done, wait_for
from crisismap.core.event import EventDraft
from crisismap.core.people.person import Person
from crisismap.core.privacy import Audience
from crisismap.services.runtime.context import Context, require
from crisismap.situation.board.column import STATES

_OPEN = STATES.index("open")


def urgent(context: Context) -> frozenset[int]:
    """The store's rows of the P1 requests that are open now; what somebody has claimed rings no more."""
    board = context.situation.board(Audience.AGENCY)
    rows = np.flatnonzero((board["state"] == _OPEN) & (board.priority == 1))
    return frozenset(board["seq"][rows].tolist())


def heard(context: Context, person: Person, first: int = 0) -> set[int]:
    """Those, from row `first` on, whose alarm this person has heard."""
    require(person, "request.acknowledge")
    return context.store.dispatch.alarms_heard(person.id, first)


def acknowledge(context: Context, person: Person, seqs: frozenset[int]) -> Done[None]:
    """This person has heard of them: one event, and no more sound for these."""
    require(person, "request.acknowledge")
    event = EventDraft("request.acknowledge", "", person.id, context.clock(), {"requests": len(seqs)})
    return wait_for(context.store.dispatch.mark_alarms_heard(sorted(seqs), event))
