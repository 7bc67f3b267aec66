"""Names of columns are told by their words, however they are written."""

from __future__ import annotations

import pytest

from crisismap.core.text.column_words import ColumnKind, column_by_name, column_kind, folded, is_other_name


@pytest.mark.parametrize(
    ("name", "kind"), [("x", ColumnKind.LON), ("Y", ColumnKind.LAT), ("GPS Latitude", ColumnKind.LAT), ("colour", None)]
)
def test_tells_what_a_column_looks_like(name: str, kind: ColumnKind | None) -> None:
    assert column_kind(name) is kind


def test_compares_names_without_case_and_units() -> None:
    assert folded(" Level (m) ") == "level"
    assert column_by_name(["Name", "Water Level (m)"], ["water_level"]) == "Water Level (m)"
    assert column_by_name(["Name"], ["water_level"]) is None
    assert [is_other_name(name) for name in ("name_ta", "alt_name", "names")] == [True, True, False]
