"""A picture layer is known by its id, has an address once it has answered, and gives out what there is."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from crisismap.core.errors import Invalid, NotFound
from crisismap.core.layer.source import LayerSource, SourceKind
from crisismap.core.place.mercator import Tile
from crisismap.jobs.feeds import refresh_feeds
from crisismap.services.layers.feeds import follow
from crisismap.services.layers.publish import put_layer_bytes
from crisismap.services.layers.rasters import RasterTile, is_picture, pictures, tile, tiles_of
from crisismap.services.runtime.context import Context
from tests.conftest import FakeClock
from tests.layers import pictures as drawn
from tests.layers.feed_server import FeedServer
from tests.layers.samples import SQUARE, collection, feature, polygon
from tests.people import AGENCY
from tests.services.deployment import opened

IN = Tile.at(*drawn.HERE, 12)


@pytest.fixture
def following(tmp_path: Path, clock: FakeClock, maps: FeedServer) -> Iterator[Context]:
    """A deployment that follows the pictures of that server, and has not asked yet."""
    with opened(tmp_path / "data", clock, CRISISMAP_FETCH_HOSTS=maps.host) as one:
        said = {"url": maps.url("/{z}/{x}/{y}.png"), "bbox": drawn.BOX, "max_zoom": 14, "format": "xyz"}
        source = LayerSource("radar", "Radar", "context", SourceKind.PICTURE, attribution="A", **said)
        follow(one.store, one.views, one.clock(), AGENCY, source)
        yield one


def get(context: Context, asked: Tile = IN, layer_id: str = "radar") -> RasterTile:
    return tile(context.store, context.views.rasters, context.clock, layer_id, asked)


def test_has_an_address_once_its_server_has_answered(following: Context) -> None:
    store, rasters = following.store, following.views.rasters
    [waiting] = pictures(store, rasters)
    assert tiles_of(waiting) == ""
    with pytest.raises(NotFound):
        get(following)
    refresh_feeds(following)
    rasters.forget_sources()
    [ready] = pictures(store, rasters)
    assert tiles_of(ready).startswith("/api/v1/layers/radar/picture/{z}/{x}/{y}?v=")
    assert is_picture(store, rasters, "radar")
    assert not is_picture(store, rasters, "wards")


def test_fetches_a_tile_once_and_again_when_it_is_old(following: Context, clock: FakeClock, maps: FeedServer) -> None:
    refresh_feeds(following)
    following.views.rasters.forget_sources()
    maps.asked.clear()
    first = get(following)
    assert first.stored is None
    assert first.pending is not None
    assert first.pending.result(20)
    held = get(following)
    assert held.stored is not None
    assert (held.stored.media_type, held.pending, len(maps.asked)) == ("image/png", None, 1)
    clock.advance(hours=1)
    old = get(following)
    assert (old.stored, old.pending is not None) == (held.stored, True), "shown while a newer one comes"


def test_asks_for_nothing_outside_the_box(following: Context, maps: FeedServer) -> None:
    refresh_feeds(following)
    following.views.rasters.forget_sources()
    maps.asked.clear()
    far = get(following, Tile.at(-120.0, -40.0, 12))
    assert far.stored is not None
    assert (far.stored.body, far.pending, len(maps.asked)) == (b"", None, 0)
    for wrong in (Tile(40, 0, 0), Tile(2, 9, 0)):
        with pytest.raises(Invalid):
            get(following, wrong)


def test_keeps_its_id_from_other_layers(following: Context) -> None:
    with pytest.raises(Invalid):
        put_layer_bytes(following, AGENCY, "radar", "area", collection(feature(polygon(SQUARE))))
