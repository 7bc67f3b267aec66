"""The points of tiles: as they come in, checked, and as columns in Morton order."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import numpy.typing as npt

from crisismap.core.errors import Invalid
from crisismap.situation.tiles import morton, mvt
from crisismap.situation.tiles.marks import UNRANKED, Flags

ANSWERED = 255  # in the demand column, where 1 .. 4 is unanswered with that urgency

Bytes = npt.NDArray[np.uint8]
Numbers = npt.NDArray[np.uint32]


@dataclass(frozen=True, slots=True)
class Attribute:
    """A property of the features in layer `reports`, with all its possible values."""

    name: str
    values: tuple[mvt.Value, ...]
    above: tuple[int, ...] = ()  # of each value: of equally urgent points those with the higher sum are drawn on top


@dataclass(frozen=True, slots=True)
class Points:
    """Points to index; all arrays have the same length n."""

    row: Numbers  # the feature's id, unique, up to mvt.MAX_ID
    lon: npt.NDArray[np.float64]  # degrees WGS 84
    lat: npt.NDArray[np.float64]
    codes: Bytes  # [n, attributes]: an index into the attribute's values, or mvt.ABSENT
    urgency: Bytes  # 0 none, 1 most urgent .. 4
    unanswered: Flags

    def __len__(self) -> int:
        return len(self.row)


@dataclass(frozen=True, slots=True)
class PointColumns:
    """Points in order of (key, row)."""

    key: morton.Keys
    row: Numbers
    x: Numbers
    y: Numbers
    codes: Bytes
    demand: Bytes  # 1 .. 4 and UNRANKED: unanswered; ANSWERED: not

    def __len__(self) -> int:
        return len(self.row)

    def take(self, positions: npt.NDArray[np.intp]) -> PointColumns:
        """Return some of the points."""
        return PointColumns(*(column.take(positions, axis=0, mode="clip") for column in self.all()))

    def all(self) -> list[npt.NDArray[Any]]:
        """Return the arrays."""
        return [getattr(self, each.name) for each in fields(self)]

    def with_changes(self, removed: morton.Positions, fresh: PointColumns) -> PointColumns:
        """Return the columns without the points at some positions, ascending, and with others."""
        if len(removed) == len(self):
            return fresh
        before = morton.lower_bound(self.key, self.row, fresh.key, fresh.row)
        slots = before - removed.searchsorted(before) + np.arange(len(before))
        columns = self.take(_merged_positions(len(self), removed, slots))
        for column, values in zip(columns.all(), fresh.all(), strict=True):
            column[slots] = values
        return columns


def columns_of(points: Points, attributes: tuple[Attribute, ...]) -> PointColumns:
    """Return points as columns. Raises Invalid as `TileIndex.build` does."""
    _check_points(points, attributes)
    x, y = morton.project(points.lon, points.lat)
    key = morton.interleave(x, y)
    demand = np.where(points.urgency == 0, UNRANKED, points.urgency).astype(np.uint8)
    demand[~points.unanswered] = ANSWERED
    return PointColumns(key, points.row, x, y, points.codes, demand).take(morton.order(key, points.row))


def _merged_positions(count: int, removed: morton.Positions, slots: morton.Positions) -> npt.NDArray[np.intp]:
    """Return which of `count` old positions is at each new one; `removed` are left out, `slots` left to be filled.

    One cumulative sum of steps: mostly 1, none at a free slot, one more after each position left out.
    """
    total = count - len(removed) + len(slots)
    step = np.ones(total + 1, np.int64)
    step[slots] = 0
    rank = removed - np.arange(len(removed))  # number of kept ones before
    ahead = slots - np.arange(len(slots))
    np.add.at(step, rank + ahead.searchsorted(rank, "right"), 1)
    return np.cumsum(step[:total]) - 1


def check_attributes(attributes: tuple[Attribute, ...]) -> None:
    """Raise Invalid for more attributes or values than one byte can number, and for equal names."""
    values = sum(len(each.values) for each in attributes)
    if len(attributes) > mvt.MAX_ATTRIBUTES or values > mvt.MAX_VALUES:
        raise Invalid(
            "attributes",
            f"{len(attributes)} with {values} values",
            "too_many_attributes",
            most=mvt.MAX_ATTRIBUTES,
            values=mvt.MAX_VALUES,
        )
    names = [each.name for each in attributes]
    if len(set(names)) < len(names):
        raise Invalid("attributes", names, "names_equal")


def _check_points(points: Points, attributes: tuple[Attribute, ...]) -> None:
    count = len(points)
    layout: tuple[tuple[str, type[np.generic], tuple[int, ...]], ...] = (
        ("row", np.uint32, (count,)),
        ("lon", np.float64, (count,)),
        ("lat", np.float64, (count,)),
        ("codes", np.uint8, (count, len(attributes))),
        ("urgency", np.uint8, (count,)),
        ("unanswered", np.bool_, (count,)),
    )
    for name, kind, shape in layout:
        array = getattr(points, name)
        if array.dtype != kind or array.shape != shape:
            raise Invalid(name, f"{array.dtype} {array.shape}", "array_wrong", dtype=kind.__name__, shape=str(shape))
    if not count:
        return
    for name, limit in (("lon", 180), ("lat", 90)):
        worst = np.abs(getattr(points, name)).max()  # NaN wins, and fails the comparison
        if not worst <= limit:
            raise Invalid(name, worst, "tile_value_out_of_range", least=-limit, most=limit)
    if points.urgency.max() > 4:
        raise Invalid("urgency", points.urgency.max(), "tile_value_out_of_range", least=0, most=4)
    limits = np.array([len(each.values) for each in attributes], np.uint8)
    if ((points.codes >= limits) & (points.codes != mvt.ABSENT)).any():
        raise Invalid("codes", points.codes.max(axis=0).tolist(), "not_indexes")
    _check_rows(points.row)


def _check_rows(row: Numbers) -> None:
    highest = int(row.max())
    if highest > mvt.MAX_ID:
        raise Invalid("row", highest, "above", most=mvt.MAX_ID)
    if highest < 16 * len(row) + 1024:  # dense, the usual case: marking is 10 times faster than sorting
        present = np.zeros(highest + 1, np.bool_)
        present[row] = True
        different = int(np.count_nonzero(present))
    else:
        different = len(np.unique(row))
    if different < len(row):
        raise Invalid("row", f"{len(row) - different} repeated", "not_unique")
