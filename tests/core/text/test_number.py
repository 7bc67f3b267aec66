"""It reads numbers as people write them, and cuts none."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crisismap.core.text.number import ascii_digits, decimal_mark, read_count, read_number


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
        ("１２．５", 12.5, None, 12.5),
        ("1e2", 100.0, None, 100.0),
        (".5", 0.5, None, 0.5),
        ("1,234,567", 1234567.0, None, 1234567.0),
        ("1,20,000", 120000.0, None, 120000.0),
        ("1e999", None, None, None),
        ("nan", None, None, None),
        ("10²", None, None, None),
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


@pytest.mark.parametrize(
    ("text", "decimal", "number"),
    [
        ("13,031", "", 13.031),
        ("13,031", ",", 13.031),
        ("13,0312", ".", 13.0312),
        ("٣٫٤٢٥", ",", 3.425),
        ("689,123", ".", 689123.0),
        ("1,2,3", "", None),
    ],
)
def test_reads_a_comma_as_a_decimal_one_where_a_fraction_is_certain(text: str, decimal: str, number: float | None):
    assert read_number(text, decimal=decimal, fraction=True) == number


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
        ("1.234.000", 1234000),
        ("1,20,000", 120000),
        ("6,000", 6000),
        ("0.000", 0),
        ("1.2e3", 1200),
        ("٦", 6),
        ("١٬٢٠٠", 1200),
        ("१२", 12),
        ("１２", 12),
        ("6 people", 6),
        ("12 orang", 12),
    ],
)
def test_reads_a_count(text: str, number: int):
    assert read_count(text) == read_count(text, rough=True) == number


@pytest.mark.parametrize(
    "text",
    ["", "six", "100-150", "2.5", "0.200", "١٫٢٠٠", "-3", "-1e3", "nan", "1e400", "3 of 5", "10²", "2 boats", "9" * 61],
)
def test_reads_no_count_in_anything_else(text: str):
    assert read_count(text) is None
    assert read_count(text, rough=True) is None


@pytest.mark.parametrize(
    ("text", "number"),
    [("about 6", 6), ("~150", 150), ("150+", 150), ("up to 1.200 beds", 1200), ("hasta 40", 40), ("6.000", 6000)],
)
def test_reads_an_estimate_only_where_one_will_do(text: str, number: int):
    assert read_count(text) is None
    assert read_count(text, rough=True) == number


def test_writes_digits_and_marks_of_any_script_as_those_of_ascii():
    assert ascii_digits("\u2212१२°٣٠٫٥ N") == "-12°30.5 N"


@given(st.integers(0, 10**9))
def test_reads_every_whole_number_as_programs_write_it(number: int):
    written = (str(number), f"{number:,}", f"{number:_}", f"{number:_}".replace("_", " "), f"{number}.0")
    assert {read_count(text) for text in written} == {number}


@given(st.integers(0, 10**9), st.sampled_from([",", ".", " ", "'", "\u202f", "\u00a0", "\u2019"]))
def test_reads_every_count_that_is_grouped_by_thousands(number, mark):
    assert read_count(f"{number:,}".replace(",", mark), rough=True) == number


@given(st.floats(-1e6, 1e6).map(lambda number: round(number, 4)), st.sampled_from([(",", "."), (".", ","), (" ", ",")]))
def test_reads_every_decimal_of_a_column_whose_mark_is_known(number, marks):
    group, point = marks
    text = f"{number:,.4f}".translate(str.maketrans({",": group, ".": point}))
    assert read_number(text, decimal=point) == pytest.approx(number)


@given(st.text(max_size=70))
def test_answers_any_text(text):
    assert all((read_count(text, rough=rough) or 0) >= 0 for rough in (False, True))
    assert math.isfinite(read_number(text) or 0)
    decimal_mark([text])
