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
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from crisismap.core.errors import Invalid
from crisismap.situation.tiles import grouping, morton, mvt
from crisismap.situation.tiles.marks import Cells, Flags, Marks, Positions, alone, cluster_layer, ranks_within
from crisismap.situation.tiles.point_set import PointSet, Window
from crisismap.situation.tiles.points import (
    ANSWERED,
    Attribute,
    Numbers,
    PointColumns,
    Points,
    check_attributes,
    columns_of,
)

MAX_ZOOM = 22
DEEPEST_MEMBERS = 19  # up to which the desk's map draws tiles of their own
CELL_BITS = 4  # 16 by 16 cells in a tile
_EXTENT_BITS = 12
_CELL = 1 << (_EXTENT_BITS - CELL_BITS)  # side of a cell in tile coordinates
_RING = np.array(  # the two rows of cells around a tile
    [(x, y) for y in range(-2, 18) for x in range(-2, 18) if not (0 <= x < 16 and 0 <= y < 16)], np.int64
).T


@dataclass(frozen=True, slots=True)
class _Drawn:
    """Points that are drawn by themselves, where each is drawn, and its own place."""

    points: PointColumns
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

    __slots__ = ("_layer", "_points", "attributes", "revision")

    def __init__(
        self, points: PointSet, attributes: tuple[Attribute, ...], layer: mvt.PointLayer, revision: int
    ) -> None:
        """Initialise the members; only called by `build` and `updated`."""
        self._points = points
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
        check_attributes(attributes)
        layer = mvt.PointLayer("reports", [(each.name, each.values) for each in attributes])
        return cls(PointSet(columns_of(points, attributes)), attributes, layer, revision)

    def updated(self, changed_points: Points, removed_rows: Numbers, revision: int) -> TileIndex:
        """Return the index with `changed_points` inserted, replacing existing rows, and without `removed_rows`.

        Missing rows are ignored on removal; a row both changed and removed stays. Equal, to the byte of every tile, to
        a `build` of the same points. Raises Invalid as `build` does.
        """
        fresh = columns_of(changed_points, self.attributes)
        points = self._points
        if len(fresh) or len(removed_rows):
            points = points.changed(fresh, np.asarray(removed_rows, np.uint32))
        return TileIndex(points, self.attributes, self._layer, revision)

    @property
    def rows(self) -> Numbers:
        """Return the ids in the order of the columns (by place)."""
        return self._points.columns().row

    @property
    def count(self) -> int:
        """Return the number of points."""
        return len(self._points)

    def tile(self, z: int, x: int, y: int) -> bytes:
        """Return the raw MVT of an XYZ tile, extent 4096; b"" when it is empty.

        Layer `reports` (id: row): the points that are drawn by themselves, the most urgent last. Layer `clusters` (id:
        smallest row): `count`, `unanswered`, `urgency` 1 .. 4 (of the most urgent unanswered member; absent without
        one), `label` (the unanswered, or else the count, short), `ring` (see `grouping.ring`; absent without an
        unanswered one). Layer `legs` (id: row): a line from the place of a point that is drawn beside it, in a fan or
        away from the tile's edge, to where it is drawn. Raises Invalid for a tile that does not exist.
        """
        _check_tile(z, x, y)
        window, cells = self._cells(z, x, y)
        if not len(cells.number):
            return b""
        groups = cells.grouped(z)
        single = groups.count <= alone(z)
        drawn = self._single((z, x, y), window, cells, groups, single)
        legs = reports = b""
        if len(drawn.points):
            rows = drawn.points.row
            reports = self._layer.encode(rows, drawn.x.astype(np.uint32), drawn.y.astype(np.uint32), drawn.points.codes)
            moved = drawn.moved
            if moved.any():
                lines = np.column_stack([drawn.foot_x, drawn.foot_y, drawn.x, drawn.y])[moved]
                legs = mvt.line_layer("legs", rows[moved].tolist(), lines.tolist())
        return legs + reports + cluster_layer(groups, ~single)

    def places(self, z: int, x: int, y: int) -> tuple[Positions, Positions]:
        """Return where a tile draws its points and its clusters: each [2, n], in tile coordinates."""
        window, cells = self._cells(z, x, y)
        if not len(cells.number):
            return np.empty((2, 0), np.int64), np.empty((2, 0), np.int64)
        groups = cells.grouped(z)
        single = groups.count <= alone(z)
        drawn = self._single((z, x, y), window, cells, groups, single)
        return np.stack([drawn.x, drawn.y]), np.stack([groups.x[~single], groups.y[~single]])

    def members(self, row: int, count: int) -> Numbers:
        """Return the rows of the cluster of about `count` points that draws a row; empty if the row is not here.

        A tile does not name its zoom, so that of the closest count is taken, the deepest of equals.
        """
        point = self._points.find(row)
        best, best_off = point.row[:0], math.inf
        if not len(point):
            return best
        for z in range(DEEPEST_MEMBERS, -1, -1):
            shift = morton.BITS - z
            window, cells = self._cells(z, int(point.x[0]) >> shift, int(point.y[0]) >> shift)
            together = np.zeros(len(window.size), np.bool_)
            together[cells.together(z, window.number_of(int(point.key[0])))] = True
            size = int(window.size[together].sum())
            if abs(size - count) < best_off:
                best, best_off = window.take(together)[0].row, abs(size - count)
        return best

    def _cells(self, z: int, x: int, y: int) -> tuple[Window, Cells]:
        """Return the points of a tile, and its occupied cells."""
        edges = morton.edges(z, x, y, min(CELL_BITS, morton.BITS - z))
        window = self._points.within(edges[:-1], edges[1:])
        number = np.flatnonzero(window.size)
        size = window.size[number]
        if not len(number):
            none = np.empty(0, np.int64)
            return window, Cells(none, none, none, none, none, np.empty((0, 0), np.int64))
        sums = window.sums()
        mean = [_tile_coordinates(z, (each[number] // size).astype(np.uint64)) for each in (sums.x, sums.y)]
        across, down = (each.astype(np.int64) for each in mean)
        return window, Cells(number, size, sums.first[number], across, down, sums.demand[:, number])

    def _single(self, tile: tuple[int, int, int], window: Window, cells: Cells, groups: Marks, single: Flags) -> _Drawn:
        """Return the points that are drawn by themselves, the last on top."""
        own = np.zeros(len(window.size), np.bool_)
        own[cells.number[single[groups.of_cell]]] = True
        points, number = window.take(own)
        if not len(points):
            none = np.empty(0, np.int64)
            return _Drawn(points, none, none, none, none)
        group = groups.of_cell[cells.number.searchsorted(number)]
        order = np.lexsort((self._above(points), ANSWERED - points.demand))
        points, group = points.take(order), group[order]
        across, down = (_tile_coordinates(tile[0], each).astype(np.int64) for each in (points.x, points.y))
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
        return _Drawn(points, x, y, across, down)

    def _above(self, points: PointColumns) -> Positions:
        """Return for points which of the equally urgent are drawn on top of which."""
        height = np.zeros(len(points), np.int64)
        for column, attribute in enumerate(self.attributes):
            if attribute.above:
                weight = np.zeros(mvt.ABSENT + 1, np.int64)
                weight[: len(attribute.above)] = attribute.above
                height += weight[points.codes[:, column]]
        return height

    def _beyond(self, z: int, x: int, y: int) -> Positions:
        """Return what is near the tile's edges in other tiles: rectangles [4, n] of cells, or of a point alone."""
        bits = morton.BITS - z - CELL_BITS
        side = 1 << (z + CELL_BITS)
        across, down = (x << CELL_BITS) + _RING[0], (y << CELL_BITS) + _RING[1]
        in_world = (down >= 0) & (down < side)
        ring, column, row = _RING[:, in_world], across[in_world] % side, down[in_world]
        key = morton.interleave((column << bits).astype(np.uint32), (row << bits).astype(np.uint32))
        order = np.argsort(key)
        ring, key = ring[:, order], key[order]
        window = self._points.within(key, key + (1 << 2 * bits))
        alone_there = window.size == 1
        points, number = window.take(alone_there)
        near = ring * _CELL
        far = near + _CELL
        for side, each in enumerate((points.x, points.y)):
            near[side, number] += _tile_coordinates(z, each).astype(np.int64) % _CELL
        far[:, number] = near[:, number]
        return np.concatenate([near, far])[:, window.size > 0]


def _tile_coordinates(z: int, cells: npt.NDArray[np.uint32 | np.uint64]) -> Numbers:
    """Return world columns or rows in steps of 1/4096 of their tile; beyond zoom 14 the steps get coarser."""
    shift = morton.BITS - _EXTENT_BITS - z
    steps = cells >> np.uint32(shift) if shift >= 0 else cells << np.uint32(-shift)
    return (steps & np.uint32(mvt.EXTENT - 1)).astype(np.uint32, copy=False)


def _check_tile(z: int, x: int, y: int) -> None:
    if not 0 <= z <= MAX_ZOOM:
        raise Invalid("z", z, "tile_value_out_of_range", least=0, most=MAX_ZOOM)
    for name, value in (("x", x), ("y", y)):
        if not 0 <= value < 1 << z:
            raise Invalid(name, value, "tile_value_out_of_range", least=0, most=(1 << z) - 1)
