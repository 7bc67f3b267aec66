"""Done: the answer of a write."""

from __future__ import annotations

from crisismap.core.done import Done


def test_has_a_revision_and_no_value_unless_given() -> None:
    assert Done(7) == Done(7, None)
    assert Done(7, "secret").value == "secret"
    assert Done(7, "secret") != Done(8, "secret")
