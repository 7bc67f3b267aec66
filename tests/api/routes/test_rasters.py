"""Tiles of other servers' maps through ours: kept, shared, honest about their age, and nothing but pictures."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

from crisismap import bootstrap
from crisismap.api.app import make_api
from crisismap.core.errors import Forbidden, Invalid, NotSignedIn
from crisismap.core.layer.source import LayerSource, SourceKind
from crisismap.core.people.person import STRANGER
from crisismap.core.place.mercator import Tile
from crisismap.jobs.feeds import refresh_feeds
from crisismap.layers.fetch.client import FetchLimits
from crisismap.services.layers.feeds import follow, take_back, unfollow
from crisismap.services.layers.publish import put_layer_bytes
from crisismap.services.layers.rasters import pictures, preview
from crisismap.services.operations.backup import data_files
from crisismap.services.runtime.context import Context
from tests.conftest import FakeClock
from tests.layers import pictures as drawn
from tests.layers.feed_server import FeedServer, feed_server
from tests.layers.samples import collection, feature, point
from tests.people import AGENCY, RESPONDER
from tests.services.deployment import opened

IN = Tile.at(*drawn.HERE, 12)
PATH = f"/api/v1/layers/radar/picture/{IN.z}/{IN.x}/{IN.y}"
BLUE, RED = (0, 0, 255), (255, 0, 0)


@pytest.fixture
def desk(tmp_path: Path, clock: FakeClock, maps: FeedServer) -> Iterator[Context]:
    """A deployment that may ask that server, and draws its tiles."""
    with opened(tmp_path / "data", clock, CRISISMAP_FETCH_HOSTS=maps.host) as context:
        context.views.rasters.bounds = FetchLimits(total_s=1.0, connect_s=0.5, silence_s=0.5, bytes=1 << 20)
        bootstrap.install(context)
        follow(context.store, context.views, context.clock(), AGENCY, source(maps))
        refresh_feeds(context)
        maps.asked.clear()
        yield context
        bootstrap.install(None)


class Client:
    """Asks the application itself, from any thread, on an event loop of its own."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self.thread.start()
        self.http = httpx.AsyncClient(transport=httpx.ASGITransport(make_api([])), base_url="http://desk")

    def get(self, path: str, **more: Any) -> httpx.Response:
        return asyncio.run_coroutine_threadsafe(self.http.get(path, **more), self.loop).result(60)

    def close(self) -> None:
        asyncio.run_coroutine_threadsafe(self.http.aclose(), self.loop).result(10)
        asyncio.run_coroutine_threadsafe(self.loop.shutdown_default_executor(), self.loop).result(10)
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join()
        self.loop.close()


@pytest.fixture
def client(desk: Context) -> Iterator[Client]:
    one = Client()
    yield one
    one.close()


def source(maps: FeedServer, **more: object) -> LayerSource:
    said = {"url": maps.url("/{z}/{x}/{y}.png"), "bbox": drawn.BOX, "max_zoom": 14, "attribution": "A"} | more
    return LayerSource("radar", "Radar", "context", SourceKind.PICTURE, format="xyz", **said)


def error(context: Context) -> str:
    context.views.rasters.forget_sources()
    return pictures(context.store, context.views.rasters)[0].health.error


def test_fetches_a_tile_once_and_gives_it_out_encoded_anew(client: Client, maps: FeedServer) -> None:
    first = client.get(PATH)
    assert (first.status_code, first.headers["content-type"]) == (200, "image/png")
    assert drawn.pixel(first.content) == BLUE
    assert first.content != drawn.tile("blue"), "our own encoding"
    assert first.headers["age"] == "0" and "max-age=300" in first.headers["cache-control"]
    assert client.get(PATH).content == first.content
    again = client.get(PATH, headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert [path for path, _ in maps.asked] == [f"/{IN.z}/{IN.x}/{IN.y}.png"]


def test_asks_again_when_it_is_old_and_says_what_it_has(client: Client, maps: FeedServer, clock: FakeClock) -> None:
    client.get(PATH)
    clock.advance(minutes=6)
    assert client.get(PATH).headers["age"] == "0"
    assert maps.asked[-1][1]["if-none-match"], "304: nothing travelled"
    clock.advance(minutes=6)
    maps.answers = lambda _: drawn.tile("red")
    assert drawn.pixel(client.get(PATH).content) == RED
    assert len(maps.asked) == 3


@pytest.mark.parametrize(
    ("mood", "named"),
    [
        ("error", "answered 500"),
        ("page", "answered with a web page in place of a picture"),
        ("half", "connection failed"),
        ("short", "damaged or cut off"),
        ("drip", "in time"),
        ("redirect", "not a public one"),
        ("bomb", "more than 1048576 bytes"),
    ],
)
def test_shows_the_last_good_tile_while_its_server_fails(
    client: Client, desk: Context, maps: FeedServer, clock: FakeClock, mood: str, named: str
) -> None:
    other = PATH.replace(f"/{IN.x}/", f"/{IN.x + 1}/")
    good = client.get(PATH).content
    clock.advance(hours=2)
    with feed_server() as inside:
        inside.answers = lambda _: drawn.tile("red")
        maps.mood, maps.location = mood, inside.url("/secret.png")
        shown = client.get(PATH)
        assert inside.asked == []
    assert (shown.status_code, shown.content, shown.headers["age"]) == (200, good, "7200")
    assert named in error(desk)
    # Now it is let alone for a while: more tiles, no more questions.
    asked = len(maps.asked)
    missing = client.get(other)
    assert missing.status_code == 502 and maps.host not in missing.text and int(missing.headers["retry-after"]) >= 1
    assert client.get(PATH).content == good
    assert len(maps.asked) == asked
    maps.mood = ""
    clock.advance(seconds=3)
    assert drawn.pixel(client.get(other).content) == BLUE
    assert error(desk) == ""


def test_waits_longer_and_longer_for_a_server_that_goes_on_failing(
    client: Client, desk: Context, maps: FeedServer, clock: FakeClock
) -> None:
    maps.mood = "error"
    for _ in range(360):
        clock.advance(seconds=10)
        client.get(PATH)
    assert 8 <= len(maps.asked) <= 15


@pytest.mark.parametrize(
    ("body", "named"),
    [
        (drawn.tile(side=1100), "1100 x 1100 pixels are too many"),
        (b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>', "SVG"),
        (b"<ServiceException>layer not defined</ServiceException>", "layer not defined"),
        (drawn.tile("blue", "GIF", mode="P"), "something else"),
        (b"", "nothing"),
        (drawn.tile()[:60] + b"\0" * 500, "damaged"),
    ],
)
def test_passes_on_nothing_that_is_no_picture(
    client: Client, desk: Context, maps: FeedServer, body: bytes, named: str
) -> None:
    maps.answers = lambda _: body
    assert client.get(PATH).status_code == 502
    assert named in error(desk)


@pytest.mark.parametrize(("kind", "mode"), [("JPEG", "RGB"), ("WEBP", "RGBA"), ("PNG", "P"), ("PNG", "L")])
def test_takes_every_kind_of_picture(client: Client, maps: FeedServer, kind: str, mode: str) -> None:
    maps.answers = lambda _: drawn.tile("white" if mode in "PL" else "blue", kind, mode=mode)
    given = client.get(PATH)
    assert given.headers["content-type"] == ("image/jpeg" if kind == "JPEG" else "image/png")
    assert drawn.pixel(given.content)[2] >= 250


def test_leaves_out_what_is_hidden_in_a_picture(client: Client, maps: FeedServer) -> None:
    planted = b"<script>planted</script>"
    maps.answers = lambda _: drawn.tile() + planted
    assert client.get(PATH).status_code == 200
    assert planted not in client.get(PATH).content


def test_gives_a_see_through_tile_where_there_is_none(client: Client, maps: FeedServer) -> None:
    for path in ("/api/v1/layers/radar/picture/12/0/0", "/api/v1/layers/radar/picture/15/23690/15185"):
        outside = client.get(path)
        assert (outside.status_code, outside.headers["content-type"]) == (200, "image/png")
        assert len(outside.content) < 100
    assert maps.asked == [], "outside of its bounds or zooms nobody is asked"
    maps.answers = lambda _: None
    assert len(client.get(PATH).content) < 100
    client.get(PATH)
    assert len(maps.asked) == 1


def test_lies_in_no_backup(client: Client, desk: Context, tmp_path: Path) -> None:
    client.get(PATH)
    (tmp_path / "data" / "basemap.pmtiles").touch()
    assert list((tmp_path / "data" / "pictures").rglob("*.tile"))
    assert [str(path) for path in data_files(desk.settings)] == ["basemap.pmtiles"]


def test_refuses_tiles_that_cannot_be(client: Client, maps: FeedServer) -> None:
    for path in ("radar/picture/3/8/3", "radar/picture/3/3/-1", "radar/picture/99/0/0"):
        assert client.get(f"/api/v1/layers/{path}").status_code == 422
    assert client.get("/api/v1/layers/other/picture/0/0/0").status_code == 404
    assert maps.asked == []


def test_shares_one_fetch_among_all_who_ask(client: Client, desk: Context, maps: FeedServer) -> None:
    free, begun = threading.Event(), threading.Event()

    def slowly(_path: str) -> bytes:
        begun.set()
        free.wait(10)
        return drawn.tile()

    maps.answers = slowly
    desk.views.rasters.bounds = FetchLimits(total_s=15)
    with ThreadPoolExecutor(12) as many:
        waiting = [many.submit(client.get, PATH) for _ in range(12)]
        assert begun.wait(10)
        assert client.get("/api/v1/layers").status_code == 200, "nobody else waits for that server"
        free.set()
        assert {one.result().status_code for one in waiting} == {200}
    assert len(maps.asked) == 1


def test_asks_a_server_for_few_tiles_at_once(client: Client, desk: Context, maps: FeedServer) -> None:
    lock, now, most = threading.Lock(), 0, 0

    def counted(_path: str) -> bytes:
        nonlocal now, most
        with lock:
            now += 1
            most = max(most, now)
        time.sleep(0.05)
        with lock:
            now -= 1
        return drawn.tile()

    maps.answers = counted
    desk.views.rasters.bounds = FetchLimits(total_s=15)
    paths = [PATH.replace(f"/{IN.y}", f"/{IN.y + step}") for step in (-1, 0, 1)]
    paths += [path.replace(f"/{IN.x}/", f"/{IN.x + 1}/") for path in paths]
    paths += [
        f"/api/v1/layers/radar/picture/{z}/{Tile.at(*drawn.HERE, z).x}/{Tile.at(*drawn.HERE, z).y}" for z in range(8)
    ]
    with ThreadPoolExecutor(14) as many:
        assert {one.status_code for one in many.map(client.get, paths)} == {200}
    assert len(maps.asked) == len(paths) and 1 <= most <= 4


def test_takes_half_a_file_for_no_tile(
    tmp_path: Path, clock: FakeClock, maps: FeedServer, client: Client, desk: Context
) -> None:
    good = client.get(PATH).content
    folder = next((tmp_path / "data" / "pictures").rglob("*.tile"))
    assert folder.stat().st_size > 100
    damaged = PATH.replace(f"/{IN.y}", f"/{IN.y + 1}")
    client.get(damaged)
    path = folder.with_name(f"{IN.x}-{IN.y + 1}.tile")
    path.write_bytes(path.read_bytes()[:-3])
    clock.advance(hours=1)
    maps.mood = "error"
    assert client.get(PATH).content == good
    assert client.get(damaged).status_code == 502, "half a file is no tile"


def test_is_listed_with_its_tiles_and_its_health(client: Client, maps: FeedServer) -> None:
    (one,) = client.get("/api/v1/layers").json()
    assert (one["id"], one["kind"], one["format"], one["role"], one["features"]) == (
        "radar",
        "picture",
        "xyz",
        "context",
        0,
    )
    assert one["bbox"] == pytest.approx(drawn.BOX) and (one["min_zoom"], one["max_zoom"]) == (0, 14)
    assert one["tiles"].startswith("/api/v1/layers/radar/picture/{z}/{x}/{y}?v=")
    assert maps.host not in str(one)
    assert client.get(one["tiles"].format(z=IN.z, x=IN.x, y=IN.y)).status_code == 200


def test_is_gone_when_it_is_taken_back(client: Client, desk: Context, maps: FeedServer, tmp_path: Path) -> None:
    client.get(PATH)
    assert list((tmp_path / "data" / "pictures").rglob("*.tile"))
    take_back(desk.store, desk.views, desk.clock(), AGENCY, "radar")
    assert client.get(PATH).status_code == 404
    assert not list((tmp_path / "data" / "pictures").rglob("*.tile"))
    follow(desk.store, desk.views, desk.clock(), AGENCY, source(maps))
    assert client.get(PATH).status_code == 404, "not before it was looked at"
    refresh_feeds(desk)
    desk.views.rasters.forget_sources()
    assert client.get(PATH).status_code == 200
    unfollow(desk.store, desk.views.rasters, desk.clock(), AGENCY, "radar")
    assert client.get(PATH).status_code == 404


def test_gives_other_tiles_when_it_comes_from_elsewhere(client: Client, desk: Context, maps: FeedServer) -> None:
    client.get(PATH)
    maps.answers = lambda path: drawn.tile("red" if path.startswith("/new/") else "blue")
    follow(desk.store, desk.views, desk.clock(), AGENCY, source(maps, url=maps.url("/new/{z}/{x}/{y}.png")))
    refresh_feeds(desk)
    desk.views.rasters.forget_sources()
    assert drawn.pixel(client.get(PATH).content) == RED


def test_is_looked_at_before_it_is_drawn(desk: Context, maps: FeedServer) -> None:
    recipe, picture = preview(desk.views.rasters, desk.guards.stopping, desk.settings, AGENCY, source(maps))
    assert recipe.bounds == drawn.BOX and drawn.pixel(picture.body) == BLUE
    for person, kind in ((STRANGER, NotSignedIn), (RESPONDER, Forbidden)):
        with pytest.raises(kind):
            preview(desk.views.rasters, desk.guards.stopping, desk.settings, person, source(maps))


def test_keeps_pictures_and_layers_with_features_apart(desk: Context, maps: FeedServer) -> None:
    body = collection(feature(point(80.1, 13.1), 1))
    with pytest.raises(Invalid, match="is a picture"):
        put_layer_bytes(desk, AGENCY, "radar", "hazard", body)
    put_layer_bytes(desk, AGENCY, "flooded", "hazard", body)
    with pytest.raises(Invalid, match="a picture needs an id of its own"):
        follow(
            desk.store,
            desk.views,
            desk.clock(),
            AGENCY,
            LayerSource("flooded", "X", "context", SourceKind.PICTURE, maps.url("/{z}/{x}/{y}"), "xyz"),
        )
