"""What a tile draws on top of what, and what it moves aside so that nothing hides anything else."""

from __future__ import annotations

import time

import pytest

from crisismap.situation.tiles.grouping import MARGIN
from crisismap.situation.tiles.marks import CLUSTER_MAX_ZOOM
from crisismap.situation.tiles.points import Attribute
from crisismap.situation.tiles.tiles import MAX_ZOOM, TileIndex
from tests.situation import vector_tile
from tests.situation.tiles.test_tiles import ATTRIBUTES, holding, points


def test_draws_of_equally_urgent_points_the_one_with_the_higher_attribute_on_top() -> None:
    place = (80.2, 13.0)
    attributes = (Attribute("category", ("a", "b", "c"), (0, 2, 1)), Attribute("priority", (1, 2)))
    spots = {1: (*place, 1, 2, True), 2: (*place, 0, 2, True), 3: (*place, 2, 2, True), 4: (*place, 255, 1, True)}
    drawn = vector_tile.read(TileIndex.build(points(spots), attributes, 1).tile(*holding(16, *place)))["reports"]
    assert [seen.id for seen in drawn] == [2, 3, 1, 4]
    top = min(drawn, key=lambda each: each.y)
    assert top.id == 4, "in a fan the most urgent is at the top"


def test_draws_clusters_of_the_most_urgent_last() -> None:
    spots = {
        10 * at + n: (80.17 + 0.06 * at, 13.0, 0, urgency, urgency > 0)
        for at, urgency in enumerate((1, 0, 4, 2, 3))
        for n in range(3)
    }
    drawn = vector_tile.read(TileIndex.build(points(spots), ATTRIBUTES, 1).tile(*holding(10, 80.2, 13.0)))["clusters"]
    assert [each.properties.get("urgency") for each in drawn] == [None, 4, 3, 2, 1]


@pytest.mark.parametrize("z", [10, CLUSTER_MAX_ZOOM, CLUSTER_MAX_ZOOM + 2])
def test_draws_points_on_both_sides_of_an_edge_beside_each_other_with_a_line_to_their_places(z: int) -> None:
    edge = 360 / 2**6
    spots = {1: (edge - 1e-7, 13.0, 0, 1, True), 2: (edge + 1e-7, 13.0, 0, 1, True)}
    index = TileIndex.build(points(spots), ATTRIBUTES, 1)
    left, right = (vector_tile.read(index.tile(*holding(z, edge + side, 13.0))) for side in (-1e-7, 1e-7))
    assert (left["reports"][0].x, right["reports"][0].x) == (4095 - MARGIN, MARGIN)
    assert left["legs"][0].x >= 4088
    assert right["legs"][0].x <= 8
    assert left["legs"][0].end == (left["reports"][0].x, left["reports"][0].y)


def test_leaves_a_point_at_an_edge_at_its_place_where_nothing_is_beyond() -> None:
    edge = 360 / 2**6
    layers = vector_tile.read(
        TileIndex.build(points({1: (edge + 1e-7, 13.0, 0, 1, True)}), ATTRIBUTES, 1).tile(*holding(12, edge, 13.0))
    )
    assert list(layers) == ["reports"]
    assert layers["reports"][0].x <= 1


def test_puts_fans_that_would_cross_together() -> None:
    """Two places of five, some 70 pixels from each other: their symbols would stand among each other."""
    z = CLUSTER_MAX_ZOOM + 1
    step = 70 / 512 * 360 / 2**z
    spots = {row: (80.199 + (row % 2) * step, 13.0, 0, 1, True) for row in range(10)}
    index = TileIndex.build(points(spots), ATTRIBUTES, 1)
    [cluster] = vector_tile.read(index.tile(*holding(z, 80.199, 13.0)))["clusters"]
    assert cluster.properties["count"] == 10
    assert sorted(index.members(cluster.id, 10).tolist()) == list(range(10))


def test_draws_five_thousand_at_one_point_as_one_mark_with_their_list_behind_it() -> None:
    place = (80.2, 13.0)
    index = TileIndex.build(points({row: (*place, 0, 1 + row % 4, True) for row in range(5000)}), ATTRIBUTES, 1)
    for z in range(9, MAX_ZOOM + 1):
        began = time.process_time()
        layers = vector_tile.read(index.tile(*holding(z, *place)))
        assert time.process_time() - began < 0.5
        assert list(layers) == ["clusters"], "no legs, which nobody could tell apart"
        assert [each.properties["label"] for each in layers["clusters"]] == ["5k"]
    assert len(index.members(0, 5000)) == 5000
