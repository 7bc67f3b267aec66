"""Road junctions: ends are extended to the next road, and roads get a common vertex at a crossing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

Xy = tuple[float, float]
CLOSE = 0.5  # metres within which an existing vertex is the junction


def join(lines: Sequence[shapely.LineString], reach: Sequence[float], water: BaseGeometry) -> list[shapely.LineString]:
    """Return the lines with common vertices. `reach`: maximum extension of each in metres, over dry ground only."""
    tree = shapely.STRtree(list(lines))
    cuts: dict[int, list[Xy]] = defaultdict(list)
    extended: list[shapely.LineString] = []
    shapely.prepare(water)
    for number, line in enumerate(lines):
        points = [tuple(point) for point in line.coords]
        for at in (0, -1):
            junction = _find_junction(tree, lines, number, shapely.Point(points[at]), reach[number], water)
            if junction is not None:
                other, point = junction
                points.insert(0 if at == 0 else len(points), point)
                cuts[other].append(point)
        extended.append(shapely.LineString(points))
    for a, b in _crossing(extended):
        # Of a common stretch, its vertices.
        for x, y in shapely.get_coordinates(shapely.intersection(extended[a], extended[b])).tolist():
            known = _vertex_at((extended[a], extended[b]), cuts[a] + cuts[b], (x, y))
            cuts[a].append(known)
            cuts[b].append(known)
    return [_insert_vertices(line, cuts[number]) for number, line in enumerate(extended)]


def _find_junction(
    tree: shapely.STRtree,
    lines: Sequence[shapely.LineString],
    number: int,
    end: shapely.Point,
    reach: float,
    water: BaseGeometry,
) -> tuple[int, Xy] | None:
    """Return the road that an end is extended to, and where; None if it touches one already or none is in reach."""
    near = [n for n in tree.query(end, predicate="dwithin", distance=reach).tolist() if n != number]
    by_distance = sorted((lines[n].distance(end), n) for n in near)
    for metres, other in by_distance:
        point = lines[other].interpolate(lines[other].project(end))
        x, y = _vertex_at((lines[other],), [], (point.x, point.y))
        if (x, y) == (end.x, end.y):
            return None
        if metres < CLOSE or not water.intersects(shapely.LineString([(end.x, end.y), (x, y)])):
            return other, (x, y)
    return None


def _crossing(lines: Sequence[shapely.LineString]) -> Iterable[tuple[int, int]]:
    first, second = shapely.STRtree(list(lines)).query(list(lines), predicate="intersects")
    return [(a, b) for a, b in zip(first.tolist(), second.tolist(), strict=True) if a < b]


def _vertex_at(lines: Iterable[shapely.LineString], more: Sequence[Xy], point: Xy) -> Xy:
    """Return the existing vertex, else the point itself."""
    vertices = [*more, *((x, y) for line in lines for x, y in line.coords)]
    x, y = min(vertices, key=lambda each: float(np.hypot(each[0] - point[0], each[1] - point[1])))
    return (x, y) if np.hypot(x - point[0], y - point[1]) <= CLOSE else point


def _insert_vertices(line: shapely.LineString, points: Sequence[Xy]) -> shapely.LineString:
    """Return the line with further vertices, each at its place along it."""
    vertices = [(x, y) for x, y in line.coords]
    steps = np.hypot(*np.diff(np.array(vertices), axis=0).T)
    along = [*zip([0.0, *np.cumsum(steps).tolist()], vertices, strict=True)]
    further = [(line.project(shapely.Point(point)), point) for point in dict.fromkeys(points) if point not in vertices]
    return shapely.LineString([point for _, point in sorted([*along, *further], key=lambda each: each[0])])
