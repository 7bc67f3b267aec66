"""Numbers are read in every form that has one meaning; what has two, or none, is left as text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crisismap.core.text.written_numbers import written_count, written_number, written_truth


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("6", 6),
        (" 6.0 ", 6),
        ("1 200", 1200),
        ("1\u00a0200", 1200),
        ("1'200", 1200),
        ("1,200", 1200),
        ("1.200", 1200),
        ("1.234.567", 1234567),
        ("٦", 6),
        ("१२", 12),
        ("１２", 12),
        ("-3", -3),
    ],
)
def test_reads_a_count(text: str, number: int) -> None:
    assert written_count(text) == number


@pytest.mark.parametrize("text", ["", "six", "about 6", "~150", "150+", "100-150", "2.5", "6.000", "nan", "1e400"])
def test_reads_no_count_in_anything_else(text: str) -> None:
    assert written_count(text) is None


@pytest.mark.parametrize(
    ("text", "number"),
    [("0,5", 0.5), ("1.234,5", 1234.5), ("1,234.5", 1234.5), ("-12.25", -12.25), ("1e3", 1000.0), ("٢٫٥", 2.5)],
)
def test_reads_a_number(text: str, number: float) -> None:
    assert written_number(text) == number


def test_reads_one_comma_with_three_digits_only_where_a_fraction_is_certain() -> None:
    assert written_number("13,031") is None
    assert written_number("13,031", fraction=True) == 13.031


@given(st.text(max_size=50))
def test_never_fails_on_any_text(text: str) -> None:
    for read in (written_number, written_count, written_truth):
        found = read(text)
        assert found is None or found == found


@given(st.integers(-(10**9), 10**9))
def test_reads_every_whole_number_as_programs_write_it(number: int) -> None:
    assert (
        written_count(str(number))
        == written_count(f"{number:,}")
        == written_count(f"{number:_}".replace("_", " "))
        == number
    )


def test_knows_a_plain_yes_and_no() -> None:
    assert [written_truth(text) for text in ("Yes", " true", "1", "NO", "0", "maybe", "")] == [
        *(True, True, True),
        *(False, False, None, None),
    ]
