"""Rows near a row: a box that numpy cuts out first, then the true distance."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from crisismap.core.place.place import distance_m
from crisismap.situation.board.columns import Board, Mask, Rows

Floats = NDArray[np.float64]

_DEGREE_M = 111_194.0  # a little less than a degree of latitude: the box must not be too small


def near(board: Board, row: int, metres: float) -> Rows:
    """Drawn rows within so many metres of a drawn row, itself among them, in order of arrival."""
    return near_place(board, float(board["lon"][row]), float(board["lat"][row]), metres)


def near_place(board: Board, lon: float, lat: float, metres: float) -> Rows:
    """Drawn rows within so many metres of a place, in order of arrival."""
    rows = np.flatnonzero(around(board, lon, lat, metres))
    exact = [distance_m(lon, lat, float(board["lon"][other]), float(board["lat"][other])) for other in rows.tolist()]
    close: Rows = rows[np.array(exact, np.float64) <= metres]
    return close


def around(board: Board, lon: float, lat: float, metres: float) -> Mask:
    """Which rows are drawn in the box that holds everything within so many metres of a place."""
    east, north = _apart(board["lon"], board["lat"], lon, lat)
    across = metres / max(0.01, float(np.cos(np.radians(lat))))
    inside: Mask = (np.abs(north) <= metres) & (np.abs(east) <= across)
    return inside


def roughly(board: Board, rows: Rows, lon: float, lat: float) -> Floats:
    """Metres from a place to some rows on a plane: good enough to sort by, nearby."""
    east, north = _apart(board["lon"][rows], board["lat"][rows], lon, lat)
    metres: Floats = np.hypot(east * np.cos(np.radians(lat)), north)
    return metres


def _apart(lons: Floats, lats: Floats, lon: float, lat: float) -> tuple[Floats, Floats]:
    """Degrees east, the short way round, and degrees north, both as metres of latitude."""
    return ((lons - lon + 540) % 360 - 180) * _DEGREE_M, (lats - lat) * _DEGREE_M
