"""PDFs read and drawn again by PDFium, a reader not ours."""

from __future__ import annotations

from contextlib import closing

import pypdfium2
from PIL import Image


def pages(body: bytes) -> list[str]:
    """The words of each page."""
    with closing(pypdfium2.PdfDocument(body)) as document:
        found = []
        for page in document:
            with closing(page), closing(page.get_textpage()) as text:
                found.append(" ".join(text.get_text_range().replace("\t", "").split()))
        return found


def drawn(body: bytes, number: int = 0, scale: float = 1.0) -> Image.Image:
    """One page as a picture; 1 is 72 pixels an inch."""
    with closing(pypdfium2.PdfDocument(body)) as document, closing(document[number]) as page:
        return page.render(scale=scale).to_pil().convert("RGB")


def size(body: bytes) -> set[tuple[int, int]]:
    """The sizes of the pages in points."""
    with closing(pypdfium2.PdfDocument(body)) as document:
        return {(round(page.get_width()), round(page.get_height())) for page in document}


def dark(picture: Image.Image, box: tuple[int, int, int, int] | None = None) -> int:
    """How many pixels are not white."""
    part = picture.crop(box) if box is not None else picture
    return sum(part.convert("L").histogram()[:200])
