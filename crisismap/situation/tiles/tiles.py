"""Vector tiles of many points: sorted columns in which a tile of any zoom is one slice.

This module knows nothing of reports. The points are in Morton order (see `morton`), so that a tile is found by two
binary searches and each of its 64 cells by one more; there is no pyramid to update when points change. A million
points with four attributes take 25 MB.

A cluster is a cell of 64 by 64 pixels of a tile of 512. Cells follow the tile grid, so every point is counted
in exactly one tile; the symbol is at the mean of the members, which is always inside the cell.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import numpy.typing as npt

from crisismap.core.errors import Invalid
from crisismap.situation.tiles import morton, mvt

MAX_ZOOM = 22
# From zoom 12 on every point is drawn by itself: there a tile of 512 px is 10 km wide, and of a million points over a
# country the fullest holds a few thousand (50 to 80 kB). One zoom lower it would be up to four times that, more than
# anybody can distinguish.
CLUSTER_MAX_ZOOM = 11
CELL_BITS = 3  # 8 by 8 cells in a tile
_EXTENT_BITS = 12
_ANSWERED = 255  # in the demand column, where 1 .. 4 is unanswered with that urgency
_UNRANKED = 5  # unanswered, urgency unknown
_CLUSTER_KEYS = ("count", "unanswered", "urgency", "label")
_STACK_KEYS = ("count", "label")

Flags = npt.NDArray[np.bool_]
Bytes = npt.NDArray[np.uint8]
Numbers = npt.NDArray[np.uint32]
Positions = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Attribute:
    """A property of the features in layer `reports`, with all its possible values."""

    name: str
    values: tuple[mvt.Value, ...]


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
class _Columns:
    """The points in order of (key, row)."""

    key: morton.Keys
    row: Numbers
    x: Numbers
    y: Numbers
    codes: Bytes
    demand: Bytes  # 1 .. 4 and _UNRANKED: unanswered; _ANSWERED: not

    def take(self, positions: npt.NDArray[np.intp]) -> _Columns:
        return _Columns(*(column.take(positions, axis=0, mode="clip") for column in self.all()))

    def all(self) -> list[npt.NDArray[Any]]:
        return [getattr(self, each.name) for each in fields(self)]


class TileIndex:
    """An immutable set of points to be cut into tiles; thread-safe."""

    __slots__ = ("_columns", "_layer", "attributes", "revision")

    def __init__(
        self, columns: _Columns, attributes: tuple[Attribute, ...], layer: mvt.PointLayer, revision: int
    ) -> None:
        """Initialise the columns; only called by `build` and `updated`."""
        for column in columns.all():
            column.flags.writeable = False
        self._columns = columns
        self._layer = layer
        self.attributes = attributes
        self.revision = revision

    @classmethod
    def build(cls, points: Points, attributes: Sequence[Attribute], revision: int) -> TileIndex:
        """Return an index of the points.

        Raises Invalid for arrays of different lengths, repeated rows, places outside the world, codes without a value,
        and more attributes or values than one byte can number.
        """
        attributes = tuple(attributes)
        _check_attributes(attributes)
        layer = mvt.PointLayer("reports", [(each.name, each.values) for each in attributes])
        return cls(_sort(points, attributes), attributes, layer, revision)

    def updated(self, changed_points: Points, removed_rows: Numbers, revision: int) -> TileIndex:
        """Return the index with `changed_points` inserted, replacing existing rows, and without `removed_rows`.

        Missing rows are ignored on removal; a row both changed and removed stays. Equal, to the byte of every tile, to
        a
        `build` of the same points. Raises Invalid as `build` does.
        """
        fresh = _sort(changed_points, self.attributes)
        old = self._columns
        removed = _positions_of(np.concatenate([fresh.row, np.asarray(removed_rows, np.uint32)]), old.row)
        if not len(fresh.row) and not len(removed):
            return TileIndex(old, self.attributes, self._layer, revision)
        if len(removed) == len(old.row):
            return TileIndex(fresh, self.attributes, self._layer, revision)
        before = morton.lower_bound(old.key, old.row, fresh.key, fresh.row)
        slots = before - removed.searchsorted(before) + np.arange(len(before))
        columns = old.take(_merged_positions(len(old.row), removed, slots))
        for column, values in zip(columns.all(), fresh.all(), strict=True):
            column[slots] = values
        return TileIndex(columns, self.attributes, self._layer, revision)

    @property
    def rows(self) -> Numbers:
        """Return the ids in the order of the columns (by place)."""
        return self._columns.row

    @property
    def count(self) -> int:
        """Return the number of points."""
        return len(self._columns.row)

    def tile(self, z: int, x: int, y: int) -> bytes:
        """Return the raw MVT of an XYZ tile, extent 4096; b"" when it is empty.

        Layer `reports` (id: row): from zoom CLUSTER_MAX_ZOOM + 1 on every point, below it those alone in
        their cell. Layer `clusters` (id: smallest row): `count`, `unanswered`, `urgency` 1 .. 4 (of the most
        urgent unanswered member; absent without one), `label` (the count, short). Layer `stacks` (id: smallest
        row; where every point is drawn): `count` and `label` for each place at which several points coincide
        and hide each other. Raises Invalid for a tile that does not exist.
        """
        _check_tile(z, x, y)
        if z <= CLUSTER_MAX_ZOOM:
            return self._clustered(z, x, y)
        start, stop = self._columns.key.searchsorted(morton.edges(z, x, y))
        part = slice(int(start), int(stop))
        return self._reports(z, part) + self._stacks(z, part)

    def _reports(self, z: int, part: slice | Positions) -> bytes:
        # The last is drawn on top: the most urgent, so that no information hides a request for help.
        points = self._columns
        order = np.argsort(_ANSWERED - points.demand[part], kind="stable")
        across, down = _tile_coordinates(z, points.x[part][order]), _tile_coordinates(z, points.y[part][order])
        return self._layer.encode(points.row[part][order], across, down, points.codes[part][order])

    def _stacks(self, z: int, part: slice) -> bytes:
        points = self._columns
        keys = points.key[part]
        same = keys[1:] == keys[:-1]
        if not same.any():
            return b""
        starts = np.flatnonzero(np.concatenate(([True], ~same)))
        sizes = np.diff(np.append(starts, len(keys)))
        at = starts[sizes > 1] + part.start
        across, down = _tile_coordinates(z, points.x[at]), _tile_coordinates(z, points.y[at])
        columns = (points.row[at], across, down, sizes[sizes > 1])
        features: list[mvt.FreeFeature] = [
            (row, x, y, (size, short(size)))
            for row, x, y, size in zip(*(each.tolist() for each in columns), strict=True)
        ]
        return mvt.free_layer("stacks", _STACK_KEYS, features)

    def _clustered(self, z: int, x: int, y: int) -> bytes:
        points = self._columns
        bounds = points.key.searchsorted(morton.edges(z, x, y, CELL_BITS))
        sizes = np.diff(bounds)
        occupied = sizes > 0
        starts, sizes = bounds[:-1][occupied], sizes[occupied]
        if not len(sizes):
            return b""
        alone = sizes == 1
        reports = self._reports(z, starts[alone])
        if alone.all():
            return reports
        part, offsets = slice(bounds[0], bounds[-1]), starts - bounds[0]
        demand = points.demand[part]
        columns = (
            np.minimum.reduceat(points.row[part], offsets),
            _tile_coordinates(z, np.add.reduceat(points.x[part], offsets, dtype=np.uint64) // sizes.astype(np.uint64)),
            _tile_coordinates(z, np.add.reduceat(points.y[part], offsets, dtype=np.uint64) // sizes.astype(np.uint64)),
            sizes,
            np.add.reduceat(demand != _ANSWERED, offsets, dtype=np.int64),
            np.minimum.reduceat(demand, offsets),
        )
        features: list[mvt.FreeFeature] = [
            (row, across, down, (size, unanswered, urgency if urgency < _UNRANKED else None, short(size)))
            for row, across, down, size, unanswered, urgency in zip(
                *(column[~alone].tolist() for column in columns), strict=True
            )
        ]
        return reports + mvt.free_layer("clusters", _CLUSTER_KEYS, features)


def short(count: int) -> str:
    """Return a count as a short label, rounded down: 999, 1.2k, 12k, 1.2M."""
    for size, unit in ((1_000_000, "M"), (1_000, "k")):
        if count >= 10 * size:
            return f"{count // size}{unit}"
        if count >= size:
            whole, tenth = divmod(count * 10 // size, 10)
            return f"{whole}.{tenth}{unit}" if tenth else f"{whole}{unit}"
    return str(count)


def _tile_coordinates(z: int, cells: npt.NDArray[np.uint32 | np.uint64]) -> Numbers:
    """Return world columns or rows in steps of 1/4096 of their tile; beyond zoom 14 the steps get coarser."""
    shift = morton.BITS - _EXTENT_BITS - z
    steps = cells >> np.uint32(shift) if shift >= 0 else cells << np.uint32(-shift)
    return (steps & np.uint32(mvt.EXTENT - 1)).astype(np.uint32, copy=False)


def _sort(points: Points, attributes: tuple[Attribute, ...]) -> _Columns:
    _check_points(points, attributes)
    x, y = morton.project(points.lon, points.lat)
    key = morton.interleave(x, y)
    demand = np.where(points.urgency == 0, _UNRANKED, points.urgency).astype(np.uint8)
    demand[~points.unanswered] = _ANSWERED
    return _Columns(key, points.row, x, y, points.codes, demand).take(morton.order(key, points.row))


def _positions_of(targets: Numbers, rows: Numbers) -> Positions:
    """Return where `rows` has any of `targets`, ascending; a table of low bits excludes nearly all at once."""
    bits = max(16, (64 * len(targets)).bit_length())
    mask = np.uint32((1 << min(bits, 24)) - 1)
    table = np.zeros(int(mask) + 1, np.bool_)
    table[targets & mask] = True
    maybe = np.flatnonzero(table.take(rows & mask))
    return maybe[np.isin(rows[maybe], targets)]


def _merged_positions(count: int, removed: Positions, slots: Positions) -> npt.NDArray[np.intp]:
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


def _check_tile(z: int, x: int, y: int) -> None:
    if not 0 <= z <= MAX_ZOOM:
        raise Invalid("z", z, "tile_value_out_of_range", least=0, most=MAX_ZOOM)
    for name, value in (("x", x), ("y", y)):
        if not 0 <= value < 1 << z:
            raise Invalid(name, value, "tile_value_out_of_range", least=0, most=(1 << z) - 1)


def _check_attributes(attributes: tuple[Attribute, ...]) -> None:
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
