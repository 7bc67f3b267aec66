"""Roads of the made-up city meet in common vertices, so that one can go from nearly everywhere to everywhere."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from crisismap.demo.city.city import city
from crisismap.demo.city.junctions import join
from crisismap.demo.city.roads import Road

DRY = shapely.Polygon()


def line(*points: tuple[float, float]) -> shapely.LineString:
    return shapely.LineString(points)


def test_puts_the_same_vertex_into_both_roads_of_a_crossing() -> None:
    a, b = join([line((0, 0), (100, 1)), line((50, -50), (51, 50))], [0, 0], DRY)
    shared = set(a.coords) & set(b.coords)
    assert len(shared) == 1
    assert shapely.Point(*shared).distance(shapely.Point(50.5, 0.5)) < 0.1


def test_leads_an_end_on_to_the_next_road_over_dry_ground_only() -> None:
    road, street = line((0, 0), (1000, 0)), line((500, 100), (500, 900))
    a, b = join([road, street], [0, 200], DRY)
    assert (500.0, 0.0) in a.coords and b.coords[0] == (500.0, 0.0)
    assert join([road, street], [0, 99], DRY) == [road, street]
    assert join([road, street], [0, 200], shapely.box(0, 40, 1000, 60)) == [road, street]


def test_keeps_ends_that_meet_already() -> None:
    lines = [line((0, 0), (900, 0)), line((900, 0), (900, 900))]
    assert join(lines, [200, 200], DRY) == lines


@pytest.mark.parametrize("seed", [2015, 7])
def test_makes_one_network_of_nearly_all_roads(seed: int) -> None:
    roads: list[Road] = [road for road in city(seed).roads if road.kind != "rail"]
    group: dict[tuple[float, ...], int] = {}
    parent = list(range(len(roads)))

    def root(n: int) -> int:
        while parent[n] != n:
            parent[n] = n = parent[parent[n]]
        return n

    for n, road in enumerate(roads):
        for at in road.shape.coords:
            other = group.setdefault(at, n)
            parent[root(n)] = root(other)
    metres = np.bincount([root(n) for n in range(len(roads))], [road.shape.length for road in roads])
    assert metres.max() > 0.85 * metres.sum()
