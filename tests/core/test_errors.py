"""Refusals as data: a stable code each, and nothing in them that cannot be shown."""

from __future__ import annotations

import pytest

from crisismap.core import errors
from crisismap.core.errors import CrisismapError, Invalid, shorten

KINDS = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, CrisismapError)]


def test_gives_each_kind_a_code_of_its_own():
    codes = [kind.code for kind in KINDS]
    assert len(set(codes)) == len(codes) == 18


def test_says_field_value_and_reason():
    error = Invalid("lat", 91.5, "must lie between -90 and 90")
    assert str(error) == error.detail == "lat: must lie between -90 and 90 (got 91.5)"
    assert error.details == {"field": "lat", "value": "91.5"}
    assert (error.field, error.why) == ("lat", "must lie between -90 and 90")


def test_keeps_details_beside_the_sentence():
    error = errors.TooManyTries("later", retry_after_s=9)
    assert (error.detail, error.details) == ("later", {"retry_after_s": 9})


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("a\n b\t c", "a b c"),
        ("x" * 80, "x" * 80),
        ("x" * 81, "x" * 79 + "…"),
        (None, "None"),
        (["a"], "['a']"),
        ("", ""),
    ],
)
def test_shows_a_value_bounded_and_on_one_line(value: object, shown: str):
    assert shorten(value) == shown
