"""It keeps the pixels of a photo and nothing else, and refuses what is no photo or too much of one."""

from __future__ import annotations

import io
import platform
import zipfile
from collections.abc import Callable

import pillow_heif
import pytest
from PIL import Image

from crisismap.core.errors import CrisismapError, Malformed, TooLarge
from crisismap.core.report.photo import MAX_BYTES
from crisismap.layers.sandbox.photo import PhotoLimits, kind_of, read_photo, read_with_restrictions
from tests.photos import SENTINELS, animation, bomb, drawing, found, jpeg, png, webp


def opened(body: bytes) -> Image.Image:
    picture = Image.open(io.BytesIO(body))
    picture.load()
    return picture


def red(picture: Image.Image, at: tuple[int, int]) -> bool:
    pixel = picture.getpixel(at)
    assert isinstance(pixel, tuple)
    return pixel[0] > 150 > pixel[2]


def test_plants_what_the_tests_look_for() -> None:
    """The negative control: each sentinel is in one of the photos that are sent."""
    sent = jpeg() + png() + webp()
    assert [s for s in SENTINELS if s not in sent] == []


@pytest.mark.parametrize("make", [jpeg, png, webp])
def test_keeps_the_pixels_and_nothing_else(make: Callable[[], bytes]) -> None:
    kept = read_photo(make())
    for body in (kept.image, kept.thumb):
        assert found(body) == []
        picture = opened(body)
        assert (picture.format, picture.mode) == ("JPEG", "RGB")
        assert dict(picture.getexif()) == {}
        assert set(picture.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
        assert red(picture, (2, 2))
        assert not red(picture, (picture.width - 3, 2))


@pytest.mark.parametrize(
    ("orientation", "size", "corner"), [(1, (64, 48), True), (3, (64, 48), False), (6, (48, 64), True)]
)
def test_turns_it_upright(orientation: int, size: tuple[int, int], corner: bool) -> None:
    kept = read_photo(jpeg(drawing(64, 48), orientation=orientation))
    assert (kept.width, kept.height) == opened(kept.image).size == size
    assert red(opened(kept.image), (3, 3)) is corner


@pytest.mark.parametrize(
    ("sent", "kept"), [((4000, 3000), (1600, 1200)), ((3000, 4000), (1200, 1600)), ((300, 20), (300, 20))]
)
def test_makes_it_no_larger_than_it_needs_to_be(sent: tuple[int, int], kept: tuple[int, int]) -> None:
    picture = read_photo(jpeg(drawing(*sent)))
    assert (picture.width, picture.height) == opened(picture.image).size == kept
    assert max(opened(picture.thumb).size) == min(320, max(kept))


@pytest.mark.parametrize("mode", ["L", "1", "P", "RGBA", "LA", "I;16", "CMYK"])
def test_reads_every_kind_of_colour(mode: str) -> None:
    out = io.BytesIO()
    picture = (
        Image.new("I;16", (30, 30), 60_000) if mode == "I;16" else Image.new("RGB", (30, 30), "white").convert(mode)
    )
    picture.save(out, "JPEG" if mode == "CMYK" else "PNG")
    pixel = opened(read_photo(out.getvalue()).image).getpixel((15, 15))
    assert isinstance(pixel, tuple)
    assert min(pixel) > 200


def test_lays_what_is_see_through_on_white() -> None:
    out = io.BytesIO()
    Image.new("RGBA", (30, 30), (0, 0, 0, 0)).save(out, "PNG")
    assert opened(read_photo(out.getvalue()).image).getpixel((15, 15)) == (255, 255, 255)


def test_shows_wide_colours_as_screens_do() -> None:
    """A profile that swaps nothing leaves the colours; one that is damaged is left aside."""
    out = io.BytesIO()
    drawing(64, 48).save(out, "JPEG", icc_profile=b"no profile at all" * 20)
    assert red(opened(read_photo(out.getvalue()).image), (3, 3))


@pytest.mark.parametrize("kind", ["WEBP", "PNG"])
def test_takes_the_first_picture_of_what_moves(kind: str) -> None:
    picture = opened(read_photo(animation(kind)).image)
    assert getattr(picture, "n_frames", 1) == 1
    assert red(picture, (20, 20))


def test_refuses_a_bomb_before_it_is_unpacked() -> None:
    sent = bomb()
    assert len(sent) < 200_000
    with pytest.raises(Malformed, match="20000 x 20000 pixels are too many; at most 65 million"):
        read_photo(sent)


def test_stops_a_bomb_that_gets_past_the_first_limit() -> None:
    limits = PhotoLimits(memory=400 << 20, pixels=10**9, side=10**6)
    with pytest.raises(Malformed, match="memory|limits"):
        read_with_restrictions(bomb(30_000, 30_000), limits)


def test_stops_what_takes_too_long() -> None:
    with pytest.raises(Malformed, match="longer than 0 s"):
        read_with_restrictions(jpeg(), PhotoLimits(wall_s=0.01))


def test_refuses_more_than_can_be_sent() -> None:
    with pytest.raises(TooLarge, match="at most 25 MB"):
        read_photo(jpeg(planted=False) + bytes(MAX_BYTES))


def zipped() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        file.writestr("photo.jpg", jpeg())
    return out.getvalue()


def encoded(picture: Image.Image, kind: str, **how: object) -> bytes:
    out = io.BytesIO()
    picture.save(out, kind, **how)  # type: ignore[arg-type]
    return out.getvalue()


def heif(picture: Image.Image, **how: object) -> bytes:
    out = io.BytesIO()
    pillow_heif.from_pillow(picture).save(out, **how)
    return out.getvalue()


def mpo(picture: Image.Image, **how: object) -> bytes:
    """Several pictures in one JPEG, as phones write them: the photo, and what the second lens saw."""
    return encoded(picture, "MPO", save_all=True, append_images=[Image.new("RGB", (40, 30), "blue")], **how)


PHONES: dict[str, tuple[Callable[[Image.Image], bytes], str]] = {
    "jpeg": (lambda picture: encoded(picture, "JPEG"), "JPEG"),
    "progressive": (lambda picture: encoded(picture, "JPEG", progressive=True, subsampling=0), "JPEG"),
    "mpo": (mpo, "JPEG"),
    "heic": (lambda picture: heif(picture, quality=40), "HEIF"),
    "avif": (lambda picture: encoded(picture, "AVIF", quality=40, speed=10), "AVIF"),
    "webp": (lambda picture: encoded(picture, "WEBP", method=0), "WEBP"),
    "png": (lambda picture: encoded(picture.convert("RGBA"), "PNG", compress_level=1), "PNG"),
}


@pytest.mark.parametrize("kind", PHONES)
def test_reads_every_kind_that_phones_make(kind: str) -> None:
    make, name = PHONES[kind]
    body = make(drawing(640, 480))
    kept = read_photo(body)
    assert (kind_of(body), kept.width, kept.height) == (name, 640, 480)
    picture = opened(kept.image)
    assert (picture.format, dict(picture.getexif())) == ("JPEG", {})
    assert red(picture, (20, 20)) and not red(picture, (620, 20))


@pytest.mark.parametrize("kind", PHONES)
def test_scales_48_million_pixels_within_its_memory(kind: str) -> None:
    kept = read_photo(PHONES[kind][0](drawing(8064, 6048)))
    assert (kept.width, kept.height, opened(kept.image).size) == (1600, 1200, (1600, 1200))
    assert red(opened(kept.image), (50, 50)) and not red(opened(kept.image), (1550, 50))


@pytest.mark.parametrize(("width", "height"), [(5712, 4284), (9248, 6936), (16382, 3900)])
def test_keeps_what_current_phones_take(width: int, height: int) -> None:
    kept = read_photo(encoded(drawing(width, height), "JPEG"))
    assert max(kept.width, kept.height) == 1600


@pytest.mark.parametrize("kind", ["jpeg", "heic", "avif", "mpo"])
def test_turns_large_photos_upright_too(kind: str) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    make = {"heic": heif, "mpo": mpo}.get(kind, lambda picture, **how: encoded(picture, kind.upper(), **how))
    kept = read_photo(make(drawing(2400, 1800), exif=exif.tobytes()))
    assert (kept.width, kept.height) == (1200, 1600)
    assert red(opened(kept.image), (1100, 100)) and not red(opened(kept.image), (1100, 1500))


def test_drops_what_heic_says_about_the_place() -> None:
    exif = Image.Exif()
    exif[0x010E] = "SECRET-SENTINEL"
    body = heif(drawing(64, 48), exif=exif.tobytes())
    assert b"SECRET-SENTINEL" in body
    assert b"SECRET-SENTINEL" not in read_photo(body).image


def test_refuses_a_heic_that_unpacks_to_too_much() -> None:
    with pytest.raises(Malformed, match="640 x 480 pixels are too many"):
        read_with_restrictions(heif(drawing(640, 480)), PhotoLimits(pixels=300_000))


NO_PHOTOS = {
    "nothing": b"",
    "words": b"please help us, this is a photo.jpg",
    "page": b"<!doctype html><script>alert(1)</script>",
    "drawing": b'<svg xmlns="http://www.w3.org/2000/svg"><image href="file:///etc/passwd"/></svg>',
    "zip": zipped(),
    "gif": b"GIF89a" + bytes(100),
    "heic": b"\x00\x00\x00\x18ftypheic" + bytes(100),
    "avif": b"\x00\x00\x00\x18ftypmif1\x00\x00\x00\x00avif" + bytes(100),
    "film": b"\x00\x00\x00\x14ftypqt  \x00\x00\x00\x00qt  " + bytes(100),
    "raw": b"II*\x00" + bytes(100),
    "jpeg xl": b"\xff\x0a" + bytes(100),
    "endless brands": b"\xff\xff\xff\xffftypxxxx" + b"heix" * 1000,
    "cut off heic": heif(Image.new("RGB", (60, 40)))[:300],
    "cut off avif": encoded(Image.new("RGB", (60, 40)), "AVIF")[:300],
    "postscript": b"%!PS-Adobe-3.0 EPSF-3.0\n(/etc/passwd) (r) file",
    "beginning": b"\xff\xd8\xff\xe0",
    "cut off": jpeg(planted=False)[:2000],
    "cut off png": png()[:200],
    "cut off webp": webp()[:100],
    "noise": b"\xff\xd8\xff" + bytes(range(256)) * 40,
    "riff": b"RIFF\xff\xff\xff\xffWEBPVP8X" + b"\xff" * 100,
}


@pytest.mark.parametrize("body", NO_PHOTOS.values(), ids=NO_PHOTOS)
def test_refuses_what_is_no_photo_in_a_sentence(body: bytes) -> None:
    with pytest.raises(CrisismapError, match="^photo: ") as caught:
        read_photo(body)
    assert "Traceback" not in str(caught.value)
    assert "/" not in str(caught.value).replace("25 MB", "")


@pytest.mark.skipif(platform.system() != "Linux", reason="the restrictions that this test needs are Linux's")
def test_reads_where_nothing_else_can_be_read() -> None:
    _, stood = read_with_restrictions(jpeg(), PhotoLimits())
    assert set(stood) <= {"landlock", "seccomp"}
    assert stood, "this kernel offers no wall at all"
