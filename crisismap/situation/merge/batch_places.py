"""The places of one batch of reports in each form that an index needs, computed once for all layers."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import numpy as np
import shapely
from numpy.typing import NDArray

from crisismap.core.place.geodesy import earth_centred
from crisismap.situation.board.interned import Rows

Floats = NDArray[np.float64]

NO_PAIRS: tuple[Rows, Rows] = (np.empty(0, np.intp), np.empty(0, np.intp))
_AT_ONCE = 5_000  # geometries created without a break


class Places:
    """Places in degrees WGS 84. Used by one thread."""

    def __init__(self, lon: Floats, lat: Floats) -> None:
        self.lon = lon
        self.lat = lat

    def __len__(self) -> int:
        return len(self.lon)

    @cached_property
    def points(self) -> NDArray[np.object_]:
        """Return the places as geometries; created in parts, so that other threads can run in between."""
        points = np.empty(len(self), dtype=object)
        for at in range(0, len(self), _AT_ONCE):
            part = slice(at, at + _AT_ONCE)
            points[part] = shapely.points(self.lon[part], self.lat[part])
        return points

    @cached_property
    def centred(self) -> Floats:
        """Return the places in earth-centred metres (n, 3)."""
        return earth_centred(self.lon, self.lat)

    def some(self, rows: Rows) -> Places:
        """Return the places at some positions."""
        part = Places(self.lon[rows], self.lat[rows])
        if "points" in self.__dict__:  # computed forms are reused
            part.points = self.points[rows]
        if "centred" in self.__dict__:
            part.centred = self.centred[rows]
        return part


def join_pairs(found: Sequence[tuple[Rows, Rows]]) -> tuple[Rows, Rows]:
    """Return the pairs of several queries as those of one."""
    if len(found) < 2:
        return found[0] if found else NO_PAIRS
    first, second = (np.concatenate(column) for column in zip(*found, strict=True))
    return first, second


def alike(lon: Floats, lat: Floats, era: Rows) -> tuple[Rows, Rows]:
    """Return one row of each distinct (place, era), and for every row its position among those.

    The public's places are the centres of cells, which many reports share: one query for each is enough.
    """
    order = np.lexsort((era, lat, lon))
    new = np.ones(len(order), bool)
    new[1:] = False
    for column in (lon, lat, era):
        in_order = column[order]
        new[1:] |= in_order[1:] != in_order[:-1]
    position = np.empty(len(order), np.intp)
    position[order] = np.cumsum(new) - 1
    return order[new], position
