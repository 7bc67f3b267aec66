"""The marks of a tile: its occupied cells, which of them are one mark, and the clusters among them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from crisismap.situation.tiles import grouping, mvt

# Above it up to grouping.FAN points that would hide each other are fanned out; more of them are still a cluster.
CLUSTER_MAX_ZOOM = 15
UNRANKED = 5  # unanswered, urgency unknown
_CLUSTER_KEYS = ("count", "unanswered", "urgency", "label", "ring")
_UNANSWERED_WEIGHS = 1 << 24  # more than all points that are not

Flags = npt.NDArray[np.bool_]
Positions = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Cells:
    """The occupied cells of a tile; arrays [n]: the number of each among all cells, and how many points it has."""

    number: Positions
    size: Positions
    first: Positions  # smallest row
    x: Positions  # mean of the points, in tile coordinates
    y: Positions
    demand: Positions  # [5, n]: the unanswered of urgency 1 .. 4 and UNRANKED

    def grouped(self, z: int) -> Marks:
        """Return the cells that are drawn as one mark together at a zoom."""
        # Points alone are drawn at their own places, which are never nearer to each other than those moved inside.
        x, y = grouping.inside(self.x), grouping.inside(self.y)
        weight = self.demand.sum(axis=0) * _UNANSWERED_WEIGHS + self.size
        seeds, of_cell = np.unique(grouping.merged(x, y, weight), return_inverse=True)
        if alone(z) > 1:
            seeds, of_cell = self._apart(seeds, of_cell)
            x, y = (grouping.inside(each, self._margins(seeds, of_cell)) for each in (self.x, self.y))
        first = np.full(len(seeds), np.iinfo(np.int64).max)
        np.minimum.at(first, of_cell, self.first)
        demand = np.zeros((len(self.demand), len(seeds)), np.int64)
        np.add.at(demand.T, of_cell, self.demand.T)
        count = np.bincount(of_cell, self.size).astype(np.int64)
        return Marks(of_cell, count, first, x[seeds], y[seeds], demand)

    def _apart(self, seeds: Positions, of_cell: Positions) -> tuple[Positions, Positions]:
        """Return the seeds and the marks of the cells when those are together whose fans would cross."""
        while True:
            count = np.bincount(of_cell, self.size).astype(np.int64)
            margin = grouping.margins(count)
            x, y = grouping.inside(self.x[seeds], margin), grouping.inside(self.y[seeds], margin)
            weight = np.bincount(of_cell, self.demand.sum(axis=0)).astype(np.int64) * _UNANSWERED_WEIGHS + count
            kept, of_mark = np.unique(grouping.merged(x, y, weight, grouping.radii(count)), return_inverse=True)
            if len(kept) == len(seeds):
                return seeds, of_cell
            seeds, of_cell = seeds[kept], of_mark[of_cell]

    def _margins(self, seeds: Positions, of_cell: Positions) -> Positions:
        """Return for each cell the margin of the mark whose seed it is."""
        margin = np.full(len(self.x), grouping.MARGIN, np.int64)
        margin[seeds] = grouping.margins(np.bincount(of_cell, self.size).astype(np.int64))
        return margin

    def together(self, z: int, number: int) -> Positions:
        """Return the numbers of the cells that are drawn as one mark with a cell at a zoom."""
        of_cell = self.grouped(z).of_cell
        numbers: Positions = self.number[of_cell == of_cell[self.number.searchsorted(number)]]
        return numbers


@dataclass(frozen=True, slots=True)
class Marks:
    """The marks of a tile; `of_cell` is the mark of each cell, the other arrays are as those of Cells."""

    of_cell: Positions
    count: Positions
    first: Positions
    x: Positions
    y: Positions
    demand: Positions


def alone(z: int) -> int:
    """Return how many points of a mark are drawn by themselves."""
    return grouping.FAN if z > CLUSTER_MAX_ZOOM else 1


def cluster_layer(groups: Marks, clusters: Flags) -> bytes:
    """Return the layer `clusters` of some of the marks of a tile; b"" without any."""
    those = np.flatnonzero(clusters)
    demand = groups.demand[:, those]
    # The last is drawn on top: that of the most urgent, and of equals that of most.
    worst = np.where(demand.any(axis=0), (demand > 0).argmax(axis=0), UNRANKED)
    those = those[np.lexsort((demand.sum(axis=0), -worst))]
    columns = (groups.first, groups.x, groups.y, groups.count)
    features: list[mvt.FreeFeature] = []
    for row, across, down, size, demand in zip(
        *(each[those].tolist() for each in columns), groups.demand.T[those].tolist(), strict=True
    ):
        unanswered, ranked = sum(demand), demand[: UNRANKED - 1]
        urgency = next((at + 1 for at, each in enumerate(ranked) if each), None)
        ring = grouping.ring(tuple(ranked)) if urgency else None
        features.append((row, across, down, (size, unanswered, urgency, short(unanswered or size), ring)))
    return mvt.free_layer("clusters", _CLUSTER_KEYS, features)


def ranges(start: Positions, size: Positions) -> Positions:
    """Return the numbers of several ranges behind each other."""
    ends = np.cumsum(size)
    if not len(size):
        return ends
    return np.arange(int(ends[-1])) + np.repeat(start - ends + size, size)


def ranks_within(group: Positions) -> Positions:
    """Return for each member its number within its group, by the order in which they are."""
    order = np.argsort(group, kind="stable")
    ordered = group[order]
    begins = np.flatnonzero(np.append(True, ordered[1:] != ordered[:-1]))
    ranks = np.empty(len(group), np.int64)
    ranks[order] = np.arange(len(group)) - np.repeat(begins, np.diff(np.append(begins, len(group))))
    return ranks


def short(count: int) -> str:
    """Return a count as a short label, rounded down: 999, 1.2k, 12k, 1.2M."""
    for size, unit in ((1_000_000, "M"), (1_000, "k")):
        if count >= 10 * size:
            return f"{count // size}{unit}"
        if count >= size:
            whole, tenth = divmod(count * 10 // size, 10)
            return f"{whole}.{tenth}{unit}" if tenth else f"{whole}{unit}"
    return str(count)
