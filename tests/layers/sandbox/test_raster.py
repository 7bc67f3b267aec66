"""Pictures from other servers: passed on as pixels that we encoded, refused with what came instead."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO

import pytest
from PIL import Image

from crisismap.core.errors import Malformed
from crisismap.layers.sandbox.raster import RasterLimits, RasterReader, is_picture
from tests.layers.pictures import pixel, tile
from tests.photos import SENTINELS, found, jpeg


@pytest.fixture(scope="module")
def reader() -> Iterator[RasterReader]:
    one = RasterReader()
    yield one
    one.close()


@pytest.mark.parametrize(("kind", "media"), [("PNG", "image/png"), ("JPEG", "image/jpeg"), ("WEBP", "image/png")])
def test_encodes_pixels_anew(reader: RasterReader, kind: str, media: str) -> None:
    image = reader.read(tile("blue", kind, mode="RGB"))
    assert image.media_type == media
    red, _, blue = pixel(image.body)
    assert blue > 200 > 50 > red


def test_leaves_everything_but_pixels_behind(reader: RasterReader) -> None:
    sent = jpeg()
    assert found(sent) != [], f"the control: {SENTINELS} are planted"
    assert found(reader.read(sent).body) == []


def test_keeps_what_is_see_through(reader: RasterReader) -> None:
    body = reader.read(tile("#0000ff00")).body
    with Image.open(BytesIO(body)) as opened:
        assert opened.convert("RGBA").getpixel((0, 0))[3] == 0


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "nothing"),
        (b"<!DOCTYPE html><p>Down", "web page"),
        (b'<svg xmlns="x"><script/></svg>', "SVG"),
        (b"<ServiceException>no such layer</ServiceException>", "no such layer"),
        (b"GIF89a", "something else"),
    ],
)
def test_says_what_came_instead_of_a_picture(reader: RasterReader, body: bytes, said: str) -> None:
    assert not is_picture(body)
    with pytest.raises(Malformed, match=said):
        reader.read(body)


def test_refuses_a_damaged_picture_and_reads_the_next(reader: RasterReader) -> None:
    whole = tile()
    with pytest.raises(Malformed):
        reader.read(whole[:60])
    assert reader.read(whole).media_type == "image/png"


def test_refuses_a_picture_that_is_too_wide(reader: RasterReader) -> None:
    with pytest.raises(Malformed, match="1025 x 1025"):
        reader.read(tile(side=1025))


def test_ends_a_child_that_is_too_slow_and_starts_another() -> None:
    hasty = RasterReader(RasterLimits(wall_s=0.001))
    try:
        with pytest.raises(Malformed):
            hasty.read(tile())
    finally:
        hasty.close()
    with pytest.raises(Malformed):
        hasty.read(tile())


def test_reads_nothing_after_it_was_closed() -> None:
    one = RasterReader()
    one.close()
    with pytest.raises(Malformed):
        one.read(tile())
