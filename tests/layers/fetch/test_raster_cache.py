"""Tiles on disk: given back whole or not at all, and let go in the order of their use when there is no room."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from crisismap.core.place.mercator import Tile
from crisismap.layers.fetch.raster_cache import CachedTile, PictureCache

TILE = Tile(3, 5, 1)
KEPT = CachedTile(b"pixels" * 100, "image/png", 1_449_037_800_000, '"a"', "Wed, 02 Dec 2015 06:30:00 GMT")


def files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def test_gives_back_what_was_kept_by_layer_recipe_and_place(tmp_path: Path) -> None:
    cache = PictureCache(tmp_path)
    cache.put("radar", "r1", TILE, KEPT)
    assert cache.get("radar", "r1", TILE) == PictureCache(tmp_path).get("radar", "r1", TILE) == KEPT
    for layer, recipe, tile in (("other", "r1", TILE), ("radar", "r2", TILE), ("radar", "r1", Tile(3, 1, 5))):
        assert cache.get(layer, recipe, tile) is None


@pytest.mark.parametrize("harm", [lambda data: data[:-1], lambda data: data[:3], lambda data: data[:-1] + b"x"])
def test_takes_no_tile_that_is_damaged(tmp_path: Path, harm: object) -> None:
    cache = PictureCache(tmp_path)
    cache.put("radar", "r1", TILE, KEPT)
    [path] = files(tmp_path)
    path.write_bytes(harm(path.read_bytes()))  # type: ignore[operator]
    assert cache.get("radar", "r1", TILE) is None


def test_lets_the_least_recently_used_go_first(tmp_path: Path) -> None:
    cache = PictureCache(tmp_path, most=3000)
    for x in range(3):
        cache.put("radar", "r1", Tile(3, x, 0), KEPT)
    for at, path in enumerate(files(tmp_path)):
        os.utime(path, (at, at))  # long ago, the first first
    assert cache.get("radar", "r1", Tile(3, 0, 0)) == KEPT, "used: now it is the newest"
    for x in range(3, 5):
        cache.put("radar", "r1", Tile(3, x, 0), KEPT)
    left = {x for x in range(5) if cache.get("radar", "r1", Tile(3, x, 0)) is not None}
    assert {0, 4} <= left
    assert 1 not in left
    assert sum(path.stat().st_size for path in files(tmp_path)) <= 3000


def test_forgets_one_layer(tmp_path: Path) -> None:
    cache = PictureCache(tmp_path)
    for layer in ("radar", "photo"):
        cache.put(layer, "r1", TILE, KEPT)
    cache.forget("radar")
    assert cache.get("radar", "r1", TILE) is None
    assert cache.get("photo", "r1", TILE) == KEPT


def test_goes_on_where_nothing_can_be_written(tmp_path: Path) -> None:
    (tmp_path / "radar").write_text("a file in the way")
    cache = PictureCache(tmp_path)
    cache.put("radar", "r1", TILE, KEPT)
    assert cache.get("radar", "r1", TILE) is None
    assert [path.name for path in files(tmp_path)] == ["radar"], "no half of a tile is left"
