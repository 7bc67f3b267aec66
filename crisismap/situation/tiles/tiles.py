"""Vector tiles of many points: sorted columns in which a tile of any zoom is one slice.

This module knows nothing of reports. The points are in Morton order (see `morton`), so that a tile is found by two
binary searches and each of its 64 cells by one more; there is no pyramid to update when points change. A million
points with four attributes take 25 MB.

Points that would hide each other are one cluster (see `grouping`): the points of cells of 32 by 32 pixels are put
together where these are near each other, within their tile, so every point is counted in exactly one tile. The symbol
is at the mean of the cell with most unanswered requests.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import numpy.typing as npt

from crisismap.core.errors import Invalid
from crisismap.situation.tiles import grouping, morton, mvt
from crisismap.situation.tiles.marks import (
    UNRANKED,
    Cells,
    Flags,
    Marks,
    Positions,
    alone,
    cluster_layer,
    ranges,
    ranks_within,
)

MAX_ZOOM = 22
DEEPEST_MEMBERS = 19  # up to which the desk's map draws tiles of their own
CELL_BITS = 4  # 16 by 16 cells in a tile
_EXTENT_BITS = 12
_CELL = 1 << (_EXTENT_BITS - CELL_BITS)  # side of a cell in tile coordinates
_RING = np.array(  # the two rows of cells around a tile
    [(x, y) for y in range(-2, 18) for x in range(-2, 18) if not (0 <= x < 16 and 0 <= y < 16)], np.int64
).T
_ANSWERED = 255  # in the demand column, where 1 .. 4 is unanswered with that urgency

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
class _Columns:
    """The points in order of (key, row)."""

    key: morton.Keys
    row: Numbers
    x: Numbers
    y: Numbers
    codes: Bytes
    demand: Bytes  # 1 .. 4 and UNRANKED: unanswered; _ANSWERED: not

    def take(self, positions: npt.NDArray[np.intp]) -> _Columns:
        return _Columns(*(column.take(positions, axis=0, mode="clip") for column in self.all()))

    def all(self) -> list[npt.NDArray[Any]]:
        return [getattr(self, each.name) for each in fields(self)]


@dataclass(frozen=True, slots=True)
class _Drawn:
    """Points that are drawn by themselves: their columns, where each is drawn, and its own place."""

    at: Positions
    x: Positions
    y: Positions
    foot_x: Positions
    foot_y: Positions

    @property
    def moved(self) -> Flags:
        moved: Flags = (self.x != self.foot_x) | (self.y != self.foot_y)
        return moved


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

        Layer `reports` (id: row): the points that are drawn by themselves, the most urgent last. Layer `clusters` (id:
        smallest row): `count`, `unanswered`, `urgency` 1 .. 4 (of the most urgent unanswered member; absent without
        one), `label` (the unanswered, or else the count, short), `ring` (see `grouping.ring`; absent without an
        unanswered one). Layer `legs` (id: row): a line from the place of a point that is drawn beside it, in a fan or
        away from the tile's edge, to where it is drawn. Raises Invalid for a tile that does not exist.
        """
        _check_tile(z, x, y)
        cells = self._cells(z, x, y)
        if cells is None:
            return b""
        groups = cells.grouped(z)
        single = groups.count <= alone(z)
        drawn, points = self._single((z, x, y), cells, groups, single), self._columns
        legs = reports = b""
        if len(drawn.at):
            rows = points.row[drawn.at]
            reports = self._layer.encode(
                rows, drawn.x.astype(np.uint32), drawn.y.astype(np.uint32), points.codes[drawn.at]
            )
            moved = drawn.moved
            if moved.any():
                lines = np.column_stack([drawn.foot_x, drawn.foot_y, drawn.x, drawn.y])[moved]
                legs = mvt.line_layer("legs", rows[moved].tolist(), lines.tolist())
        return legs + reports + cluster_layer(groups, ~single)

    def places(self, z: int, x: int, y: int) -> tuple[Positions, Positions]:
        """Return where a tile draws its points and its clusters: each [2, n], in tile coordinates."""
        cells = self._cells(z, x, y)
        if cells is None:
            return np.empty((2, 0), np.int64), np.empty((2, 0), np.int64)
        groups = cells.grouped(z)
        single = groups.count <= alone(z)
        drawn = self._single((z, x, y), cells, groups, single)
        return np.stack([drawn.x, drawn.y]), np.stack([groups.x[~single], groups.y[~single]])

    def members(self, row: int, count: int) -> Numbers:
        """Return the rows of the cluster of about `count` points that draws a row; empty if the row is not here.

        A tile does not name its zoom, so that of the closest count is taken, the deepest of equals.
        """
        points = self._columns
        best, best_off = points.row[:0], math.inf
        for at in np.flatnonzero(points.row == row).tolist():
            for z in range(DEEPEST_MEMBERS, -1, -1):
                shift = morton.BITS - z
                cells = self._cells(z, int(points.x[at]) >> shift, int(points.y[at]) >> shift)
                together = cells.together(z, at) if cells is not None else points.row[:0]
                if abs(len(together) - count) < best_off:
                    best, best_off = points.row[together], abs(len(together) - count)
        return best

    def _cells(self, z: int, x: int, y: int) -> Cells | None:
        """Return the occupied cells of a tile, None for an empty one."""
        points = self._columns
        bounds = points.key.searchsorted(morton.edges(z, x, y, min(CELL_BITS, morton.BITS - z)))
        sizes = np.diff(bounds)
        occupied = sizes > 0
        start, size = bounds[:-1][occupied], sizes[occupied]
        if not len(size):
            return None
        part, offsets = slice(bounds[0], bounds[-1]), start - bounds[0]
        demand = points.demand[part]
        mean = [
            _tile_coordinates(z, np.add.reduceat(each[part], offsets, dtype=np.uint64) // size.astype(np.uint64))
            for each in (points.x, points.y)
        ]
        # As bytes and 32 bits it takes half the time of truth values and 64.
        asked = ((demand == each).view(np.uint8) for each in range(1, UNRANKED + 1))
        demands = np.array([np.add.reduceat(each, offsets, dtype=np.uint32) for each in asked], np.int64)
        first = np.minimum.reduceat(points.row[part], offsets).astype(np.int64)
        return Cells(start, size, first, mean[0].astype(np.int64), mean[1].astype(np.int64), demands)

    def _single(self, tile: tuple[int, int, int], cells: Cells, groups: Marks, single: Flags) -> _Drawn:
        """Return the points that are drawn by themselves, the last on top."""
        own = single[groups.of_cell]
        if not own.any():
            none = np.empty(0, np.int64)
            return _Drawn(none, none, none, none, none)
        at = ranges(cells.start[own], cells.size[own])
        group = np.repeat(groups.of_cell[own], cells.size[own])
        order = np.lexsort((self._above(at), _ANSWERED - self._columns.demand[at]))
        at, group = at[order], group[order]
        across, down = (
            _tile_coordinates(tile[0], each[at]).astype(np.int64) for each in (self._columns.x, self._columns.y)
        )
        x, y = across.copy(), down.copy()
        count = groups.count[group]
        fan = count > 1
        if fan.any():  # the most urgent at the top
            right, below = grouping.fanned(count[fan], count[fan] - 1 - ranks_within(group[fan]))
            x[fan], y[fan] = groups.x[group[fan]] + right, groups.y[group[fan]] + below
        edge = ~fan & ((grouping.inside(x) != x) | (grouping.inside(y) != y))
        if edge.any():
            edge[edge] = grouping.reaches(x[edge], y[edge], self._beyond(*tile))
            x[edge], y[edge] = grouping.inside(x[edge]), grouping.inside(y[edge])
        return _Drawn(at, x, y, across, down)

    def _above(self, at: Positions) -> Positions:
        """Return for points which of the equally urgent are drawn on top of which."""
        height = np.zeros(len(at), np.int64)
        for column, attribute in enumerate(self.attributes):
            if attribute.above:
                weight = np.zeros(mvt.ABSENT + 1, np.int64)
                weight[: len(attribute.above)] = attribute.above
                height += weight[self._columns.codes[at, column]]
        return height

    def _beyond(self, z: int, x: int, y: int) -> Positions:
        """Return what is near the tile's edges in other tiles: rectangles [4, n] of cells, or of a point alone."""
        bits = morton.BITS - z - CELL_BITS
        side = 1 << (z + CELL_BITS)
        across, down = (x << CELL_BITS) + _RING[0], (y << CELL_BITS) + _RING[1]
        in_world = (down >= 0) & (down < side)
        ring, column, row = _RING[:, in_world], across[in_world] % side, down[in_world]
        key = morton.interleave((column << bits).astype(np.uint32), (row << bits).astype(np.uint32))
        points = self._columns
        start = points.key.searchsorted(key)
        size = points.key.searchsorted(key + (1 << 2 * bits)) - start
        ring, start, size = ring[:, size > 0], start[size > 0], size[size > 0]
        corner = ring * _CELL
        offset = [_tile_coordinates(z, each[start]).astype(np.int64) % _CELL for each in (points.x, points.y)]
        near = corner + np.where(size == 1, offset, 0)
        far = np.where(size == 1, near, corner + _CELL)
        return np.concatenate([near, far])


def _tile_coordinates(z: int, cells: npt.NDArray[np.uint32 | np.uint64]) -> Numbers:
    """Return world columns or rows in steps of 1/4096 of their tile; beyond zoom 14 the steps get coarser."""
    shift = morton.BITS - _EXTENT_BITS - z
    steps = cells >> np.uint32(shift) if shift >= 0 else cells << np.uint32(-shift)
    return (steps & np.uint32(mvt.EXTENT - 1)).astype(np.uint32, copy=False)


def _sort(points: Points, attributes: tuple[Attribute, ...]) -> _Columns:
    _check_points(points, attributes)
    x, y = morton.project(points.lon, points.lat)
    key = morton.interleave(x, y)
    demand = np.where(points.urgency == 0, UNRANKED, points.urgency).astype(np.uint8)
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
