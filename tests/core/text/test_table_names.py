"""Names of columns are compared as people write them, and what spreadsheet programs put above them is known."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crisismap.core.text.table_names import (
    NamedValues,
    are_hashtags,
    column_by_name,
    columns_by_name,
    declared_delimiter,
    distinct_names,
    fold_name,
    fold_without_brackets,
    folded,
)


@pytest.mark.parametrize(
    ("line", "delimiter"),
    [
        ("sep=;", ";"),
        ("SEP=,\r\n", ","),
        ('"sep=\t"\n', "\t"),
        ("sep=|", "|"),
        ("sep=^", "^"),
        ("sep=", ""),
        ("sep=a", ""),
        ('sep="', ""),
        ("sep=;;", ""),
        ("name;sep=;", ""),
    ],
)
def test_hears_the_delimiter_that_a_first_line_declares(line: str, delimiter: str) -> None:
    assert declared_delimiter(line) == delimiter


def test_numbers_names_that_repeat_or_are_empty() -> None:
    given_ = ["note", "", "note", "note (2)", "note"]
    assert distinct_names(given_) == ["note", "column 2", "note (2)", "note (2) (2)", "note (3)"]


@given(st.lists(st.sampled_from(["", "a", "a (2)", "column 1", "column 3", "b"]), max_size=8))
def test_makes_each_name_distinct(names: list[str]) -> None:
    found = distinct_names(names)
    assert len(found) == len(set(found)) == len(names)
    assert all(new.startswith(old) for new, old in zip(found, names, strict=True))


@pytest.mark.parametrize("name", ["GPS_Latitude", " gps latitude ", "gps-látitude", "Gps.Latitude:", "#gps+latitude"])
def test_compares_names_without_case_accents_and_signs(name: str) -> None:
    assert fold_name(name) == "gps latitude"


@pytest.mark.parametrize("name", ["Latitude (°N)", "Latitude [deg]", "latitude"])
def test_leaves_out_units_in_brackets(name: str) -> None:
    assert fold_without_brackets(name) == "latitude"


def test_takes_the_column_of_the_first_known_name() -> None:
    assert column_by_name(["X", "Longitude (°E)", "LON"], ("lon", "longitude", "x")) == "LON"
    assert column_by_name(["X", "Longitude (°E)"], ("lon", "longitude", "x")) == "Longitude (°E)"
    assert column_by_name(["lon (old)", "lon"], ("lon",)) == "lon"
    assert column_by_name(["", "#"], ("lon",)) is None


@pytest.mark.parametrize(
    "name", ["max_capacity", "Max Capacity", "MAX-CAPACITY", " Max  capacity (persons) ", "max_capacity"]
)
def test_finds_a_value_however_its_column_is_written(name: str) -> None:
    assert list(NamedValues({name: 5}).of(folded(["capacity", "max_capacity"]))) == [5]
    assert list(columns_by_name([name], ["capacity", "max_capacity"])) == [name]


def test_yields_values_in_the_order_of_the_known_names_those_in_brackets_last() -> None:
    row = {"beds": 1, "Capacity (old)": 2, "capacity": None, "CAPACITY": 3}
    assert list(NamedValues(row).of(folded(["capacity", "beds"]))) == [None, 3, 2, 1]
    assert list(columns_by_name(row, ["capacity", "beds"])) == ["capacity", "CAPACITY", "Capacity (old)", "beds"]


@given(st.text(max_size=20))
def test_folds_plain_names_as_all_others(name: str) -> None:
    assert folded([name]) == (fold_name(name),)


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (["#adm2+code", "#geo+lat", "#geo+lon", "#org"], True),
        (["#geo +lat", "", "#geo +lon"], True),
        (["", "#flood", "", ""], False),
        (["#flood"], False),
        (["#1", "#REF!", "#N/A"], False),
        (["#help", "13.05", "80.2"], False),
        ([], False),
    ],
)
def test_tells_hashtags_of_columns_from_those_that_people_write(cells: list[str], expected: bool) -> None:
    assert are_hashtags(cells) is expected
