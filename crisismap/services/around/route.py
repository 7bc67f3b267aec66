"""Routes from one place to several others on roads not known to be blocked, or straight lines marked as such.

Reported closures are those that the person's own audience may know: the published ones for the public. The road graph
is built on first use after a layer has changed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np

from crisismap.core.layer.layer import LayerVersion, Role
from crisismap.core.people.person import Person
from crisismap.core.place.geodesy import direction, distance_m, line_length
from crisismap.services.runtime.caches import Caches, IdentityKey
from crisismap.services.runtime.context import audience_of
from crisismap.services.runtime.views import Views
from crisismap.situation.board.board import Board, Rows
from crisismap.situation.merge import disagreement as rules
from crisismap.situation.merge.batch_places import Places
from crisismap.situation.merge.statements import VERIFIED, last_seen, telling
from crisismap.situation.roads.closures import Closures
from crisismap.situation.roads.graph import Passable, Path, Point, RoadGraph
from crisismap.situation.roads.segments import Segments
from crisismap.situation.situation import Situation

NO_ROADS, NO_ROUTE = "no_roads", "no_way"
SHORTEST_M = 1.0  # steps shorter than this are omitted


@dataclass(frozen=True, slots=True)
class Target:
    """A destination and its straight-line distance."""

    place: Point
    straight_m: float


@dataclass(frozen=True, slots=True)
class RouteStep:
    """A stretch along one road; `name` is "" for an unnamed one."""

    name: str
    metres: float
    direction: str


@dataclass(frozen=True, slots=True)
class Route:
    """A route. `why` explains a straight line: NO_ROADS or NO_ROUTE; "" for a route on roads.

    `metres` is the total; `start_m` and `end_m` are the straight parts off the roads at either end. `avoided` counts
    closed stretches on the shortest route, `as_of_ms` is the time of the oldest layer used.
    """

    why: str
    metres: float
    line: tuple[Point, ...]
    steps: tuple[RouteStep, ...] = ()
    start_m: float = 0.0
    end_m: float = 0.0
    avoided: int = 0
    as_of_ms: int | None = None

    @property
    def by_road(self) -> bool:
        """Return whether it follows roads."""
        return not self.why

    @property
    def start_direction(self) -> str:
        """Return the direction from the start to the first road."""
        return direction(*self.line[0], *self.line[1])

    @property
    def end_direction(self) -> str:
        """Return the direction from the last road to the destination."""
        return direction(*self.line[-2], *self.line[-1])


def routes_to(views: Views, now_ms: int, person: Person, start: Point, targets: Sequence[Target]) -> list[Route]:
    """Return the route to each destination."""
    transport, hazards = views.situation.layers_of(Role.TRANSPORT), views.situation.layers_of(Role.HAZARD)
    closures = _closures(views.caches, transport, hazards) if transport else None
    if closures is None or not len(closures.graph) or not targets:
        return [_straight_route(start, target, NO_ROADS) for target in targets]
    board = views.situation.board(audience_of(person))
    rows = _reported_closures(views.situation, board, now_ms)
    closed = closures.shut(now_ms, board["lon"][rows], board["lat"][rows])
    places = [target.place for target in targets]
    paths = _paths(closures.passable(closed), start, places)
    free_paths = _paths(closures.passable(np.zeros_like(closed)), start, places) if closed.any() else paths
    as_of = min(min(version.moment_ms for version in transport), now_ms)
    routes = []
    for target, path, free in zip(targets, paths, free_paths, strict=True):
        avoided = [] if free is None else [closures.graph.feature[piece] for piece in free.pieces if closed[piece]]
        routes.append(_route(closures.graph, start, target, path, len(set(avoided)), as_of))
    return routes


def _paths(passable: Passable, start: Point, places: Sequence[Point]) -> list[Path | None]:
    begin = passable.nearest_point(start)
    if begin is None:
        return [None] * len(places)
    return passable.paths(begin, [passable.nearest_point(place) for place in places])


def _route(graph: RoadGraph, start: Point, target: Target, path: Path | None, avoided: int, as_of_ms: int) -> Route:
    if path is None:
        return _straight_route(start, target, NO_ROUTE, avoided, as_of_ms)
    start_m, end_m = distance_m(*start, *path.line[0]), distance_m(*path.line[-1], *target.place)
    metres = start_m + path.metres + end_m
    line = (start, *path.line, target.place)
    return Route("", metres, line, tuple(_steps(graph, path)), start_m, end_m, avoided, as_of_ms)


def _straight_route(start: Point, target: Target, why: str, avoided: int = 0, as_of_ms: int | None = None) -> Route:
    return Route(why, target.straight_m, (start, target.place), avoided=avoided, as_of_ms=as_of_ms)


def _steps(graph: RoadGraph, path: Path) -> Iterator[RouteStep]:
    """Return the steps; consecutive stretches with the same name are one step."""
    names = ((graph.features[graph.feature[piece]].name.strip(), at) for at, piece in enumerate(path.pieces))
    for name, group in groupby(names, key=lambda each: each[0]):
        numbers = [at for _, at in group]
        points = path.line[numbers[0] : numbers[-1] + 2]
        metres = line_length(points)
        if metres >= SHORTEST_M:
            yield RouteStep(name, metres, direction(*points[0], *points[-1]))


def _reported_closures(situation: Situation, board: Board, now_ms: int) -> Rows:
    """Return reports of closed roads, except where a later verified report nearby says the road is open."""
    closed = telling(situation, board, "transport", rules.REPORT_ROAD_SHUT, now_ms)
    open_rows = telling(situation, board, "transport", rules.REPORT_ROAD_OPEN, now_ms)
    open_rows = open_rows[board["verification"][open_rows] == VERIFIED]
    if not len(closed) or not len(open_rows):
        return closed
    at = np.column_stack([board["lon"][open_rows], board["lat"][open_rows]])
    reach = np.full(len(closed), rules.PASSABLE_M)
    report, opening = Segments(at, at).near(Places(board["lon"][closed], board["lat"][closed]), reach)
    later = last_seen(board, open_rows)[opening] > last_seen(board, closed)[report]
    still_closed: Rows = np.delete(closed, np.unique(report[later]))
    return still_closed


def _closures(caches: Caches, transport: tuple[LayerVersion, ...], hazards: tuple[LayerVersion, ...]) -> Closures:
    """Return the closures of the loaded layers, computed once by the first caller while others wait."""

    def make() -> Closures:
        graph = caches.road_graphs.get(IdentityKey(*transport), lambda: RoadGraph(transport))
        return Closures(graph, transport, hazards)

    return caches.closures.get((IdentityKey(*transport), IdentityKey(*hazards)), make)
