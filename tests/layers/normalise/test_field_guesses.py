"""Ids, names and codes guessed from what makers usually write."""

from __future__ import annotations

import pytest

from crisismap.layers.formats.raw import RawFeature, RawLayer
from crisismap.layers.normalise.field_guesses import as_text, choose_fields
from crisismap.layers.normalise.mapping import LayerMapping
from tests.layers.samples import collection, feature, point, read


def test_keeps_codes_as_text_with_their_zeros() -> None:
    version = read(collection(feature(point(80, 13), Pcode=" 007 "), feature(point(80, 12), Pcode="010")))
    assert [item.code for item in version.features] == ["007", "010"]
    assert [item.id for item in version.features] == ["007", "010"]


def test_takes_the_row_number_where_nothing_tells_features_apart() -> None:
    version = read(collection(feature(point(80, 13), osm_id=0), feature(point(80, 12), osm_id=0)))
    assert [item.id for item in version.features] == ["1", "2"]


def test_names_a_numbered_ward() -> None:
    wards = [feature(point(80, 13 + n / 100), Ward_No=n, Zone_Name="NORTH") for n in range(3)]
    assert [(item.name, item.code) for item in read(collection(*wards)).features] == [
        ("Ward 0", "0"),
        ("Ward 1", "1"),
        ("Ward 2", "2"),
    ]


def test_prefers_the_most_local_name_and_code() -> None:
    rows = [
        feature(
            point(80, 13 + n / 100), ADM1_PCODE="NP1", ADM2_PCODE=f"NP1{n}", ADM1_EN="East", ADM2_EN=f"District {n}"
        )
        for n in range(3)
    ]
    assert [(item.name, item.code) for item in read(collection(*rows)).features][:1] == [("District 0", "NP10")]


@pytest.mark.parametrize(
    ("value", "text"),
    [(" 007 ", "007"), (12.0, "12"), (12.5, "12.5"), (7, "7"), (True, "true"), (None, ""), ([1], ""), ({}, "")],
)
def test_reads_a_value_as_its_maker_would_write_it(value: object, text: str) -> None:
    assert as_text(value) == text


def test_takes_no_column_for_an_id_that_two_features_share() -> None:
    raw = RawLayer([RawFeature(n, None, None, {"osm_id": 5, "code": f"W{n}"}) for n in (1, 2)])
    assert choose_fields(raw, LayerMapping()).id == "code"
    same = RawLayer([RawFeature(n, None, None, {"osm_id": 5, "code": "W"}) for n in (1, 2)])
    assert choose_fields(same, LayerMapping()).id is None


def test_leaves_broken_rows_out_of_its_judgement() -> None:
    rows = [RawFeature(1, None, None, {"id": "a"}), RawFeature(2, None, None, {"id": "a"}, "no geometry")]
    assert choose_fields(RawLayer(rows), LayerMapping()).id == "id"


@pytest.mark.parametrize("column", ["الاسم", "nombre", "Nama", "नाम", "பெயர்"])
def test_takes_a_column_of_names_in_each_language(column: str) -> None:
    assert (
        read(collection(feature(point(80, 13), **{column: "School", "contact": "Asha"}))).features[0].name == "School"
    )


@pytest.mark.parametrize("column", ["pelapor", "solicitante", "contact name 2", "الهاتف"])
def test_takes_no_person_for_the_name_of_a_place(column: str) -> None:
    assert read(collection(feature(point(80, 13), **{column: "Asha"}))).features[0].name == ""


@pytest.mark.parametrize("column", ["Site ID", "shelter_id", "Camp-ID", "FACILITY_ID"])
def test_takes_the_id_of_a_kind_of_place(column: str) -> None:
    rows = [feature(point(80, 13 + n / 10), **{column: f"S-{n}"}) for n in range(2)]
    assert [each.id for each in read(collection(*rows)).features] == ["S-0", "S-1"]
