"""The sandboxed photo reader: one decoder, no network, no files; image bytes in, our own JPEG out.

Started by `photo.py` with the order as an argument and the photo on standard input. It applies its restrictions before
it reads any byte of the photo.
"""

from __future__ import annotations

import io
import json
import os
import struct
import sys
import warnings
from typing import Any

from crisismap.core.errors import Malformed
from crisismap.layers.sandbox import confine

QUALITY = 82


def main() -> int:
    """Write the length of a JSON header, the header, the image and its thumbnail to standard output."""
    order = json.loads(sys.argv[2])
    confine.limit(memory=order["memory"], cpu_s=order["cpu_s"], file_size=order["answer"])
    # Late: after the limits, but before the restrictions, because libraries are loaded from many folders.
    from PIL import Image, ImageCms, ImageOps  # noqa: F401

    _load_decoder(order["kind"])
    restrictions = confine.restrict(os.getcwd(), [os.path.dirname(Image.__file__), os.path.dirname(os.__file__)])
    body = sys.stdin.buffer.read()
    try:
        return _reply({**_convert(Image, order, body), "restrictions": restrictions})
    except Malformed as error:
        refusal = error
    except MemoryError:
        refusal = Malformed("photo_needs_memory")
    except Exception:  # decoders raise many exceptions; all become one refusal
        refusal = Malformed("photo_damaged")
    return _reply({"problem": {"code": refusal.code, "details": refusal.details}})


def _load_decoder(kind: str) -> None:
    """Import the one decoder that is needed, and that of JPEG, which writes the answer; each in one thread."""
    from PIL import JpegImagePlugin, MpoImagePlugin  # noqa: F401

    if kind == "HEIF":
        import pillow_heif

        pillow_heif.options.DECODE_THREADS = 1
        pillow_heif.register_heif_opener(thumbnails=False)
    elif kind == "AVIF":
        from PIL import AvifImagePlugin

        AvifImagePlugin.DEFAULT_MAX_THREADS = 1
    elif kind == "PNG":
        from PIL import PngImagePlugin  # noqa: F401
    elif kind == "WEBP":
        from PIL import WebPImagePlugin  # noqa: F401


def _convert(library: Any, order: dict[str, Any], body: bytes) -> dict[str, Any]:
    from PIL import ImageOps

    warnings.simplefilter("ignore")  # our own limits below apply before the library's
    library.MAX_IMAGE_PIXELS = None
    with library.open(io.BytesIO(body), formats=[order["kind"]]) as opened:
        width, height = opened.size
        if width * height > order["pixels"] or max(width, height) > order["side"]:
            raise Malformed("photo_too_many_pixels", width=width, height=height, most=order["pixels"] // 1_000_000)
        opened.seek(0)  # of an animation, the first frame
        opened.draft("RGB", (order["kept_side"], order["kept_side"]))  # JPEG only: decoded smaller if possible
        opened.load()
        profile = opened.info.get("icc_profile")
        # Scaled first: each later step would take the memory of 48 million pixels again.
        small = _scaled(library, _plain_mode(opened), order["kept_side"])
    picture = _rgb_on_white(library, _srgb(ImageOps.exif_transpose(small), profile))
    kept = _fit(library, picture, order["kept_side"])
    image, thumb = _jpeg(kept), _jpeg(_fit(library, kept, order["thumb_side"]))
    return {"width": kept.width, "height": kept.height, "image": image, "thumb": thumb}


def _srgb(picture: Any, profile: bytes | None) -> Any:
    """Convert to sRGB; an invalid colour profile is ignored."""
    from PIL import ImageCms

    if not profile or picture.mode not in ("RGB", "RGBA", "CMYK", "L"):
        return picture
    mode = "RGBA" if picture.mode == "RGBA" else "RGB"
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        return ImageCms.profileToProfile(picture, source, ImageCms.createProfile("sRGB"), outputMode=mode) or picture
    except (ImageCms.PyCMSError, OSError, ValueError):
        return picture


def _rgb_on_white(library: Any, picture: Any) -> Any:
    """Convert to RGB on white; 16 bits of grey become 8."""
    if picture.mode.startswith("I"):
        picture = picture.convert("I").point(lambda value: value / 256).convert("L")
    if picture.has_transparency_data:
        picture = picture.convert("RGBA")
        ground = library.new("RGBA", picture.size, "white")
        return library.alpha_composite(ground, picture).convert("RGB")
    return picture.convert("RGB")


def _plain_mode(picture: Any) -> Any:
    """Return the image in colours that can be scaled, not in numbers of a palette."""
    if picture.mode in ("P", "PA", "1"):
        return picture.convert("RGBA" if picture.has_transparency_data else "RGB")
    return picture


def _scaled(library: Any, picture: Any, side: int) -> Any:
    scale = min(1.0, side / max(picture.size))
    size = (max(1, round(picture.width * scale)), max(1, round(picture.height * scale)))
    if size == picture.size:
        return picture
    sixteen = picture.mode.startswith("I")
    return picture.resize(size, library.Resampling.NEAREST if sixteen else library.Resampling.LANCZOS, reducing_gap=3.0)


def _fit(library: Any, picture: Any, side: int) -> Any:
    """Return a copy that fits a square of `side`, with pixels only: an image object carries comments along."""
    smaller = _scaled(library, picture, side)
    clean = library.new("RGB", smaller.size)
    clean.paste(smaller)
    return clean


def _jpeg(picture: Any) -> bytes:
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=QUALITY, optimize=True)
    return out.getvalue()


def _reply(answer: dict[str, Any]) -> int:
    image, thumb = answer.pop("image", b""), answer.pop("thumb", b"")
    head = json.dumps({**answer, "image": len(image), "thumb": len(thumb)}).encode()
    sys.stdout.buffer.write(struct.pack(">I", len(head)) + head + image + thumb)
    sys.stdout.buffer.flush()
    return 0
