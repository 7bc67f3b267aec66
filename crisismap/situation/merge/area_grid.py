"""Which polygons cover a point: an exact index for single points, and a grid that answers most of a million.

A point on a boundary is covered. Points are tested with an STRtree and prepared polygons. After many queries for the
first polygon an index builds a grid over all: most cells have one answer for all their points, and only points in
cells that a boundary crosses need the exact test. Both methods give the same answers.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import shapely
from numpy.typing import NDArray

from crisismap.situation.board.interned import Ints, Rows
from crisismap.situation.merge.batch_places import Places, join_pairs
from crisismap.situation.merge.layer_frame import simple_parts

Floats = NDArray[np.float64]

GRID_SIZE = 2048  # cells per side; halved for a layer that would make the grid too expensive
GRID_AFTER = 200_000  # queried points before the grid is built: until then it costs more than it saves
_GRID_WORK = 16_000_000  # cells that borders and interiors may touch while a grid is built
_CHUNK = 10_000  # points per exact query: bounds memory where many overlap, and the wait of other threads
_SLACK = 1e-6  # margin of borders against rounding, in cells
_NOTHING = np.iinfo(np.int32).max
_BORDER = -2


class Polygons:
    """An index of polygons; returned numbers are positions in `geometries`, and the lowest number wins."""

    def __init__(self, geometries: NDArray[np.object_]) -> None:
        self._geometries = geometries
        self._tree = shapely.STRtree(geometries)
        self._query_count = 0
        self._grid: AreaGrid | None = None
        shapely.prepare(geometries)
        # Prepared polygons sort their edges on first use, which is not thread-safe: trigger it now.
        west, south, east, north = shapely.bounds(geometries).T
        shapely.intersects_xy(geometries, (west + east) / 2, (south + north) / 2)

    def __len__(self) -> int:
        return len(self._geometries)

    def first(self, places: Places) -> Ints:
        """Return the lowest polygon that covers each place, -1 for none."""
        grid = self._grid_when_worth_it(len(places))
        if grid is None:
            return self._first_exact(places)
        out = grid.lookup(places.lon, places.lat)
        border = np.flatnonzero(out == _BORDER)
        out[border] = self._first_exact(places.some(border))
        return out

    def pairs(self, places: Places) -> tuple[Rows, Rows]:
        """Return all (place, polygon) pairs where the polygon covers the place, unordered."""
        found = [(start + p, g) for start in range(0, len(places), _CHUNK) for p, g in [self._chunk(places, start)]]
        return join_pairs(found)

    def _first_exact(self, places: Places) -> Ints:
        out = np.full(len(places), _NOTHING, np.int32)
        point, polygon = self.pairs(places)
        np.minimum.at(out, point, polygon.astype(np.int32))
        out[out == _NOTHING] = -1
        return out

    def _chunk(self, places: Places, start: int) -> tuple[Rows, Rows]:
        part = slice(start, start + _CHUNK)
        lon, lat = places.lon[part], places.lat[part]
        point, polygon = self._tree.query(places.points[part])
        covers = shapely.intersects_xy(self._geometries[polygon], lon[point], lat[point])
        return point[covers], polygon[covers]

    def _grid_when_worth_it(self, n: int) -> AreaGrid | None:
        self._query_count += n
        if self._grid is None and self._query_count > GRID_AFTER and len(self._geometries):
            self._grid = AreaGrid(self._geometries)
        # Even once built, the grid costs more than the tree for a single point.
        return self._grid if n > 8 else None


class AreaGrid:
    """A square table over the polygons' bounds: per cell the lowest polygon, -1 none, -2 exact test needed."""

    def __init__(self, geometries: NDArray[np.object_], size: int = GRID_SIZE) -> None:
        west, south, east, north = shapely.total_bounds(geometries)
        self._bounds = (west, south, east, north)
        width, height = max(east - west, 1e-9), max(north - south, 1e-9)
        self.size = _affordable(geometries, width, height, size)
        self._per_lon, self._per_lat = self.size / width, self.size / height
        self._table = self._build(geometries)

    def lookup(self, lon: Floats, lat: Floats) -> Ints:
        """Return the table value at each point; -1 outside."""
        west, south, east, north = self._bounds
        inside = (lon >= west) & (lon <= east) & (lat >= south) & (lat <= north)
        u, v = self._cells_of(lon, lat)
        last = self.size - 1
        column = np.clip(u, 0, last).astype(np.intp)  # positive, so the cast rounds down
        row = np.clip(v, 0, last).astype(np.intp)
        row *= self.size
        row += column
        out: Ints = self._table[row]
        out[~inside] = -1
        return out

    def _cells_of(self, lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
        return (lon - self._bounds[0]) * self._per_lon, (lat - self._bounds[1]) * self._per_lat

    def _build(self, geometries: NDArray[np.object_]) -> Ints:
        u, v, owner = self._edges(geometries)
        cells = self.size * self.size
        # Lowest polygon whose boundary crosses a cell, and lowest that contains the cell's centre. Where the first is
        # higher than the second, the second contains the whole cell and no lower one touches it.
        border = np.full(cells, _NOTHING, np.int32)
        for cell, who in self._border_cells(u, v, owner):
            np.minimum.at(border, cell, who)
        centre = np.full(cells, _NOTHING, np.int32)
        for cell, who in self._centre_cells(u, v, owner):
            np.minimum.at(centre, cell, who)
        table = np.where(centre == _NOTHING, np.int32(-1), centre)
        table[(border <= centre) & (border != _NOTHING)] = _BORDER
        return table

    def _edges(self, geometries: NDArray[np.object_]) -> tuple[Floats, Floats, Ints]:
        """Return the edges of all rings in cell units: u and v of shape (edges, 2), and the polygon of each."""
        parts, part_owner = simple_parts(geometries)
        rings, ring_part = shapely.get_rings(parts, return_index=True)
        xy, ring = shapely.get_coordinates(rings, return_index=True)
        u, v = self._cells_of(xy[:, 0], xy[:, 1])
        start = np.flatnonzero(ring[1:] == ring[:-1])
        owner = part_owner[ring_part[ring[start]]].astype(np.int32)
        return np.stack([u[start], u[start + 1]], 1), np.stack([v[start], v[start + 1]], 1), owner

    def _border_cells(self, u: Floats, v: Floats, owner: Ints) -> Iterator[tuple[Rows, Ints]]:
        """Yield every cell that an edge touches, widened by _SLACK: edges are cut by rows, each piece spans columns."""
        low = self._clip(np.floor(v.min(axis=1) - _SLACK))
        high = self._clip(np.floor(v.max(axis=1) + _SLACK))
        for edge, row in _spans(low, high):
            u1, v1 = u[edge, 0], v[edge, 0]
            du, dv = u[edge, 1] - u1, v[edge, 1] - v1
            dv[dv == 0] = 1e-300  # a horizontal edge: the cuts below clip to its two ends
            with np.errstate(over="ignore"):
                t0 = np.clip((row - _SLACK - v1) / dv, 0, 1)
                t1 = np.clip((row + 1 + _SLACK - v1) / dv, 0, 1)
            end0, end1 = u1 + t0 * du, u1 + t1 * du
            west = self._clip(np.floor(np.minimum(end0, end1) - _SLACK))
            east = self._clip(np.floor(np.maximum(end0, end1) + _SLACK))
            for piece, column in _spans(west, east):
                yield row[piece] * self.size + column, owner[edge[piece]]

    def _centre_cells(self, u: Floats, v: Floats, owner: Ints) -> Iterator[tuple[Rows, Ints]]:
        """Yield every cell whose centre is inside a polygon: crossings of row centre lines, paired even-odd."""
        low = np.ceil(v.min(axis=1) - 0.5).astype(np.intp)
        high = np.ceil(v.max(axis=1) - 0.5).astype(np.intp) - 1
        low, high = np.maximum(low, 0), np.minimum(high, self.size - 1)
        crossings = []
        for edge, row in _spans(low, high):
            v1 = v[edge, 0]
            at = u[edge, 0] + (row + 0.5 - v1) / (v[edge, 1] - v1) * (u[edge, 1] - u[edge, 0])
            crossings.append((owner[edge], row, at))
        if not crossings:
            return
        who, row, at = (np.concatenate(columns) for columns in zip(*crossings, strict=True))
        order = np.lexsort((at, row, who))
        who, row, at = who[order][::2], row[order][::2], at[order]
        west = np.maximum(np.ceil(at[::2] - 0.5).astype(np.intp), 0)
        east = np.minimum(np.ceil(at[1::2] - 0.5).astype(np.intp) - 1, self.size - 1)
        for interval, column in _spans(west, east):
            yield row[interval] * self.size + column, who[interval]

    def _clip(self, cell: Floats) -> Rows:
        return np.clip(cell, 0, self.size - 1).astype(np.intp)


def _spans(first: Rows, last: Rows, budget: int = 2_000_000) -> Iterator[tuple[Rows, Rows]]:
    """Yield for each i all whole numbers first[i]..last[i] as pairs (i, number), in chunks of about `budget`."""
    count = np.maximum(last - first + 1, 0)
    ends = np.cumsum(count)
    start = 0
    while start < len(count):
        before = int(ends[start - 1]) if start else 0
        stop = max(start + 1, int(np.searchsorted(ends, before + budget, side="right")))
        part = count[start:stop]
        which = np.repeat(np.arange(start, stop), part)
        offset = np.arange(len(which)) - np.repeat(ends[start:stop] - part - before, part)
        if len(which):
            yield which, first[which] + offset
        start = stop


def _affordable(geometries: NDArray[np.object_], width: float, height: float, size: int) -> int:
    """Return the grid size, halved until the cells touched while building stay below _GRID_WORK."""
    west, south, east, north = shapely.bounds(geometries).T
    area = float(np.sum(shapely.area(geometries))) / (width * height)
    length = float(np.sum(shapely.length(geometries))) * (1 / width + 1 / height)
    vertices = int(np.sum(shapely.get_num_coordinates(geometries)))
    while size > 16 and area * size * size + length * size + vertices > _GRID_WORK:
        size //= 2
    return size
