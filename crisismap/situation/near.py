"""Rows near a row: a box that numpy cuts out first, then the true distance."""

from __future__ import annotations

import numpy as np

from crisismap.core.place import distance_m
from crisismap.situation.columns import Board, Rows

_DEGREE_M = 111_195.0  # of latitude


def near(board: Board, row: int, metres: float) -> Rows:
    """Drawn rows within so many metres of a drawn row, itself among them, in order of arrival."""
    return near_place(board, float(board["lon"][row]), float(board["lat"][row]), metres)


def near_place(board: Board, lon: float, lat: float, metres: float) -> Rows:
    """Drawn rows within so many metres of a place, in order of arrival."""
    reach = metres / _DEGREE_M
    across = reach / max(0.01, float(np.cos(np.radians(lat))))
    apart = np.abs(board["lon"] - lon)
    inside = (np.abs(board["lat"] - lat) <= reach) & (np.minimum(apart, 360 - apart) <= across)
    rows = np.flatnonzero(inside)
    exact = [distance_m(lon, lat, float(board["lon"][other]), float(board["lat"][other])) for other in rows.tolist()]
    close: Rows = rows[np.array(exact, np.float64) <= metres]
    return close
