"""Refusals as data: a stable code each, and nothing in them that cannot be shown."""

from __future__ import annotations

import pytest

from crisismap.core import errors
from crisismap.core.errors import CrisismapError, Invalid, shorten
from crisismap.problems import reason, sentence
from tests.conftest import AS_WRITTEN

KINDS = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, CrisismapError)]


def test_gives_each_kind_an_end_of_its_own():
    kinds = [kind.kind for kind in KINDS]
    assert len(set(kinds)) == len(kinds) == 20


def test_says_field_value_and_reason():
    error = Invalid("lat", 91.5, "out_of_range", least=-90, most=90)
    assert str(error) == sentence(error) == "lat: must lie between -90 and 90 (got 91.5)"
    assert error.details == {"field": "lat", "value": "91.5", "least": -90, "most": 90}
    assert (error.field, error.code, reason(error)) == ("lat", "out_of_range", "must lie between -90 and 90")


def test_keeps_details_beside_the_code():
    error = errors.TooManyTries("too_many_tries", retry_after_s=9)
    assert (error.code, error.details) == ("too_many_tries", {"retry_after_s": 9})


def test_says_code_and_details_where_no_catalogue_is_at_hand():
    assert AS_WRITTEN(errors.NotFound("no_report")) == "no_report"
    assert AS_WRITTEN(Invalid("lat", 91, "out_of_range", least=-90)) == "out_of_range (field=lat, value=91, least=-90)"


@pytest.mark.parametrize(
    ("said", "code", "details"),
    [
        ("Expected `int`, got `str`", "wrong_type", {"expected": "int", "given": "str"}),
        ("Invalid enum value 'x'", "not_as_expected", {"problem": "Invalid enum value 'x'"}),
    ],
)
def test_gives_a_code_to_what_a_decoder_says(said: str, code: str, details: dict[str, str]):
    assert errors.unexpected(said) == (code, details)


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
