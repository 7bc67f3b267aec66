"""The road graph: joined at shared vertices, and the same shortest ways as a plain Dijkstra written for the test."""

from __future__ import annotations

import heapq

import numpy as np
import pytest
from shapely.geometry import LineString, MultiLineString, Point

from crisismap.core.layer.layer import Feature, Layer, LayerVersion, Role
from crisismap.core.place.geodesy import distance_m
from crisismap.situation.roads.graph import Passable, RoadGraph, RoadPoint

STEP = 0.001  # degrees; about 108 m east, 111 m north at 13 north


def road(id_: str, *points: tuple[float, float], **said: object) -> Feature:
    return Feature(id_, f"Road {id_}", "", LineString(points), said)


def graph(*features: Feature) -> RoadGraph:
    return RoadGraph([LayerVersion(Layer("r", "Roads", Role.TRANSPORT), 1, 0, features)])


def whole(made: RoadGraph) -> Passable:
    return Passable(made, np.ones(len(made), bool))


def way(passable: Passable, start: tuple[float, float], end: tuple[float, float]) -> float | None:
    begin, goal = passable.nearest_point(start), passable.nearest_point(end)
    assert begin is not None
    (path,) = passable.paths(begin, [goal])
    return None if path is None else path.metres


def grid(n: int, seed: int) -> list[Feature]:
    """Streets of a shaken n by n grid, some left out."""
    rng = np.random.default_rng(seed)
    at = np.stack(np.meshgrid(np.arange(n), np.arange(n)), axis=-1) * STEP + [80.0, 13.0]
    at += rng.normal(0, STEP / 6, at.shape)
    ends = [((i, j), (i, j + 1)) for i in range(n) for j in range(n - 1)]
    ends += [((i, j), (i + 1, j)) for i in range(n - 1) for j in range(n)]
    kept = [pair for pair in ends if rng.random() < 0.8]
    return [road(str(k), tuple(at[a].tolist()), tuple(at[b].tolist())) for k, (a, b) in enumerate(kept)]


def plain_dijkstra(features: list[Feature], start: tuple[float, float]) -> dict[tuple[float, float], float]:
    near: dict[tuple[float, float], list[tuple[tuple[float, float], float]]] = {}
    for feature in features:
        assert feature.geometry is not None
        a, b = feature.geometry.coords
        metres = distance_m(*a, *b)
        near.setdefault(a, []).append((b, metres))
        near.setdefault(b, []).append((a, metres))
    away, queue = {start: 0.0}, [(0.0, start)]
    while queue:
        metres, here = heapq.heappop(queue)
        if metres > away[here]:
            continue
        for there, step in near[here]:
            if metres + step < away.get(there, np.inf):
                away[there] = metres + step
                heapq.heappush(queue, (metres + step, there))
    return away


@pytest.mark.parametrize("seed", range(5))
def test_finds_the_same_ways_as_a_plain_dijkstra(seed: int) -> None:
    features = grid(12, seed)
    made = graph(*features)
    passable = whole(made)
    start = features[0].geometry.coords[0]  # type: ignore[union-attr]
    known = plain_dijkstra(features, start)
    reached = 0
    for piece in range(0, len(made), 7):
        end = tuple(made.segments.end[piece].tolist())
        (path,) = passable.paths(RoadPoint(0, 0.0, 0.0), [RoadPoint(piece, 1.0, 0.0)])
        if end not in known:
            assert path is None
            continue
        assert path is not None
        reached += 1
        # Theirs is on a sphere, ours on the ellipsoid.
        assert path.metres == pytest.approx(known[end], rel=6e-3, abs=0.1)
        assert path.line[0] == start and path.line[-1] == end
        assert len(path.line) == len(path.pieces) + 1
        told = sum(distance_m(*a, *b) for a, b in zip(path.line[:-1], path.line[1:], strict=True))
        assert told == pytest.approx(path.metres, rel=6e-3, abs=0.1)
    assert reached > 10


def test_joins_at_shared_vertices_only() -> None:
    made = graph(
        road("east", (80.0, 13.0), (80.01, 13.0)),
        road("on", (80.010_000_4, 13.0), (80.02, 13.0)),  # 4 cm off
        road("over", (80.005, 12.995), (80.005, 13.005)),  # a bridge over the first
    )
    passable = whole(made)
    assert way(passable, (80.0, 13.0), (80.02, 13.0)) == pytest.approx(2169, abs=2)
    assert way(passable, (80.0, 13.0), (80.005, 13.005)) is None


def test_sets_out_in_the_middle_of_a_piece_and_goes_both_ways() -> None:
    passable = whole(graph(road("a", (80.0, 13.0), (80.01, 13.0)), road("b", (80.01, 13.0), (80.02, 13.0))))
    spot = passable.nearest_point((80.004, 13.001))
    assert spot is not None
    assert (round(spot.along, 3), round(spot.away_m)) == (0.4, 111)
    assert way(passable, (80.004, 13.001), (80.006, 13.0)) == pytest.approx(217, abs=1)
    assert way(passable, (80.006, 13.0), (80.004, 13.0)) == pytest.approx(217, abs=1)
    assert way(passable, (80.009, 13.0), (80.012, 13.0)) == pytest.approx(325, abs=1)
    assert way(passable, (80.012, 13.0), (80.009, 13.0)) == pytest.approx(325, abs=1)
    assert way(passable, (80.004, 13.0), (80.004, 13.0)) == pytest.approx(0, abs=0.01)
    assert passable.nearest_point((80.5, 13.0)) is None


def test_goes_round_what_is_left_out() -> None:
    made = graph(
        road("straight", (80.0, 13.0), (80.01, 13.0), (80.02, 13.0)),
        road("round", (80.0, 13.0), (80.01, 13.01), (80.02, 13.0)),
        road("twin", (80.0, 13.0), (80.01, 13.0)),
    )
    straight = way(whole(made), (80.0, 13.0), (80.02, 13.0))
    assert straight == pytest.approx(2169, abs=2)
    twin = np.array([True, True, True, True, False])
    assert way(Passable(made, twin), (80.0, 13.0), (80.02, 13.0)) == pytest.approx(straight)
    shut = np.array([True, False, True, True, True])
    assert way(Passable(made, shut), (80.0, 13.0), (80.02, 13.0)) == pytest.approx(3099, abs=2)
    assert way(Passable(made, np.array([True, False, True, False, True])), (80.0, 13.0), (80.01, 13.0)) is not None


def test_takes_lines_of_every_kind_and_nothing_else() -> None:
    made = graph(
        Feature("m", "", "", MultiLineString([[(80, 13), (80.01, 13)], [(80.01, 13), (80.02, 13)]]), {}),
        Feature("p", "", "", Point(80, 13), {}),
        Feature("n", "", "", None, {}),
        road("r", (80.0, 13.0), (80.0, 13.01), kind="rail"),
        road("z", (80.0, 13.0), (80.0, 13.0)),
    )
    assert (len(made), len(made.features)) == (2, 2)
    assert way(whole(made), (80.0, 13.0), (80.02, 13.0)) == pytest.approx(2169, abs=2)
    assert len(graph()) == 0
    assert whole(graph()).nearest_point((80, 13)) is None


def test_sets_out_on_no_slip_of_the_data_and_no_island_between_shut_pieces() -> None:
    long = road("long", *((80.0 + k * 0.01, 13.008) for k in range(40)))
    slip = road("slip", (80.0, 13.0), (80.0001, 13.0))
    spot = whole(graph(slip, long)).nearest_point((80.0, 13.0))
    assert spot is not None
    assert spot.away_m > 800
    near = road("near", *((80.0 + k * 0.001, 13.0) for k in range(4)), (80.004, 13.008))
    made = graph(near, road("long", *((80.004 + k * 0.01, 13.008) for k in range(40))))
    shut = np.ones(len(made), bool)
    for usable, away in ((shut, 0), (np.arange(len(made)) != 3, 985)):
        spot = Passable(made, usable).nearest_point((80.0, 13.0))
        assert spot is not None and round(spot.away_m) == pytest.approx(away, abs=3)
