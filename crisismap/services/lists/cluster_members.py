"""The reports behind one map symbol: a shared point or a cluster."""

from __future__ import annotations

import math

import numpy as np

from crisismap.core.place.mercator import unit
from crisismap.core.place.place import Extent
from crisismap.situation.board.board import Board, Mask, Rows
from crisismap.situation.board.selection import Selection, select_rows
from crisismap.situation.situation import Situation
from crisismap.situation.tiles.tiles import CELL_BITS, CLUSTER_MAX_ZOOM

MAX_MEMBERS = 5000


def at_place(board: Board, row: int, keep: Mask) -> list[int]:
    """Return the rows at exactly the point of `row` (published cells share their centre), most urgent first."""
    same_point = (board["lon"] == board["lon"][row]) & (board["lat"] == board["lat"][row])
    return _by_urgency(board, np.flatnonzero(same_point & keep))


def drawn_rows(situation: Situation, now_ms: int, board: Board, selection: Selection) -> Mask:
    """Return the mask of rows that the map draws for a selection."""
    return select_rows(board, selection, situation.selection_context(now_ms)) & board.has_place


def in_cluster(board: Board, row: int, count: int, keep: Mask) -> tuple[list[int], Extent]:
    """Return the members, most urgent first, and bounds of the cluster of `count` reports that contains `row`.

    A tile does not name its zoom, so the cell with the closest count is taken, the smallest of equals.
    """
    rows = np.flatnonzero(keep & board.has_place)
    x, y = unit(board["lon"][rows], board["lat"][rows])
    own_x, own_y = unit(board["lon"][row : row + 1], board["lat"][row : row + 1])
    best: Rows = rows
    best_off = abs(len(rows) - count)
    for zoom in range(CLUSTER_MAX_ZOOM + 1):
        cells = float(1 << (zoom + CELL_BITS))
        inside = (np.floor(x * cells) == math.floor(own_x[0] * cells)) & (
            np.floor(y * cells) == math.floor(own_y[0] * cells)
        )
        off = abs(int(np.count_nonzero(inside)) - count)
        if off <= best_off:
            best, best_off = rows[inside], off
    lon, lat = board["lon"][best], board["lat"][best]
    box = (float(lon.min()), float(lat.min()), float(lon.max()), float(lat.max()))
    return _by_urgency(board, best), box


def _by_urgency(board: Board, rows: Rows) -> list[int]:
    """Return waiting requests by priority and waiting time, then all other rows, newest first."""
    waiting = board.unanswered[rows]
    received = board["received_at"][rows]
    age = np.where(waiting, received, -received)
    order = np.lexsort((rows, age, np.where(waiting, board.priority[rows], 9)))
    return [int(each) for each in rows[order][:MAX_MEMBERS]]
