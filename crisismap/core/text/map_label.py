"""Names on maps: how long they are, where they stand, and which would lie on another; for screens and paper alike.

On screens a name is a small picture: a browser shapes every script right in SVG, and asks nobody for glyphs.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from crisismap.core.text import symbols

MOST_LETTERS = 32  # of a name on a map; the whole one stands in its details
_WIDEST = 19  # times the size of the letters
_SLACK = 1.35  # how much wider than estimated a name may turn out: fonts differ
_HALO = 3  # pixels, half of them under the letters
_WIDE = frozenset("WF")
_MARKS = frozenset({"Mn", "Me", "Cf", "Cc"})
_MARGIN = 8  # pixels of an image above and below the letters together


@dataclass(frozen=True, slots=True)
class LabelStyle:
    """How names of one kind are written: size in pixels, weight, slant, and which colour of the palette."""

    size: int
    weight: int
    colour: str
    italic: bool = False

    @property
    def image_height(self) -> int:
        """Return the height of the image of a name, in pixels."""
        return self.size + _MARGIN


@dataclass(frozen=True, slots=True)
class LabelBox:
    """The room of a name: its middle, half of its width and of its height, in one unit."""

    x: float
    y: float
    half_width: float
    half_height: float

    def fits(self, width: float, height: float) -> bool:
        """Return whether it is within a frame from 0, 0."""
        across = self.half_width <= self.x <= width - self.half_width
        return across and self.half_height <= self.y <= height - self.half_height

    def hits(self, other: LabelBox, apart: float) -> bool:
        """Return whether two are nearer than `apart`."""
        across = abs(self.x - other.x) < self.half_width + other.half_width + apart
        return across and abs(self.y - other.y) < self.half_height + other.half_height + apart


@dataclass(frozen=True, slots=True)
class LabelImage:
    """An SVG image of twice its width and height, which are in pixels."""

    svg: str
    width: int
    height: int


def shortened(name: str, most: int = MOST_LETTERS) -> str:
    """Return a name in one line of at most so many letters, fewer where they are wide."""
    name = " ".join("".join(each for each in name if each.isprintable() or each == " ").split())
    short, kept = name, most
    while len(short) > most or width_of(short, 10) > 10 * _WIDEST:
        kept -= 1
        short = f"{name[:kept].rstrip()}…"
    return short


def told_apart(names: Sequence[str], codes: Sequence[str]) -> list[str]:
    """Return names of which those that several have are followed by their code, where they have one."""
    times = Counter(names)
    return [
        f"{shortened(name, MOST_LETTERS - len(code) - 3)} ({code})" if times[name] > 1 and 0 < len(code) <= 12 else name
        for name, code in zip(names, codes, strict=True)
    ]


def label_points(shapes: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Return a point of each shape: halfway along the longest line, within the largest area, or itself."""
    points = shapely.point_on_surface(shapes)
    lines = np.isin(
        shapely.get_type_id(shapes), (shapely.GeometryType.LINESTRING, shapely.GeometryType.MULTILINESTRING)
    )
    if lines.any():
        parts, owner = shapely.get_parts(shapes[lines], return_index=True)
        longest = np.lexsort((-shapely.length(parts), owner))
        first = longest[np.flatnonzero(np.append(True, np.diff(owner[longest]) > 0))]
        points[lines] = shapely.line_interpolate_point(parts[first], 0.5, normalized=True)
    return points


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
    width, height = round(width_of(name, style.size) * _SLACK) + _MARGIN, style.image_height
    slant = ' font-style="italic"' if style.italic else ""
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{2 * width}" height="{2 * height}" '
        f'viewBox="0 0 {width} {height}"><text x="{width / 2:g}" y="{height / 2 + style.size * 0.36:g}" '
        f'text-anchor="middle" font-family="system-ui,sans-serif" font-size="{style.size}" '
        f'font-weight="{style.weight}"{slant} fill="{getattr(colours, style.colour)}" stroke="{colours.land}" '
        f'stroke-width="{_HALO:g}" stroke-linejoin="round" paint-order="stroke">{escape(name)}</text></svg>'
    )
    return LabelImage(svg, width, height)
