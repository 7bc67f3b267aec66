"""It reads numbers as people write them, and cuts none."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crisismap.core.text.number import decimal_mark, read_count, read_number


@pytest.mark.parametrize(
    ("text", "plain", "comma", "point"),
    [
        ("12.5", 12.5, None, 12.5),
        ("13,0312", 13.0312, 13.0312, None),
        ("3,425", None, 3.425, 3425.0),
        ("3.425", 3.425, 3425.0, 3.425),
        ("0,425", 0.425, 0.425, None),
        ("1.234,5", 1234.5, 1234.5, None),
        ("1,234.5", 1234.5, None, 1234.5),
        ("1 234,5", 1234.5, 1234.5, None),
        ("1'234.5", 1234.5, None, 1234.5),
        ("-3,42", -3.42, -3.42, None),
        ("\u22123.42", -3.42, None, -3.42),
        ("१२.५", 12.5, None, 12.5),
        ("١٢٫٥", 12.5, 12.5, 12.5),
        ("１２.５", 12.5, None, 12.5),
        ("1e2", 100.0, None, 100.0),
        ("1,2,3", None, None, None),
        ("12-13", None, None, None),
        ("about 6", None, None, None),
        ("", None, None, None),
        ("9" * 61, None, None, None),
    ],
)
def test_reads_a_number_by_the_mark_of_its_column(text, plain, comma, point):
    assert [read_number(text, decimal=mark) for mark in ("", ",", ".")] == [plain, comma, point]


@pytest.mark.parametrize(
    ("column", "mark"),
    [
        (["13,0312", "80,2212"], ","),
        (["1.200", "0,5", "1200"], ","),
        (["1.234.567"], ","),
        (["13.0312", "80"], "."),
        (["1.5", "2,5"], ""),
        (["3,425", 3, None, "many"], ""),
    ],
)
def test_hears_the_decimal_mark_of_a_column(column, mark):
    assert decimal_mark(column) == mark


@given(st.integers(0, 10**9), st.sampled_from([",", ".", " ", "'", "\u202f", "\u00a0", "\u2019"]))
def test_reads_every_count_that_is_grouped_by_thousands(number, mark):
    assert read_count(f"{number:,}".replace(",", mark)) == number


@given(st.floats(-1e6, 1e6).map(lambda number: round(number, 4)), st.sampled_from([(",", "."), (".", ","), (" ", ",")]))
def test_reads_every_decimal_of_a_column_whose_mark_is_known(number, marks):
    group, point = marks
    text = f"{number:,.4f}".translate(str.maketrans({",": group, ".": point}))
    assert read_number(text, decimal=point) == pytest.approx(number)


@given(st.text(max_size=70))
def test_answers_any_text(text):
    assert read_count(text) is None or read_count(text) >= 0
    read_number(text)
    decimal_mark([text])
