"""A session keeps a value until its key changes, and no error."""

from __future__ import annotations

import pytest
import streamlit as st

from crisismap.core.errors import NotFound
from crisismap.ui.frame.session_cache import cached


@pytest.fixture(autouse=True)
def session(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(st, "session_state", {})


def test_makes_a_value_once_for_a_key_of_a_slot() -> None:
    made: list[str] = []

    def make() -> str:
        made.append("made")
        return f"value {len(made)}"

    assert cached("a", 1, make) == cached("a", 1, make) == "value 1"
    assert cached("a", 2, make) == "value 2"
    assert cached("b", 2, make) == "value 3"
    assert cached("a", 2, make) == "value 2", "another slot is another value"


def test_keeps_nothing_of_what_failed() -> None:
    def fail() -> str:
        raise NotFound("no_page")

    assert cached("a", 1, lambda: "before") == "before"
    with pytest.raises(NotFound):
        cached("a", 2, fail)
    assert cached("a", 2, lambda: "after") == "after"
    assert cached("none", 1, lambda: None) is None
