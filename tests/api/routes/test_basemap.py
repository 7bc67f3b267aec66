"""The tiles of an imported basemap over HTTP: vector tiles as they are in the file, and nothing where it has none."""

from __future__ import annotations

import asyncio
from pathlib import Path

import httpx

from crisismap.api.app import make_api
from crisismap.api.tile import MEDIA_TYPE
from crisismap.services.layers.basemap import TILES, put_basemap
from crisismap.services.runtime.context import Context
from tests.layers.test_basemap import street_map

__all__ = ["street_map"]


def tile(z: int | str, x: int, y: int) -> httpx.Response:
    async def ask() -> httpx.Response:
        transport = httpx.ASGITransport(make_api([]))
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            return await client.get(TILES.format(z=z, x=x, y=y))

    return asyncio.run(ask())


def test_gives_out_the_tiles_of_the_file(context: Context, street_map: Path) -> None:
    put_basemap(street_map, context.settings.data_dir)
    answer = tile(8, 185, 118)
    assert (answer.status_code, answer.headers["content-type"]) == (200, MEDIA_TYPE)
    assert b"water" in answer.content
    assert answer.headers["cache-control"] == "public, max-age=3600"


def test_is_empty_where_the_file_has_nothing(context: Context, street_map: Path) -> None:
    put_basemap(street_map, context.settings.data_dir)
    answer = tile(8, 0, 0)
    assert (answer.status_code, answer.content) == (204, b"")
    assert answer.headers["cache-control"] == "public, max-age=3600"


def test_is_nowhere_before_a_file_is_imported(context: Context) -> None:
    answer = tile(0, 0, 0)
    assert (answer.status_code, answer.json()["code"]) == (404, "no_basemap")


def test_refuses_what_is_no_number(context: Context) -> None:
    assert tile("deep", 0, 0).status_code == 422
