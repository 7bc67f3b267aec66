"""The icon sheet holds every symbol once, and its map cuts each out without its neighbours."""

from __future__ import annotations

import json
import re
from xml.etree import ElementTree

import pytest

from crisismap.core.text import map_symbols
from crisismap.web.atlas import CELL, DRAWN, mapping, sheet

SVG = "{http://www.w3.org/2000/svg}"


@pytest.mark.parametrize("dark", [True, False])
def test_draws_every_symbol_where_the_map_says(dark: bool) -> None:
    root = ElementTree.fromstring(sheet(dark=dark))
    cells = json.loads(mapping())
    groups = root.findall(f"{SVG}g")
    assert len(groups) == len(cells) == len(list(map_symbols.sheet()))
    for group, cell in zip(groups, cells.values(), strict=True):
        assert group.attrib["transform"].startswith(f"translate({cell['x']} {cell['y']})")


def test_keeps_the_cells_apart_and_inside_the_sheet() -> None:
    root = ElementTree.fromstring(sheet(dark=False))
    cells = list(json.loads(mapping()).values())
    corners = {(cell["x"], cell["y"]) for cell in cells}
    assert len(corners) == len(cells)
    assert all(cell["x"] % CELL == cell["y"] % CELL == (CELL - DRAWN) // 2 for cell in cells)
    assert max(cell["x"] for cell in cells) + DRAWN < int(root.attrib["width"])
    assert max(cell["y"] for cell in cells) + DRAWN < int(root.attrib["height"])


def test_keeps_the_colours_of_symbols() -> None:
    assert not any(cell["mask"] for cell in json.loads(mapping()).values())
    assert sheet(dark=True) != sheet(dark=False)


def test_gives_every_symbol_a_cell_of_its_own_inside_the_sheet() -> None:
    cells = json.loads(mapping())
    assert set(cells) == {key for key, _ in map_symbols.sheet()}
    corners = {(cell["x"], cell["y"]) for cell in cells.values()}
    assert len(corners) == len(cells)
    width, height = map(int, re.findall(r'(?:width|height)="(\d+)"', sheet(dark=False))[:2])
    assert max(cell["x"] + cell["width"] for cell in cells.values()) <= width <= 4096
    assert max(cell["y"] + cell["height"] for cell in cells.values()) <= height <= 4096
