"""The reader of tiles in its cell: picture after picture in, pixels encoded anew by us out; no network, no files.

Started by `picture.py` with its limits as an argument. It shuts itself in before it looks at a single byte.
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
    """Answer each picture until the other side ends."""
    order = json.loads(sys.argv[2])
    confine.limit(memory=order["memory"], cpu_s=order["cpu_s"], file_size=0)
    # Only here, below the limits; and before the walls, because libraries are loaded from everywhere.
    from PIL import Image, JpegImagePlugin, PngImagePlugin, WebPImagePlugin  # noqa: F401

    Image.preinit()
    warnings.simplefilter("ignore")  # the limits are ours and come before the library's
    Image.MAX_IMAGE_PIXELS = None
    confine.shut_in(os.getcwd(), [os.path.dirname(Image.__file__), os.path.dirname(os.__file__)])
    while (asked := read_frame(sys.stdin.buffer)) is not None:
        try:
            code, said = _anew(Image, asked[1], order["side"])
        except MemoryError:
            code, said = REFUSED, b"it needs more memory than a tile may"
        except Exception as problem:  # whatever a decoder raises: one refusal
            told = (
                str(problem) if isinstance(problem, _RasterRefused) else "it is damaged or cut off and cannot be read"
            )
            code, said = REFUSED, told.encode()
        write_frame(sys.stdout.buffer, code, said)
    return 0


class _RasterRefused(Exception):
    """A sentence for whoever looks after the layer."""


def _anew(library: Any, body: bytes, side: int) -> tuple[int, bytes]:
    with library.open(io.BytesIO(body), formats=["PNG", "JPEG", "WEBP"]) as opened:
        width, height = opened.size
        if max(width, height) > side:
            raise _RasterRefused(f"{width} x {height} pixels are too many for a tile; at most {side} x {side} are read")
        lossy = opened.format == "JPEG"
        opened.seek(0)  # of what moves, the first picture
        opened.load()
        see_through = opened.has_transparency_data
        picture = opened.convert("RGBA" if see_through else "L" if opened.mode in ("1", "L") else "RGB")
    clean = library.new(picture.mode, picture.size)  # an image carries comments along; this one has pixels only
    clean.paste(picture)
    out = io.BytesIO()
    if lossy:
        clean.save(out, "JPEG", quality=88)
        return JPEG, out.getvalue()
    clean.save(out, "PNG", compress_level=3)
    return PNG, out.getvalue()
