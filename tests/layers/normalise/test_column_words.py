"""Columns of layers are known by the names that reports know, and by hints of their own."""

from __future__ import annotations

import pytest

from crisismap import i18n
from crisismap.core.text.table_names import column_by_name, fold_name
from crisismap.layers.normalise import column_words
from crisismap.layers.normalise.column_words import ColumnKind, column_kind, is_other_name, place_names


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("lon_wgs84", ColumnKind.LON),
        ("Y", ColumnKind.LAT),
        ("gpsPoint", ColumnKind.POINT),
        ("wkb_out", ColumnKind.SHAPE),
        ("No. HP", ColumnKind.PHONE),
        ("Kapazität", ColumnKind.CAPACITY),
        ("familiesInside", ColumnKind.PEOPLE),
        ("since_when", ColumnKind.TIME),
        ("Straße / Ort", ColumnKind.PLACE),
        ("தெரு பெயர்", ColumnKind.PLACE),
    ],
)
def test_hears_what_a_column_is_by_one_word_of_its_name(name: str, kind: ColumnKind) -> None:
    assert column_kind(name) is kind


@pytest.mark.parametrize("name", ["x_ray", "area_km2", "shape_length", "start_no", "how long", "telling", "", "#"])
def test_hears_nothing_in_words_that_say_little(name: str) -> None:
    assert column_kind(name) is None


@pytest.mark.parametrize("kind", [ColumnKind.LON, ColumnKind.LAT, ColumnKind.POINT, ColumnKind.SHAPE])
def test_knows_every_name_of_a_place_that_reports_know(kind: ColumnKind) -> None:
    member = {"LON": "lon", "LAT": "lat", "POINT": "position", "SHAPE": "shape"}[kind.name]
    for language in i18n.languages().values():
        for name in language.columns.get(member, ()):
            assert column_by_name(["id", name.upper()], place_names(kind)) == name.upper()


def test_writes_no_word_again_that_the_languages_have() -> None:
    names = i18n.column_names()
    for kind, hints in column_words._HINTS.items():
        listed = {fold_name(name) for name in names.get(column_words._LISTS.get(kind, ""), ())}
        assert listed.isdisjoint(map(fold_name, hints.split()))


@pytest.mark.parametrize(
    ("name", "is_other"), [("name_ta", True), ("alt_name", True), ("name:hi", True), ("username", False)]
)
def test_knows_columns_of_other_names(name: str, is_other: bool) -> None:
    assert is_other_name(name) is is_other
