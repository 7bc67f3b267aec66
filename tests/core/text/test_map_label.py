"""Names on maps: short, escaped, and as wide as they turn out in any script."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crisismap.core.text.map_label import MOST_LETTERS, LabelStyle, image, shortened, width_of

STYLE = LabelStyle(12, 600, "label")
SVG = "{http://www.w3.org/2000/svg}"


def drawn(name: str) -> str:
    """The text that a browser finds in the picture."""
    made = image(name, STYLE)
    root = ElementTree.fromstring(made.svg)
    assert [each.tag for each in root.iter()] == [f"{SVG}svg", f"{SVG}text"]
    return root[0].text or ""


@given(st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=300))
def test_draws_any_name_as_text_and_nothing_else(name: str) -> None:
    short = shortened(name)
    assert len(short) <= MOST_LETTERS
    assert drawn(short) == short


@pytest.mark.parametrize("name", ['"><script>alert(1)</script>', "a&b", "</text><image href='x'/>"])
def test_takes_no_markup_from_a_name(name: str) -> None:
    assert drawn(name) == name


def test_cuts_a_long_name_and_makes_it_one_line() -> None:
    assert shortened("Adyar\n  West\u200b ") == "Adyar West"
    assert shortened("x" * 300) == "x" * (MOST_LETTERS - 1) + "…"


def test_is_wider_for_wide_letters_and_not_for_marks() -> None:
    assert width_of("浸水", 12) > width_of("ab", 12)
    assert width_of("e\u0301", 12) == width_of("e", 12)
    assert image("Adyar", STYLE).width > width_of("Adyar", 12)
    assert image("a", STYLE).svg != image("a", STYLE, dark=True).svg
