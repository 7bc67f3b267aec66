"""Untrusted photos: decoded, rotated upright and re-encoded in a child process without privileges.

Only re-encoded pixels are stored: location, time, serial number, thumbnail, comments and anything else in or behind the
file are dropped. The format is detected by content; names and media types are ignored.
"""

from __future__ import annotations

import json
import struct
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path

import msgspec

from crisismap.core.errors import Malformed, TooLarge
from crisismap.core.report.photo import MAX_BYTES, MAX_PIXELS, MAX_SIDE, SIDE, THUMB_SIDE, PhotoBytes
from crisismap.layers.sandbox.process import ChildProcess, Fault, bare_environment

_HEAD = struct.Struct(">I")  # length of the JSON header
_AVIF, _HEIF = {b"avif", b"avis"}, {b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"mif1", b"msf1", b"miaf"}
# JPEG XL, and the raw files of cameras and phones (TIFF, DNG).
_UNREAD = (b"\xff\x0a", b"\x00\x00\x00\x0cJXL ", b"II*\x00", b"MM\x00*")
_MOST_BRANDS = 64  # names of formats that a HEIF or AVIF file may claim


@dataclass(frozen=True, slots=True)
class PhotoLimits:
    """Limits of a child."""

    memory: int = 1 << 30  # bytes of address space
    cpu_s: int = 15
    wall_s: float = 30.0
    answer: int = 16 << 20  # bytes
    pixels: int = MAX_PIXELS
    side: int = MAX_SIDE


class _Header(msgspec.Struct, forbid_unknown_fields=True):
    """The header before the image bytes: a refusal, or the dimensions and the restrictions that were in force."""

    problem: Fault | None = None
    width: int = 0
    height: int = 0
    image: int = 0
    thumb: int = 0
    restrictions: list[str] = []


def kind_of(body: bytes) -> str:
    """Return JPEG, PNG, WEBP, HEIF or AVIF, by the first bytes. Raises Malformed naming what was sent instead.

    JPEG includes the files of phones with several pictures (MPO), of which the first counts.
    """
    if body.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if body.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG"
    if body[:4] == b"RIFF" and body[8:12] == b"WEBP":
        return "WEBP"
    if body[4:8] == b"ftyp":
        end = min(int.from_bytes(body[:4], "big"), 16 + 4 * _MOST_BRANDS)
        brands = {body[8:12], *(body[place : place + 4] for place in range(16, end, 4))}
        if brands & (_AVIF | _HEIF):
            return "AVIF" if brands & _AVIF else "HEIF"
        raise Malformed("photo_is_a_video")
    if body.startswith(_UNREAD):
        raise Malformed("photo_kind_unread")
    if not body:
        raise Malformed("photo_empty")
    raise Malformed("not_a_photo")


def read_photo(body: bytes) -> PhotoBytes:
    """Return the image in some bytes without metadata. Raises TooLarge, Malformed (no image, damaged, or a bomb)."""
    return read_with_restrictions(body, PhotoLimits())[0]


def read_with_restrictions(body: bytes, limits: PhotoLimits) -> tuple[PhotoBytes, list[str]]:
    """Return the image and the restrictions that were in force in the child."""
    if len(body) > MAX_BYTES:
        raise TooLarge("photo_too_large", most=MAX_BYTES >> 20)
    order = {"kind": kind_of(body), "kept_side": SIDE, "thumb_side": THUMB_SIDE, **asdict(limits)}
    with tempfile.TemporaryDirectory(prefix="crisismap-photo-") as name, tempfile.TemporaryFile() as sink:
        folder = Path(name)
        cell = ChildProcess("crisismap.layers.sandbox.photo_child", folder, bare_environment(folder), limits.wall_s)
        cell.run(body, sink.fileno(), "photo", json.dumps(order))
        sink.seek(0)
        return _answer(sink.read(limits.answer))


def _answer(output: bytes) -> tuple[PhotoBytes, list[str]]:
    try:
        (length,) = _HEAD.unpack_from(output)
        head = msgspec.json.decode(output[_HEAD.size : _HEAD.size + length], type=_Header)
    except (struct.error, msgspec.MsgspecError):
        raise Malformed("reader_stopped", what="photo") from None
    if head.problem is not None:
        raise head.problem.refusal
    start = _HEAD.size + length
    image, thumb = output[start : start + head.image], output[start + head.image :]
    if len(image) != head.image or len(thumb) != head.thumb or not image.startswith(b"\xff\xd8\xff"):
        raise Malformed("reader_stopped", what="photo")
    return PhotoBytes(head.width, head.height, image, thumb), head.restrictions
