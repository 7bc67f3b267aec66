"""A typed place goes before a clicked one."""

from __future__ import annotations

import pytest

from crisismap.ui.detail import set_location


@pytest.mark.parametrize(
    ("typed", "place"), [("", (80.1, 13.1)), ("13.2, 80.2", (80.2, 13.2)), ("here", None), ("91, 200", None)]
)
def test_takes_what_was_typed_before_what_was_clicked(typed: str, place: tuple[float, float] | None) -> None:
    found, problem = set_location.read(typed, (80.1, 13.1))
    assert found == place
    assert bool(problem) is (place is None)
