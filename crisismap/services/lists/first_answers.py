"""The time at which each request was first answered, also if it was reopened and answered again.

A board has only the latest answer. That is the first one unless the request was reopened; for reopened ones the event
log is read, once per state of the board.
"""

from __future__ import annotations

import numpy as np

from crisismap.core.ports import Store
from crisismap.core.privacy import Audience, rounded_moment
from crisismap.services.lists.trends import Moments
from crisismap.services.runtime.caches import Caches, IdentityKey
from crisismap.situation.board.board import Board
from crisismap.situation.board.column import NEVER


def first_answers(store: Store, caches: Caches, audience: Audience, board: Board) -> Moments:
    """Return ms UTC for each row of the audience's board, NEVER for unanswered requests."""

    def compute() -> Moments:
        moments: Moments = board["answered_at"].copy()
        reopened = np.flatnonzero(board["reopened"] > 0)
        if len(reopened):
            seqs = board["seq"][reopened].tolist()
            answers = store.events.first_answers(seqs)
            moments[reopened] = [rounded_moment(answers.get(seq, NEVER), audience) for seq in seqs]
        moments.flags.writeable = False
        return moments

    # Changed rows are made in a copy and new rows change `n`, so the same columns mean the same data.
    return caches.first_answers.get(audience, compute, stamp=(board.n, IdentityKey(board.columns)))
