"""first_answers: when each request was first answered, also where it was opened again and answered anew.

A board has the newest answer only. Of requests never opened again that is the first one; of the others the event feed
is asked, once for each state of the board.
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
    """ms UTC for each row of the audience's board, NEVER for what nobody has answered."""
    # A change of rows is made in a copy, and new ones make it longer: these columns are then the same ones.
    stamp = (board.n, IdentityKey(board.columns))
    return caches.first_answers.get(audience, lambda: _made(store, audience, board), stamp=stamp)


def _made(store: Store, audience: Audience, board: Board) -> Moments:
    moments: Moments = board["answered_at"].copy()
    again = np.flatnonzero(board["reopened"] > 0)
    if len(again):
        seqs = board["seq"][again].tolist()
        known = store.events.first_answers(seqs)
        moments[again] = [rounded_moment(known.get(seq, NEVER), audience) for seq in seqs]
    moments.flags.writeable = False
    return moments
