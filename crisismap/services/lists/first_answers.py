"""first_answers: when each request was first answered, also where it was opened again and answered anew.

A board has the newest answer only. Of requests never opened again that is the first one; of the others the event feed
is asked, once for each state of the board.
"""

from __future__ import annotations

from threading import Lock

import numpy as np

from crisismap.core.privacy import Audience, told_moment
from crisismap.services.lists.trends import Moments
from crisismap.services.runtime.context import Context
from crisismap.situation.board.columns import NEVER, Board

_held: dict[Audience, tuple[Board, Moments]] = {}
_lock = Lock()


def first_answers(context: Context, audience: Audience, board: Board) -> Moments:
    """ms UTC for each row of the audience's board, NEVER for what nobody has answered."""
    with _lock:
        held = _held.get(audience)
    # A change of rows is made in a copy, and new ones make it longer: these columns are then the same ones.
    if held is not None and held[0].columns is board.columns and held[0].n == board.n:
        return held[1]
    moments: Moments = board["answered_at"].copy()
    again = np.flatnonzero(board["reopened"] > 0)
    if len(again):
        seqs = board["seq"][again].tolist()
        known = context.store.events.first_answers(seqs)
        moments[again] = [told_moment(known.get(seq, NEVER), audience) for seq in seqs]
    moments.flags.writeable = False
    with _lock:
        _held[audience] = (board, moments)
    return moments
