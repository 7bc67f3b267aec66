"""The reports behind a cluster on the map."""

from __future__ import annotations

import numpy as np

from crisismap.core.place.place import Extent
from crisismap.situation.board.board import Board, Rows
from crisismap.situation.tiles.tiles import TileIndex

MAX_MEMBERS = 5000


def in_cluster(board: Board, index: TileIndex, row: int, count: int) -> tuple[list[int], Extent | None]:
    """Return the members, most urgent first, and bounds of the cluster of `count` reports with the id `row`.

    `index` is that of the tiles that drew it. Neither members nor bounds where the row is no longer on the map.
    """
    rows = index.members(row, count)
    if not len(rows):
        return [], None
    lon, lat = board["lon"][rows], board["lat"][rows]
    box = (float(lon.min()), float(lat.min()), float(lon.max()), float(lat.max()))
    return _by_urgency(board, rows.astype(np.intp)), box


def _by_urgency(board: Board, rows: Rows) -> list[int]:
    """Return waiting requests by priority and waiting time, then all other rows, newest first."""
    waiting = board.unanswered[rows]
    received = board["received_at"][rows]
    age = np.where(waiting, received, -received)
    order = np.lexsort((rows, age, np.where(waiting, board.priority[rows], 9)))
    return [int(each) for each in rows[order][:MAX_MEMBERS]]
