"""Where the tiles of a picture layer are, found in what its server says; nothing but the guarded client asks."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest

from crisismap.core.errors import Invalid, Malformed, Unreachable
from crisismap.core.layer.raster import Recipe
from crisismap.core.layer.source import LayerSource, SourceHealth, SourceKind
from crisismap.core.place.mercator import Tile
from crisismap.layers.fetch.client import FetchClient, FetchLimits
from crisismap.layers.fetch.raster_source import inspect_source
from crisismap.layers.fetch.source_check import check_source
from crisismap.layers.sandbox.raster import RasterReader
from tests.layers import pictures
from tests.layers.feed_server import FeedServer, feed_server

BOMB = b"<!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><WMS_Capabilities>&x;</WMS_Capabilities>"


@pytest.fixture(scope="module")
def reader() -> Iterator[RasterReader]:
    one = RasterReader()
    yield one
    one.close()


@pytest.fixture
def maps() -> Iterator[FeedServer]:
    with feed_server() as one:
        yield one


def source(maps: FeedServer, path: str, form: str, **more: object) -> LayerSource:
    return LayerSource("pic", "Picture", "context", SourceKind.PICTURE, maps.url(path), form, **more)


def recipe(one: LayerSource, maps: FeedServer, reader: RasterReader, health: SourceHealth | None = None) -> Recipe:
    client = FetchClient(frozenset({maps.host}), FetchLimits(total_s=5))
    return inspect_source(check_source(one), client, health or SourceHealth(), reader.read)[1]


@pytest.mark.parametrize(("version", "system"), [("1.1.1", "SRS"), ("1.3.0", "CRS")])
def test_asks_a_wms_for_a_box_in_metres(maps: FeedServer, reader: RasterReader, version: str, system: str) -> None:
    maps.pages["/wms"] = pictures.wms(version, maps.url("/wms?key=1&"))
    one = source(maps, "/wms?map=city", "wms", name="flood,roads")
    with pytest.raises(Malformed, match="a document"):  # the capabilities again: no picture
        recipe(one, maps, reader)
    maps.answers = lambda path: pictures.tile() if "GetMap" in path else maps.pages["/wms"]
    found = recipe(one, maps, reader)
    assert found.bounds == pytest.approx(pictures.BOX)
    asked = parse_qs(urlsplit(found.address(Tile(1, 1, 0))).query, keep_blank_values=True)
    assert asked[system] == ["EPSG:3857"] and asked["VERSION"] == [version] and asked["key"] == ["1"]
    assert asked["LAYERS"] == ["flood,roads"] and asked["STYLES"] == [","] and asked["FORMAT"] == ["image/png"]
    assert [float(each) for each in asked["BBOX"][0].split(",")] == pytest.approx([0, 0, 20037508.34, 20037508.34])
    assert "map=city" in maps.asked[0][0] and "GetCapabilities" in maps.asked[0][0]


def test_asks_no_host_that_only_the_capabilities_name(maps: FeedServer, reader: RasterReader) -> None:
    maps.answers = lambda path: (
        pictures.tile() if "GetMap" in path else pictures.wms("1.3.0", "http://10.0.0.5/internal?")
    )
    found = recipe(source(maps, "/wms?map=city", "wms", name="flood"), maps, reader)
    assert found.address(Tile(0, 0, 0)).startswith(maps.url("/wms?map=city&"))


@pytest.mark.parametrize(
    ("body", "kind", "sentence"),
    [
        (pictures.wms("1.3.0", "", systems=("EPSG:4326",)), Invalid, "Web Mercator"),
        (pictures.wms("1.3.0", "", formats=("image/svg+xml",)), Invalid, "image/svg"),
        (pictures.wms("1.3.0", "").replace(b"flood", b"other"), Invalid, "is not among what this server has: other"),
        (BOMB, Malformed, "entities"),
        (b"<html><body>down</body></html>", Malformed, "not the capabilities of a WMS"),
        (b"<ServiceExceptionReport><x>no such map</x></ServiceExceptionReport>", Malformed, "no such map"),
        (pictures.wms("1.3.0", "")[:900], Malformed, "not well-formed"),
        (b"<WMS_Capabilities version='1.3.0'/>", Malformed, "cannot be understood"),
    ],
)
def test_says_what_is_wrong_with_capabilities(
    maps: FeedServer, reader: RasterReader, body: bytes, kind: type[Exception], sentence: str
) -> None:
    maps.pages["/wms"] = body
    with pytest.raises(kind, match=sentence):
        recipe(source(maps, "/wms", "wms", name="flood"), maps, reader)


def test_reads_a_wmts_with_templates(maps: FeedServer, reader: RasterReader) -> None:
    maps.pages["/caps.xml"] = pictures.wmts(
        template=maps.url("/t/{Style}/{TileMatrixSet}/{TileMatrix}/{TileRow}/{TileCol}.png")
    )
    maps.pages["/t/plain/web/level-3/3/5.png"] = pictures.tile()
    found = recipe(source(maps, "/caps.xml", "wmts", name="aerial"), maps, reader)
    assert (found.min_zoom, found.max_zoom) == (0, 3)
    assert found.address(Tile(2, 3, 1)) == maps.url("/t/plain/web/level-2/1/3.png")


def test_reads_a_wmts_that_is_asked_in_a_query(maps: FeedServer, reader: RasterReader) -> None:
    maps.answers = lambda path: pictures.tile() if "GetTile" in path else pictures.wmts(get_tile=maps.url("/wmts?"))
    found = recipe(source(maps, "/wmts", "wmts", name="aerial", min_zoom=1), maps, reader)
    asked = parse_qs(urlsplit(found.address(Tile(2, 3, 1))).query)
    assert asked["TILEMATRIX"] == ["level-2"] and asked["TILEROW"] == ["1"] and asked["TILECOL"] == ["3"]
    assert asked["TILEMATRIXSET"] == ["web"] and asked["STYLE"] == ["plain"]


def test_refuses_a_wmts_that_is_cut_in_another_way(maps: FeedServer, reader: RasterReader) -> None:
    maps.pages["/caps.xml"] = pictures.wmts(template=maps.url("/{TileMatrix}"), corner="-20000000 20037508.34")
    with pytest.raises(Invalid, match="GoogleMapsCompatible.*degrees, web"):
        recipe(source(maps, "/caps.xml", "wmts", name="aerial"), maps, reader)


def test_takes_templates_as_they_are(maps: FeedServer, reader: RasterReader) -> None:
    maps.answers = lambda path: pictures.tile()
    north = recipe(source(maps, "/{z}/{x}/{y}.png", "xyz"), maps, reader)
    south = recipe(source(maps, "/{z}/{x}/{-y}.png", "xyz"), maps, reader)
    rest = recipe(source(maps, "/{TileMatrix}/{TileRow}/{TileCol}", "wmts"), maps, reader)
    tile = Tile(3, 5, 1)
    assert [one.address(tile) for one in (north, south, rest)] == [
        maps.url(path) for path in ("/3/5/1.png", "/3/5/6.png", "/3/1/5")
    ]


def test_says_which_tile_did_not_come(maps: FeedServer, reader: RasterReader) -> None:
    with pytest.raises(Unreachable, match=r"answered 404 Not Found, asked for tile 9/370/237"):
        recipe(source(maps, "/{z}/{x}/{y}.png", "xyz", bbox=pictures.BOX), maps, reader)
    known = SourceHealth(good_ms=1)
    assert recipe(source(maps, "/{z}/{x}/{y}.png", "xyz"), maps, reader, known).max_zoom == 19
