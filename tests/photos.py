"""Photos as strangers send them: with everything in and behind them that must not be kept."""

from __future__ import annotations

import io
import struct
import zlib

from PIL import Image, ImageCms
from PIL.PngImagePlugin import PngInfo

# What a phone or a tool writes into a file beside the pixels; none of it may come out again.
SENTINELS = (
    b"Zq7SerialNumber",
    b"Zq7Artist",
    b"Zq7Comment",
    b"Zq7XmpPlace",
    b"Zq7PngText",
    b"Zq7Behind",
    b"Zq7Profile",
    b"Zq7Iptc",
    b"Exif\x00\x00",
    b"ns.adobe.com",
    b"ICC_PROFILE",
    b"Photoshop 3.0",
    struct.pack(">6I", 13, 1, 4, 1, 567891, 10000),  # 13 degrees 4' 56.7891"
)
XMP = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:Description Place="Zq7XmpPlace"/></x:xmpmeta>'


def drawing(width: int = 640, height: int = 480) -> Image.Image:
    """Left half red, right half blue, so that one can tell which way is up."""
    picture = Image.new("RGB", (width, height), (220, 20, 20))
    picture.paste((20, 20, 220), (width // 2, 0, width, height))
    return picture


def exif(orientation: int = 1) -> Image.Exif:
    """A phone's: serial number, artist, position, and a thumbnail of its own."""
    made = Image.Exif()
    made[0x0112] = orientation
    made[0x013B] = "Zq7Artist"
    made[0x8825] = {1: "N", 2: (13.0, 4.0, 56.7891), 3: "E", 4: (80.0, 14.0, 12.3456)}
    made[0x8769] = {0xA431: "Zq7SerialNumber", 0x9286: b"ASCII\x00\x00\x00Zq7Comment"}
    return made


def jpeg(picture: Image.Image | None = None, *, orientation: int = 1, planted: bool = True) -> bytes:
    """A JPEG, with all sentinels unless `planted` is False."""
    out = io.BytesIO()
    picture = picture or drawing()
    if not planted:
        picture.save(out, "JPEG", quality=90)
        return out.getvalue()
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes() + b"Zq7Profile"
    picture.save(out, "JPEG", quality=90, exif=exif(orientation), comment=b"Zq7Comment", xmp=XMP, icc_profile=profile)
    iptc = b"Photoshop 3.0\x008BIM\x04\x04\x00\x00\x00\x00\x00\x10\x1c\x02\x5a\x00\x08Zq7Iptc\x00"
    segment = b"\xff\xed" + struct.pack(">H", len(iptc) + 2) + iptc
    body = out.getvalue()
    return body[:2] + segment + body[2:] + b"PK\x03\x04Zq7Behind<script>alert(1)</script>"


def png(picture: Image.Image | None = None) -> bytes:
    """A PNG with text, EXIF and XMP."""
    out, told = io.BytesIO(), PngInfo()
    told.add_text("Comment", "Zq7PngText")
    told.add_itxt("XML:com.adobe.xmp", XMP.decode())
    (picture or drawing()).save(out, "PNG", pnginfo=told, exif=exif())
    return out.getvalue() + b"Zq7Behind"


def webp(picture: Image.Image | None = None) -> bytes:
    """A WebP with EXIF and XMP."""
    out = io.BytesIO()
    (picture or drawing()).save(out, "WEBP", exif=exif(), xmp=XMP)
    return out.getvalue()


def bomb(width: int = 20_000, height: int = 20_000) -> bytes:
    """A PNG of some hundred kilobytes that says it is, and is, of very many pixels."""
    row = b"\x00" + bytes((width + 7) // 8)
    packed = zlib.compressobj(9)
    data = b"".join([*(packed.compress(row) for _ in range(height)), packed.flush()])
    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", head) + _chunk(b"IDAT", data) + _chunk(b"IEND", b"")


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def animation(kind: str) -> bytes:
    """Three pictures one after the other, the first one red."""
    frames = [Image.new("RGB", (40, 40), colour) for colour in ("red", "green", "blue")]
    out = io.BytesIO()
    frames[0].save(out, kind, save_all=True, append_images=frames[1:], duration=100)
    return out.getvalue()


def found(body: bytes) -> list[bytes]:
    """The sentinels that are in some bytes."""
    return [sentinel for sentinel in SENTINELS if sentinel in body]
