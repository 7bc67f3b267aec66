"""The icon atlas: every symbol of `core.symbols` on one SVG sheet per theme, with the map deck.gl reads it by."""

from __future__ import annotations

import json
import math

from crisismap.core.text import symbols

DRAWN = 54  # pixels of a symbol on the sheet; most are shown at 26 CSS pixels, so sharp on dense screens
CELL = 60  # with a gap, so that no neighbour bleeds in when the sheet is shrunk
# deck.gl keeps the sheet once for every tile in view, with its reductions: at 72 pixels a symbol that was 27 MB a tile,
# and a quarter of all the work of a first picture where no graphics card helps.


def sheet(*, dark: bool) -> str:
    """All symbols as one SVG image, row by row in the order of `symbols.sheet`."""
    every = list(symbols.sheet(dark=dark))
    columns, rows = _grid(len(every))
    scale = DRAWN / symbols.CELL
    cells = [
        f'<g transform="translate({_corner(number, columns)[0]} {_corner(number, columns)[1]}) scale({scale:g})">'
        f"{drawing}</g>"
        for number, (_, drawing) in enumerate(every)
    ]
    width, height = columns * CELL, rows * CELL
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
        f'viewBox="0 0 {width} {height}">{"".join(cells)}</svg>'
    )


def mapping() -> bytes:
    """deck.gl's `iconMapping`: key of a symbol to its cell, anchored in the middle, colours kept (`mask` false)."""
    keys = [key for key, _ in symbols.sheet()]
    columns, _ = _grid(len(keys))
    cells = {}
    for number, key in enumerate(keys):
        x, y = _corner(number, columns)
        cells[key] = {"x": x, "y": y, "width": DRAWN, "height": DRAWN, "mask": False}
    return json.dumps(cells, separators=(",", ":")).encode()


def _corner(number: int, columns: int) -> tuple[int, int]:
    gap = (CELL - DRAWN) // 2
    return number % columns * CELL + gap, number // columns * CELL + gap


def _grid(count: int) -> tuple[int, int]:
    columns = math.ceil(math.sqrt(count))
    return columns, math.ceil(count / columns)
