"""Members of a mark on the map: reports that share a point, and those of a cluster."""

from __future__ import annotations

import math

import pytest

from crisismap.core.privacy import Audience
from crisismap.services.lists.cluster_members import at_place, drawn_rows, in_cluster
from crisismap.services.runtime.context import Context
from crisismap.situation.board.selection import ALL, Selection
from tests.conftest import FakeClock
from tests.services.deployment import ask
from tests.situation.vector_tile import read


def test_lists_who_shares_the_published_point(context: Context, clock: FakeClock) -> None:
    for _ in range(3):
        ask(context, lon=80.2500, lat=13.0500)
    ask(context, lon=80.2501, lat=13.0501)
    ask(context, lon=80.9, lat=13.9)
    public, agency = (context.views.situation.board(audience) for audience in (Audience.PUBLIC, Audience.AGENCY))
    assert sorted(at_place(agency, 0, drawn_rows(context.views.situation, context.clock(), agency, ALL))) == [0, 1, 2]
    assert sorted(at_place(public, 0, drawn_rows(context.views.situation, context.clock(), public, ALL))) == [
        0,
        1,
        2,
        3,
    ], "one cell, one centre"
    none = drawn_rows(context.views.situation, context.clock(), agency, Selection(state=("answered",)))
    assert at_place(agency, 0, none) == []


def test_puts_the_most_urgent_first(context: Context, clock: FakeClock) -> None:
    for text, category in (("wet", "flooding"), ("a boat", "rescue"), ("trapped", "rescue"), ("deep", "flooding")):
        ask(context, text=text, category=category)
        clock.advance(minutes=1)
    board = context.views.situation.board(Audience.AGENCY)
    assert at_place(board, 0, drawn_rows(context.views.situation, context.clock(), board, ALL)) == [2, 1, 3, 0]


@pytest.mark.parametrize("zoom", [6, 9, 11])
def test_finds_the_very_members_of_a_cluster_in_a_tile(context: Context, clock: FakeClock, zoom: int) -> None:
    for number in range(40):
        ask(context, lon=80.2 + number % 8 * 0.004, lat=13.0 + number // 8 * 0.004)
    board = context.views.situation.board(Audience.AGENCY)
    keep = drawn_rows(context.views.situation, context.clock(), board, ALL)
    index = context.views.tiles.index(Audience.AGENCY, ALL, clock.ms)
    seen = 0
    for x, y in tiles_around(80.216, 13.01, zoom):
        for feature in read(index.tile(zoom, x, y)).get("clusters", []):
            rows, box = in_cluster(board, feature.id, feature.properties["count"], keep)
            assert len(rows) == feature.properties["count"]
            assert feature.id == min(rows)
            assert box[0] <= board["lon"][feature.id] <= box[2]
            seen += len(rows)
    assert seen


def tiles_around(lon: float, lat: float, zoom: int) -> list[tuple[int, int]]:
    x = int((lon + 180) / 360 * 2**zoom)
    y = int((1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2 * 2**zoom)
    return [(x + i, y + j) for i in (-1, 0, 1) for j in (-1, 0, 1)]
