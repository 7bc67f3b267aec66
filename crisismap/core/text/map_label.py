"""Names on maps as small pictures: a browser shapes every script right in SVG, and asks nobody for glyphs."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from html import escape

from crisismap.core.text import symbols

MOST_LETTERS = 32  # of a name on a map; the whole one stands in its details
_WIDEST = 19  # times the size of the letters
_SLACK = 1.35  # how much wider than estimated a name may turn out: fonts differ
_HALO = 3  # pixels, half of them under the letters
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
    """Return a name in one line of at most MOST_LETTERS letters, fewer where they are wide."""
    name = " ".join("".join(each for each in name if each.isprintable() or each == " ").split())
    short, most = name, MOST_LETTERS
    while len(short) > MOST_LETTERS or width_of(short, 10) > 10 * _WIDEST:
        most -= 1
        short = f"{name[:most].rstrip()}…"
    return short


def width_of(name: str, size: int) -> int:
    """Return about how many pixels wide a name is at a size."""
    letters = 0.0
    for each in name:
        if unicodedata.category(each) not in _MARKS:
            letters += 1.0 if unicodedata.east_asian_width(each) in _WIDE else 0.56 if ord(each) < 0x500 else 0.72
    return round(letters * size) + 2


def image(name: str, style: LabelStyle, *, dark: bool = False) -> LabelImage:
    """Return a name with a halo as an image; the name is escaped."""
    colours = symbols.palette(dark)
    width, height = round(width_of(name, style.size) * _SLACK) + 8, style.size + 8
    slant = ' font-style="italic"' if style.italic else ""
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{2 * width}" height="{2 * height}" '
        f'viewBox="0 0 {width} {height}"><text x="{width / 2:g}" y="{height / 2 + style.size * 0.36:g}" '
        f'text-anchor="middle" font-family="system-ui,sans-serif" font-size="{style.size}" '
        f'font-weight="{style.weight}"{slant} fill="{getattr(colours, style.colour)}" stroke="{colours.land}" '
        f'stroke-width="{_HALO:g}" stroke-linejoin="round" paint-order="stroke">{escape(name)}</text></svg>'
    )
    return LabelImage(svg, width, height)
