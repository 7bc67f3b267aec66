"""A plain yes and no is read; anything else is neither."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crisismap.core.text.answer import read_truth


@pytest.mark.parametrize(
    ("text", "truth"),
    [
        ("Yes", True),
        (" true", True),
        ("1", True),
        ("X", True),
        ("NO", False),
        ("0", False),
        ("maybe", None),
        ("yes, no", None),
        ("", None),
    ],
)
def test_knows_a_plain_yes_and_no(text: str, truth: bool | None) -> None:
    assert read_truth(text) is truth


@given(st.text(max_size=50))
def test_answers_any_text(text: str) -> None:
    assert read_truth(text) in (True, False, None)
