"""The sandboxed tile reader: images in, re-encoded pixels out; no network, no files.

Started by `raster.py` with its limits as an argument. It applies its restrictions before it reads any byte. Both speak
in frames: a type byte, a length, the bytes.
"""

from __future__ import annotations

import io
import json
import os
import struct
import sys
import warnings
from typing import IO, Any

from crisismap.core.errors import Malformed
from crisismap.layers.sandbox import confine

ASK, PNG, JPEG, REFUSED = range(4)
_HEAD = struct.Struct(">BI")


def main() -> int:
    """Answer each image until the pipe is closed."""
    order = json.loads(sys.argv[2])
    confine.limit(memory=order["memory"], cpu_s=order["cpu_s"], file_size=0)
    # Late: after the limits, but before the restrictions, because libraries are loaded from many folders.
    from PIL import Image, JpegImagePlugin, PngImagePlugin, WebPImagePlugin  # noqa: F401

    Image.preinit()
    warnings.simplefilter("ignore")  # our own limits apply before the library's
    Image.MAX_IMAGE_PIXELS = None
    confine.restrict(os.getcwd(), [os.path.dirname(Image.__file__), os.path.dirname(os.__file__)])
    while (frame := read_frame(sys.stdin.buffer)) is not None:
        try:
            code, content = _reencode(Image, frame[1], order["side"])
        except Malformed as error:
            code, content = _refused(error)
        except MemoryError:
            code, content = _refused(Malformed("picture_needs_memory"))
        except Exception:  # decoders raise many exceptions; all become one refusal
            code, content = _refused(Malformed("picture_damaged"))
        write_frame(sys.stdout.buffer, code, content)
    return 0


def _refused(problem: Malformed) -> tuple[int, bytes]:
    return REFUSED, json.dumps({"code": problem.code, "details": problem.details}).encode()


def _reencode(library: Any, body: bytes, side: int) -> tuple[int, bytes]:
    with library.open(io.BytesIO(body), formats=["PNG", "JPEG", "WEBP"]) as opened:
        width, height = opened.size
        if max(width, height) > side:
            raise Malformed("picture_too_wide", width=width, height=height, most=side)
        lossy = opened.format == "JPEG"
        opened.seek(0)  # of an animation, the first frame
        opened.load()
        see_through = opened.has_transparency_data
        picture = opened.convert("RGBA" if see_through else "L" if opened.mode in ("1", "L") else "RGB")
    clean = library.new(picture.mode, picture.size)  # without the comments that an image object carries along
    clean.paste(picture)
    out = io.BytesIO()
    if lossy:
        clean.save(out, "JPEG", quality=88)
        return JPEG, out.getvalue()
    clean.save(out, "PNG", compress_level=3)
    return PNG, out.getvalue()


def write_frame(pipe: IO[bytes], code: int, body: bytes) -> None:
    """Write one frame."""
    pipe.write(_HEAD.pack(code, len(body)) + body)
    pipe.flush()


def read_frame(pipe: IO[bytes], most: int = 1 << 30) -> tuple[int, bytes] | None:
    """Return the next frame; None at the end, for an incomplete one, or when its length exceeds `most`."""
    head = pipe.read(_HEAD.size)
    if len(head) < _HEAD.size:
        return None
    code, length = _HEAD.unpack(head)
    if length > most:
        return None
    body = pipe.read(length)
    return (code, body) if len(body) == length else None
