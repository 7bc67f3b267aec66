"""One fetch serves all who ask; a server that fails is let alone for a while; what was kept stays."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from crisismap.core.errors import CrisismapError, Unavailable, Unreachable
from crisismap.core.layer.raster import Recipe
from crisismap.core.layer.source import LayerSource, SourceKind
from crisismap.core.place.mercator import Tile
from crisismap.layers.fetch.client import FetchLimits
from crisismap.layers.fetch.raster_cache import CachedTile, PictureCache
from crisismap.services.runtime.raster_fetcher import FIRST_WAIT_S, RasterFetcher, TileRequest, mark
from tests.conftest import FakeClock
from tests.layers import pictures as drawn
from tests.layers.feed_server import FeedServer

IN = Tile.at(*drawn.HERE, 12)


@pytest.fixture
def fetcher(tmp_path: Path, clock: FakeClock, maps: FeedServer) -> Iterator[RasterFetcher]:
    one = RasterFetcher(PictureCache(tmp_path / "pictures"), frozenset({maps.host}), clock, clock)
    one.bounds = FetchLimits(total_s=5.0, connect_s=2.0, silence_s=2.0, bytes=1 << 20)
    yield one
    one.close()


def request(maps: FeedServer, tile: Tile = IN) -> TileRequest:
    url = maps.url("/{z}/{x}/{y}.png")
    return TileRequest(LayerSource("radar", "Radar", "context", SourceKind.PICTURE, url), Recipe(url), tile)


def fetched(
    fetcher: RasterFetcher, wanted: TileRequest
) -> tuple[CachedTile | CrisismapError, list[CrisismapError | None]]:
    told: list[CrisismapError | None] = []
    return fetcher.fetch(wanted, fetcher.stored(wanted), told.append).result(30), told


def test_keeps_what_came_and_says_that_it_went_well(fetcher: RasterFetcher, maps: FeedServer) -> None:
    wanted = request(maps)
    assert fetcher.stored(wanted) is None
    got, told = fetched(fetcher, wanted)
    assert isinstance(got, CachedTile)
    assert told == [None]
    assert fetcher.stored(wanted) == got


def test_lets_a_failing_server_alone_and_asks_again_later(
    fetcher: RasterFetcher, maps: FeedServer, clock: FakeClock
) -> None:
    good, maps.answers = maps.answers, lambda _path: b"no picture"
    got, [why] = fetched(fetcher, request(maps))
    assert isinstance(got, CrisismapError)
    assert why
    asked = len(maps.asked)
    with pytest.raises(Unreachable):
        fetched(fetcher, request(maps))
    assert len(maps.asked) == asked, "it was not asked"
    maps.answers = good
    clock.advance(seconds=FIRST_WAIT_S)
    got, _ = fetched(fetcher, request(maps))
    assert isinstance(got, CachedTile)


def test_forgets_a_layer_with_all_its_tiles(fetcher: RasterFetcher, maps: FeedServer) -> None:
    fetched(fetcher, request(maps))
    fetcher.forget("radar")
    assert fetcher.stored(request(maps)) is None


def test_fetches_nothing_once_it_is_closed(fetcher: RasterFetcher, maps: FeedServer) -> None:
    fetcher.close()
    with pytest.raises(Unavailable):
        fetched(fetcher, request(maps))


def test_reads_what_is_followed_again_only_when_it_changed(fetcher: RasterFetcher) -> None:
    reads: list[int] = []
    for _ in range(3):
        fetcher.sources(lambda: reads.append(1) or [])  # type: ignore[func-returns-value]
    assert len(reads) == 1
    fetcher.forget_sources()
    fetcher.sources(lambda: reads.append(1) or [])  # type: ignore[func-returns-value]
    assert len(reads) == 2


def test_marks_each_way_of_asking_apart(maps: FeedServer) -> None:
    wanted = request(maps)
    other = replace(wanted, recipe=Recipe(maps.url("/other/{z}/{x}/{y}.png")))
    assert mark(wanted.source, wanted.recipe) == wanted.mark != other.mark
