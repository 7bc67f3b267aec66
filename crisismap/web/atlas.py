"""The icon atlas: everything of `core.text.map_symbols` on one SVG image per theme, with deck.gl's mapping."""

from __future__ import annotations

import json
import math

from crisismap.core.text import map_symbols, symbols

DRAWN = 54  # pixels of a symbol in the image; most are shown at 26 CSS pixels, so they stay sharp on dense screens
CELL = 60  # with a gap, so that no neighbour shows when the image is scaled down
# deck.gl keeps the image and its reductions once for every tile in view. At 72 pixels a symbol that took 27 MB a tile,
# and a quarter of the work of the first picture where no graphics card helps.


def sheet(*, dark: bool) -> str:
    """Return all symbols as one SVG image, row by row in the order of `map_symbols.sheet`."""
    every = list(map_symbols.sheet(dark=dark))
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
    """Return deck.gl's `iconMapping` as JSON: symbol to cell, anchored in the middle, colours kept (`mask` false)."""
    keys = [key for key, _ in map_symbols.sheet()]
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
