"""The language of colour and shape: told apart by eyes of every kind, and drawn from our own words only."""

from __future__ import annotations

import itertools
import xml.etree.ElementTree as ET

import numpy as np
import pytest

from crisismap.core.text import map_symbols, symbols
from crisismap.core.text.symbols import DARK, LIGHT, Palette, Symbol

# Machado, Oliveira and Fernandes 2009, severity 1, on linear RGB
BLINDNESS = {
    "protan": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deutan": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.01182, 0.04294, 0.968881]],
    "tritan": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.3039]],
}


def linear(colour: str) -> np.ndarray:
    value = np.array(symbols.rgb(colour)) / 255
    return np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)


def contrast(one: str, other: str) -> float:
    low, high = sorted(float(linear(each) @ [0.2126, 0.7152, 0.0722]) for each in (one, other))
    return (high + 0.05) / (low + 0.05)


def lab(rgb: np.ndarray) -> np.ndarray:
    matrix = [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.072175], [0.0193339, 0.119192, 0.9503041]]
    xyz = np.array(matrix) @ np.clip(rgb, 0, 1) / [0.95047, 1, 1.08883]
    f = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


@pytest.mark.parametrize("palette", [LIGHT, DARK])
def test_gives_every_priority_enough_contrast_to_be_read(palette: Palette) -> None:
    for colour in palette.priority:
        assert contrast(colour, palette.surface) >= 4.5
        assert contrast(colour, palette.ink) >= 4.5
        assert contrast(colour, palette.land) >= 3


@pytest.mark.parametrize("palette", [LIGHT, DARK])
@pytest.mark.parametrize("kind", BLINDNESS)
def test_keeps_priorities_apart_in_colour_blindness(palette: Palette, kind: str) -> None:
    seen = [lab(np.array(BLINDNESS[kind]) @ linear(colour)) for colour in palette.priority[1:]]
    for one, other in itertools.combinations(seen, 2):
        assert np.linalg.norm(one - other) > 10


def test_gives_every_category_an_outline_of_its_own() -> None:
    plates = [symbols.SHAPES[shape].plate for shape in symbols.CATEGORY_SHAPES.values()]
    assert len(set(plates)) == len(plates) == 7


def test_draws_every_symbol_as_well_formed_svg_that_differs_from_every_other() -> None:
    drawn = {}
    for key, drawing in map_symbols.sheet():
        ET.fromstring(f'<svg xmlns="http://www.w3.org/2000/svg">{drawing}</svg>')
        assert key not in drawn
        drawn[key] = drawing
    alike = [key for key in drawn if "-P0-" not in key and "cluster-0" not in key and "-closed-" not in key]
    assert len({drawn[key] for key in alike}) == len(alike)


def test_tells_priority_by_a_digit_too() -> None:
    urgent, calm = (symbols.drawing(Symbol("dot", priority, "filled")) for priority in (1, 4))
    assert urgent.replace(LIGHT.priority[1], "") != calm.replace(LIGHT.priority[4], "")


def test_shows_overdue_only_while_nobody_has_answered() -> None:
    assert symbols.of_report("rescue", priority=1, state="claimed", overdue=True).overdue
    assert not symbols.of_report("rescue", priority=1, state="answered", overdue=True).overdue


def test_draws_what_it_does_not_know_as_the_plainest_symbol() -> None:
    assert symbols.of_report("<script>", priority=9, state="?", verification="?") == Symbol()


def test_escapes_the_title_of_a_drawing() -> None:
    assert "<b>" not in symbols.svg(Symbol(), title='<b> "x"')
