"""Rows near a row, a place or a shape: preselected with a box in numpy, then by distance."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from crisismap.core.place.geodesy import DEGREE_M, distances_m, in_box_around, narrowing
from crisismap.situation.board.board import Board, Rows


def rows_near(board: Board, row: int, metres: float) -> Rows:
    """Return the drawn rows within `metres` of a drawn row, including it, in order of arrival."""
    return rows_near_place(board, float(board["lon"][row]), float(board["lat"][row]), metres)


def rows_near_place(board: Board, lon: float, lat: float, metres: float) -> Rows:
    """Return the drawn rows within `metres` of a place, in order of arrival."""
    rows = np.flatnonzero(in_box_around(lon, lat, metres, board["lon"], board["lat"]))
    return rows[distances_m(lon, lat, board["lon"][rows], board["lat"][rows]) <= metres]


def rings_around(
    board: Board, shape: BaseGeometry, middle: tuple[float, float], steps_m: Sequence[float]
) -> NDArray[np.intp]:
    """Return for each row the number of the first step within which it lies from a shape; len(steps_m) beyond, or none.

    Distances are measured on a plane of degrees that is true at `middle`: good to a percent within a few kilometres.
    """
    lon, lat = middle
    narrow = narrowing(lat)

    def flat(degrees: NDArray[np.float64]) -> NDArray[np.float64]:
        east = (degrees[:, 0] - lon + 540) % 360 - 180  # the shorter way round the globe
        return np.column_stack((east * narrow, degrees[:, 1] - lat))

    plane = shapely.transform(shape, flat)
    shapely.prepare(plane)
    xy = flat(np.column_stack((board["lon"], board["lat"])))
    west, south, east, north = shapely.bounds(plane) + np.array([-1, -1, 1, 1]) * max(steps_m) / DEGREE_M
    left = np.flatnonzero((xy[:, 0] >= west) & (xy[:, 0] <= east) & (xy[:, 1] >= south) & (xy[:, 1] <= north))
    rings = np.full(board.n, len(steps_m), np.intp)
    points = np.asarray(shapely.points(xy[left]))
    for number, step in enumerate(steps_m):
        near = shapely.dwithin(plane, points, step / DEGREE_M)
        rings[left[near]] = number
        left, points = left[~near], points[~near]
    return rings
