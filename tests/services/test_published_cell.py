"""A published cell is as large as data/rules/privacy.toml says: in the report, in the counts, in tiles."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from crisismap import bootstrap
from crisismap.core.people.person import STRANGER
from crisismap.core.place.geodesy import distance_m
from crisismap.core.place.mercator import Tile, latitude
from crisismap.core.place.place import cell_place
from crisismap.core.privacy import Audience, PrivacyRules
from crisismap.services.lists import read
from crisismap.services.lists.cells import resolution_of
from crisismap.services.runtime.context import Context
from crisismap.situation.board.selection import ALL
from tests.conftest import FakeClock
from tests.services.deployment import ask, opened
from tests.situation import vector_tile

HERE = (80.2512, 13.0512)


@pytest.fixture(params=[7, 8])
def context(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Context]:
    files = replace(bootstrap.read_rule_files(), privacy=PrivacyRules(request.param))
    monkeypatch.setattr(bootstrap, "read_rule_files", lambda: files)
    with opened(tmp_path, FakeClock(1_800_000_000_000)) as made:
        yield made


def test_publishes_the_cell_that_the_rules_ask_for(context: Context):
    asked, _ = ask(context, lon=HERE[0], lat=HERE[1])
    lon, lat, radius = cell_place(*HERE, context.rules.privacy.cell_resolution)
    record = read.record(context.store, context.views, context.clock, STRANGER, asked)
    assert (record.lon, record.lat, record.accuracy_m) == (lon, lat, radius)
    assert resolution_of(context.rules) == context.rules.privacy.cell_resolution
    tile = Tile.at(lon, lat, 15)
    body = context.views.tiles.index(Audience.PUBLIC, ALL, context.clock()).tile(tile.z, tile.x, tile.y)
    (drawn,) = vector_tile.read(body)["reports"]
    side = 1 << tile.z
    at = ((tile.x + drawn.x / 4096) / side * 360 - 180, latitude((tile.y + drawn.y / 4096) / side))
    assert distance_m(*at, lon, lat) < 1
