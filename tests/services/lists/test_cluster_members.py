"""Members of a cluster on the map, the most urgent first, as the tile that drew it counted them."""

from __future__ import annotations

import pytest

from crisismap.core.place.mercator import Tile
from crisismap.core.privacy import Audience
from crisismap.services.lists.cluster_members import in_cluster
from crisismap.services.runtime.context import Context
from crisismap.situation.board.selection import ALL, Selection
from tests.conftest import FakeClock
from tests.services.deployment import ask
from tests.situation.vector_tile import read


def test_puts_the_most_urgent_first(context: Context, clock: FakeClock) -> None:
    for text, category in (("wet", "flooding"), ("a boat", "rescue"), ("trapped", "rescue"), ("deep", "flooding")):
        ask(context, text=text, category=category)
        clock.advance(minutes=1)
    board = context.views.situation.board(Audience.AGENCY)
    index = context.views.tiles.index(Audience.AGENCY, ALL, clock.ms)
    assert in_cluster(board, index, 0, 4)[0] == [2, 1, 3, 0]


def test_leaves_out_what_the_map_does_not_draw(context: Context, clock: FakeClock) -> None:
    for category in ("flooding", "rescue", "rescue"):
        ask(context, category=category)
    board = context.views.situation.board(Audience.AGENCY)
    index = context.views.tiles.index(Audience.AGENCY, Selection(category=("rescue",)), clock.ms)
    assert in_cluster(board, index, 1, 2)[0] == [1, 2]
    assert in_cluster(board, index, 0, 2) == ([], None)


@pytest.mark.parametrize("zoom", [6, 9, 11, 15])
def test_finds_the_very_members_of_a_cluster_in_a_tile(context: Context, clock: FakeClock, zoom: int) -> None:
    for number in range(40):
        ask(context, lon=80.2 + number % 8 * 0.0004, lat=13.0 + number // 8 * 0.0004)
    board = context.views.situation.board(Audience.AGENCY)
    index = context.views.tiles.index(Audience.AGENCY, ALL, clock.ms)
    seen = 0
    for tile in {Tile.at(80.2 + x * 0.0004, 13.0 + y * 0.0004, zoom) for x in range(8) for y in range(5)}:
        for feature in read(index.tile(tile.z, tile.x, tile.y)).get("clusters", []):
            rows, box = in_cluster(board, index, feature.id, feature.properties["count"])
            assert (len(rows), min(rows)) == (feature.properties["count"], feature.id)
            assert box is not None
            assert box[0] <= board["lon"][feature.id] <= box[2]
            seen += len(rows)
    assert seen
