"""Rows near a row: preselected with a box in numpy, then by distance."""

from __future__ import annotations

import numpy as np

from crisismap.core.place.geodesy import distances_m, in_box_around
from crisismap.situation.board.board import Board, Rows


def rows_near(board: Board, row: int, metres: float) -> Rows:
    """Return the drawn rows within `metres` of a drawn row, including it, in order of arrival."""
    return rows_near_place(board, float(board["lon"][row]), float(board["lat"][row]), metres)


def rows_near_place(board: Board, lon: float, lat: float, metres: float) -> Rows:
    """Return the drawn rows within `metres` of a place, in order of arrival."""
    rows = np.flatnonzero(in_box_around(lon, lat, metres, board["lon"], board["lat"]))
    return rows[distances_m(lon, lat, board["lon"][rows], board["lat"][rows]) <= metres]
