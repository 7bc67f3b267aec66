"""Names on maps as small pictures: a browser shapes every script right in SVG, and asks nobody for glyphs."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from html import escape

from crisismap.core.text import symbols

MOST_LETTERS = 32  # of a name on a map; the whole one stands in its details
_SLACK = 1.35  # how much wider than estimated a name may turn out: fonts differ
_WIDE = frozenset("WF")
_MARKS = frozenset({"Mn", "Me", "Cf", "Cc"})


@dataclass(frozen=True, slots=True)
class LabelStyle:
    """How names of one kind are written: size in pixels, weight, slant, and which colour of the palette."""

    size: int
    weight: int
    colour: str
    italic: bool = False


@dataclass(frozen=True, slots=True)
class LabelImage:
    """An SVG image of twice its width and height, which are in pixels."""

    svg: str
    width: int
    height: int


def shortened(name: str) -> str:
    """Return a name in one line of at most MOST_LETTERS letters."""
    name = " ".join("".join(each for each in name if each.isprintable() or each == " ").split())
    return name if len(name) <= MOST_LETTERS else f"{name[: MOST_LETTERS - 1].rstrip()}…"


def width_of(name: str, size: int) -> int:
    """Return about how many pixels wide a name is at a size."""
    letters = 0.0
    for each in name:
        if unicodedata.category(each) not in _MARKS:
            letters += 1.0 if unicodedata.east_asian_width(each) in _WIDE else 0.56 if ord(each) < 0x500 else 0.72
    return round(letters * size) + 2


def image(name: str, style: LabelStyle, *, dark: bool = False) -> LabelImage:
    """Return a name as an image; the name is escaped. A halo would get a dark fringe where the map blends it."""
    colours = symbols.palette(dark)
    width, height = round(width_of(name, style.size) * _SLACK) + 8, style.size + 8
    slant = ' font-style="italic"' if style.italic else ""
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{2 * width}" height="{2 * height}" '
        f'viewBox="0 0 {width} {height}"><text x="{width / 2:g}" y="{height / 2 + style.size * 0.36:g}" '
        f'text-anchor="middle" font-family="system-ui,sans-serif" font-size="{style.size}" '
        f'font-weight="{style.weight}"{slant} fill="{getattr(colours, style.colour)}">{escape(name)}</text></svg>'
    )
    return LabelImage(svg, width, height)
