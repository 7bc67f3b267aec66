"""Symbols of reports: each fact in its place, and nothing of people's own words in a drawing."""

from __future__ import annotations

import pytest

from crisismap.core.text import symbols
from crisismap.core.text.symbols import CATEGORY_SHAPES, SHAPES, Symbol, of_report


def test_shows_what_a_request_says() -> None:
    made = of_report("rescue", priority=1, state="claimed", overdue=True, verification="disputed")
    assert made == Symbol("lifebuoy", 1, "hand", True, "split")
    assert made.key == "lifebuoy-P1-hand-late-split"


@pytest.mark.parametrize("state", ["answered", "confirmed", "withdrawn", "joined", "cannot_meet"])
def test_shows_nothing_as_overdue_that_is_no_longer_unanswered(state: str) -> None:
    assert not of_report("rescue", priority=1, state=state, overdue=True).overdue


def test_gives_what_asks_for_nothing_no_priority() -> None:
    assert of_report("flooding", priority=2) == Symbol("drop", 0, "none")


def test_makes_the_plainest_symbol_of_what_it_does_not_know() -> None:
    assert of_report("<script>", priority=9, state="open", verification="x") == Symbol("dot", 0, "filled")
    assert symbols.shape_of("power", {"power": "no such shape"}) == "dot"
    assert symbols.shape_of("power", {"power": "tap"}) == "tap"
    assert set(CATEGORY_SHAPES.values()) <= set(SHAPES)


def test_names_each_symbol_of_the_atlas_once() -> None:
    keys = [symbol.key for symbol in symbols.all_symbols()]
    assert len(keys) == len(set(keys))
    assert of_report("rescue", priority=1, state="open", overdue=True, verification="disputed").key in keys


def test_has_one_badge_at_most_the_most_important_one() -> None:
    """Overdue before claimed before the priority's digit."""
    clock, hand, digit = (
        symbols.drawing(Symbol("dot", 1, look, overdue)).split("<g ")[1:]
        for look, overdue in (("hand", True), ("hand", False), ("filled", False))
    )
    assert [len(each) for each in (clock, hand, digit)] == [1, 1, 1]
    assert clock == symbols.drawing(Symbol("dot", 1, "filled", True)).split("<g ")[1:]
    assert hand != digit != clock
    assert '<g transform="translate(51' not in symbols.drawing(Symbol("dot", 1, "closed"))


def test_escapes_the_title_of_a_drawing() -> None:
    drawn = symbols.svg(Symbol(), title='"><script>alert(1)</script>')
    assert "<script>" not in drawn
    assert 'aria-hidden="true"' not in drawn
    assert 'aria-hidden="true"' in symbols.svg(Symbol())


def test_reads_a_colour_and_a_priority() -> None:
    assert symbols.rgb("#B3261E") == (0xB3, 0x26, 0x1E)
    assert [symbols.letter(priority) for priority in (0, 1, 4, 5)] == ["", "P1", "P4", ""]
