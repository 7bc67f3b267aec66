"""Reports that state whether something is open or closed, and are recent enough to be used."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from crisismap.situation.board.board import Board, Rows
from crisismap.situation.board.column import VERIFICATIONS
from crisismap.situation.situation import Situation

VERIFIED = VERIFICATIONS.index("verified")
_DISPUTED = VERIFICATIONS.index("disputed")


def telling(situation: Situation, board: Board, category: str, reported: frozenset[str], now_ms: int) -> Rows:
    """Return placed rows of a category with a status of `reported`; not too old, not disputed, not quarantined."""
    categories, statuses = tuple(situation.rules.categories), situation.reported_statuses
    if category not in categories:
        return np.empty(0, np.int64)
    claims: NDArray[np.bool_] = np.array([status in reported for status in statuses], bool)
    keep = board.has_place & (board["category"] == categories.index(category)) & claims[board["reported_status"]]
    keep &= ~board.stale(situation.rules.clocks.stale_ms, now_ms)
    return np.flatnonzero(keep & (board["verification"] != _DISPUTED) & ~board["quarantined"])


def last_seen(board: Board, rows: Rows) -> NDArray[np.int64]:
    """Return when each was reported or reconfirmed; ms UTC."""
    last_ms: NDArray[np.int64] = np.maximum(board["at"][rows], board["reconfirmed_at"][rows])
    return last_ms
