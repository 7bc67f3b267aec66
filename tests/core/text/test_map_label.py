"""Names on maps: short, escaped, and as wide as they turn out in any script."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crisismap.core.text.map_label import MOST_LETTERS, LabelBox, LabelStyle, image, shortened, told_apart, width_of

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


def test_tells_names_apart_by_their_codes() -> None:
    assert told_apart(["Marina", "Marina", "Adyar", "Marina"], ["W-1", "W-2", "W-3", ""]) == [
        "Marina (W-1)",
        "Marina (W-2)",
        "Adyar",
        "Marina",
    ]
    long, _ = told_apart(["x" * 300, "x" * 300], ["W-1", "W-2"])
    assert len(long) == MOST_LETTERS
    assert long.endswith("… (W-1)")


def test_keeps_a_box_out_of_another() -> None:
    one = LabelBox(10, 10, 5, 2)
    assert one.hits(LabelBox(19, 10, 5, 2), 0)
    assert not one.hits(LabelBox(21, 10, 5, 2), 0)
    assert one.hits(LabelBox(21, 10, 5, 2), 2)
    assert one.fits(15, 12)
    assert not one.fits(14, 12)
