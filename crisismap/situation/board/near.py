"""Rows near a row: a box that numpy cuts out first, then the distance."""

from __future__ import annotations

import numpy as np

from crisismap.core.place.geodesy import distances_m, in_box_around
from crisismap.situation.board.board import Board, Rows


def rows_near(board: Board, row: int, metres: float) -> Rows:
    """Drawn rows within so many metres of a drawn row, itself among them, in order of arrival."""
    return rows_near_place(board, float(board["lon"][row]), float(board["lat"][row]), metres)


def rows_near_place(board: Board, lon: float, lat: float, metres: float) -> Rows:
    """Drawn rows within so many metres of a place, in order of arrival."""
    rows = np.flatnonzero(in_box_around(lon, lat, metres, board["lon"], board["lat"]))
    close: Rows = rows[distances_m(lon, lat, board["lon"][rows], board["lat"][rows]) <= metres]
    return close
