"""The sandboxed tile reader: images in, re-encoded pixels out; no network, no files.

Started by `raster.py` with its limits as an argument. It applies its restrictions before it reads any byte.
"""

from __future__ import annotations

import io
import json
import os
import sys
import warnings
from typing import Any

from crisismap.layers.sandbox import confine
from crisismap.layers.sandbox.raster_frame import JPEG, PNG, REFUSED, read_frame, write_frame


def main() -> int:
    """Answer each image until the pipe is closed."""
    order = json.loads(sys.argv[2])
    confine.limit(memory=order["memory"], cpu_s=order["cpu_s"], file_size=0)
    # Late: after the limits, but before the restrictions, because libraries are loaded from many folders.
    from PIL import Image, JpegImagePlugin, PngImagePlugin, WebPImagePlugin  # noqa: F401

    Image.preinit()
    warnings.simplefilter("ignore")  # our own limits apply before the library's
    Image.MAX_IMAGE_PIXELS = None
    confine.shut_in(os.getcwd(), [os.path.dirname(Image.__file__), os.path.dirname(os.__file__)])
    while (frame := read_frame(sys.stdin.buffer)) is not None:
        try:
            code, content = _reencode(Image, frame[1], order["side"])
        except MemoryError:
            code, content = REFUSED, b"it needs more memory than a tile may"
        except Exception as problem:  # decoders raise many exceptions; all become one refusal
            problem_text = (
                str(problem) if isinstance(problem, _RasterRefused) else "it is damaged or cut off and cannot be read"
            )
            code, content = REFUSED, problem_text.encode()
        write_frame(sys.stdout.buffer, code, content)
    return 0


class _RasterRefused(Exception):
    """A refusal, as a sentence for the maintainer of the layer."""


def _reencode(library: Any, body: bytes, side: int) -> tuple[int, bytes]:
    with library.open(io.BytesIO(body), formats=["PNG", "JPEG", "WEBP"]) as opened:
        width, height = opened.size
        if max(width, height) > side:
            raise _RasterRefused(f"{width} x {height} pixels are too many for a tile; at most {side} x {side} are read")
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
