"""The roads of the loaded transport layers as a graph, and the shortest route through its usable part.

Pieces of road join where they share a vertex (to about a metre); lines that cross without one do not: a bridge has no
connection to the road below. One-way rules are ignored, because most users walk. Routes are computed by scipy's
Dijkstra on a sparse matrix (docs/decisions/0006-libraries.md): from one place to several targets at once.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely
from numpy.typing import NDArray

from crisismap.core.layer.layer import Feature, LayerVersion
from crisismap.core.layer.road import is_road
from crisismap.logs import count
from crisismap.situation.board.interned import Rows
from crisismap.situation.merge.batch_places import Places
from crisismap.situation.merge.layer_frame import simple_parts
from crisismap.situation.roads.segments import Segments

if TYPE_CHECKING:
    from scipy.sparse import csr_array

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]
Point = tuple[float, float]  # lon, lat

MOST_PIECES = 1_000_000  # bounds memory to what a small server has
GRID = 1e5  # vertices that agree to so many parts of a degree, about a metre, are one
REACHES_M = (250.0, 1_000.0)  # search radii for a road near the start
# Share of the longest usable network. A smaller one is an error of the data or isolated by closures, and no route
# starts on it, since it leads nowhere.
FRAGMENT = 0.01
log = logging.getLogger(__name__)
LIMIT_M = 100_000.0


@dataclass(frozen=True, slots=True)
class RoadPoint:
    """A position on a road: the piece, the fraction along it (0 to 1), and the metres from the requested place."""

    piece: int
    along: float
    away_m: float


@dataclass(frozen=True, slots=True)
class Path:
    """A route: its metres along roads, its line, and the piece of road of each section of the line."""

    metres: float
    line: tuple[Point, ...]
    pieces: tuple[int, ...]


class RoadGraph:
    """Returned numbers are pieces; `feature[piece]` is a position in `features`. Immutable."""

    def __init__(self, versions: Sequence[LayerVersion]) -> None:
        self.features: list[Feature] = [
            feature
            for version in versions
            for feature in version.features
            if feature.geometry is not None and "Line" in feature.geometry.geom_type and is_road(feature.properties)
        ]
        parts, owner = simple_parts([feature.geometry for feature in self.features if feature.geometry is not None])
        xy, of = shapely.get_coordinates(parts, return_index=True)
        first = np.flatnonzero(of[1:] == of[:-1])
        if len(first) > MOST_PIECES:
            log.warning("of %s pieces of road %s are used: routes may be lost", count(len(first)), count(MOST_PIECES))
            first = first[:MOST_PIECES]
        grid = np.round(xy * GRID).astype(np.int64)
        _, at, node = np.unique(grid[:, 0] * 2**32 + grid[:, 1], return_index=True, return_inverse=True)
        first = first[node[first] != node[first + 1]]
        self.place: Floats = xy[at]
        self.tail, self.head = node[first].astype(np.int32), node[first + 1].astype(np.int32)
        self.feature: Rows = owner[of[first]]
        self.segments = Segments(xy[first], xy[first + 1])
        self.metres = self.segments.lengths()

    def __len__(self) -> int:
        return len(self.metres)


class Passable:
    """The usable part of a graph, without some pieces."""

    def __init__(self, graph: RoadGraph, usable: Mask) -> None:
        from scipy.sparse import csr_array  # late: not needed at start

        self.graph, self.usable = graph, usable
        pieces = np.flatnonzero(usable)
        tail, head = graph.tail[pieces], graph.head[pieces]
        # Of several pieces between the same two nodes only the shortest can be on a shortest route.
        low, high = np.minimum(tail, head).astype(np.int64), np.maximum(tail, head)
        order = np.lexsort((graph.metres[pieces], low * 2**32 + high))
        pair = (low * 2**32 + high)[order]
        pieces = pieces[order[np.append(True, pair[1:] != pair[:-1])]] if len(pieces) else pieces
        n = len(graph.place)
        tail, head = graph.tail[pieces], graph.head[pieces]
        ends = (np.concatenate([tail, head]), np.concatenate([head, tail]))
        # The piece numbers are sorted into the matrix like the weights; 0 would be no entry.
        adjacency = csr_array((np.concatenate([pieces, pieces]) + 1, ends), shape=(n, n))
        self._piece: Rows = adjacency.data - 1
        self._to, self._row = adjacency.indices, adjacency.indptr
        self._worth = self._in_large_networks(adjacency) if len(pieces) else usable

    def _in_large_networks(self, adjacency: csr_array) -> Mask:
        """Return the usable pieces of networks that are large enough."""
        from scipy.sparse.csgraph import connected_components

        graph = self.graph
        _, label = connected_components(adjacency, directed=False)
        total = np.bincount(label[graph.tail], graph.metres * self.usable)
        leading: Mask = self.usable & (total[label[graph.tail]] >= FRAGMENT * total.max())
        return leading

    def nearest_point(self, place: Point) -> RoadPoint | None:
        """Return the nearest point on a usable road; None when none is near."""
        lon, lat = np.array([place[0]]), np.array([place[1]])
        origin = Places(lon, lat)
        for reach in REACHES_M:
            _, piece = self.graph.segments.near(origin, np.array([reach]))
            piece = piece[self._worth[piece]]
            if len(piece):
                along, away = self.graph.segments.project(np.repeat(lon, len(piece)), np.repeat(lat, len(piece)), piece)
                best = int(np.lexsort((piece, away))[0])
                return RoadPoint(int(piece[best]), float(along[best]), float(away[best]))
        return None

    def paths(self, start: RoadPoint, ends: Sequence[RoadPoint | None]) -> list[Path | None]:
        """Return the shortest route from one point to each of several; None where there is none."""
        from scipy.sparse import csr_array
        from scipy.sparse.csgraph import dijkstra

        graph, n = self.graph, len(self.graph.place)
        whole = float(graph.metres[start.piece])
        out = (int(graph.tail[start.piece]), int(graph.head[start.piece]))
        # The start is an additional node, connected to both ends of its piece.
        weights = np.concatenate([graph.metres[self._piece], [start.along * whole, (1 - start.along) * whole]])
        to = np.concatenate([self._to, np.array(out, self._to.dtype)])
        row = np.append(self._row, len(to)).astype(self._row.dtype)
        # scipy treats a weight of 0 as no edge.
        matrix = csr_array((np.maximum(weights, 1e-6), to, row), shape=(n + 1, n + 1))
        away, before = dijkstra(matrix, indices=np.array([n]), return_predecessors=True, limit=LIMIT_M)
        return [None if end is None else self._path(start, end, away[0], before[0]) for end in ends]

    def _path(self, start: RoadPoint, end: RoadPoint, away: Floats, before: NDArray[np.int32]) -> Path | None:
        graph = self.graph
        whole = float(graph.metres[end.piece])
        by_tail = float(away[graph.tail[end.piece]]) + end.along * whole
        by_head = float(away[graph.head[end.piece]]) + (1 - end.along) * whole
        direct = abs(start.along - end.along) * whole if start.piece == end.piece else np.inf
        best = min(by_tail, by_head, direct)
        if not np.isfinite(best) or best > LIMIT_M:
            return None
        if best == direct:
            return Path(best, (self._point(start), self._point(end)), (end.piece,))
        nodes = [int(graph.tail[end.piece] if by_tail <= by_head else graph.head[end.piece])]
        while before[nodes[-1]] != len(graph.place):
            nodes.append(int(before[nodes[-1]]))
        nodes.reverse()
        between = [self._piece_between(a, b) for a, b in zip(nodes[:-1], nodes[1:], strict=True)]
        line = (self._point(start), *(tuple(graph.place[node].tolist()) for node in nodes), self._point(end))
        return Path(best, line, (start.piece, *between, end.piece))

    def _piece_between(self, a: int, b: int) -> int:
        """Return the piece between two adjacent nodes."""
        of = slice(self._row[a], self._row[a + 1])
        return int(self._piece[of][np.flatnonzero(self._to[of] == b)[0]])

    def _point(self, point: RoadPoint) -> Point:
        start, end = self.graph.segments.start[point.piece], self.graph.segments.end[point.piece]
        lon, lat = (start + point.along * (end - start)).tolist()
        return lon, lat
