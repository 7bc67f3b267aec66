"""The columns of a sheet are known by the names that people use; what nobody reads is counted, and named."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from crisismap.channels.file.columns import FileColumns, guess_mapping, looks_like, member_of
from crisismap.channels.file.mapping import load_mapping, mapping_text
from crisismap.channels.file.read import read_reports
from crisismap.core.errors import Malformed
from tests.channels.samples import CSV, at, collection, feature, put

PLACE = {"lon": 80.21, "lat": 13.01}


@pytest.mark.parametrize(
    ("head", "cells", "body"),
    [
        ("latitude,longitude", "13.01,80.21", PLACE),
        ("Lat,Lng", "13.01,80.21", PLACE),
        ("y,x", "13.01,80.21", PLACE),
        ("_GPS_latitude,_GPS_longitude", "13.01,80.21", PLACE),
        ("Latitude (°N),Longitude (°E)", "13.01,80.21", PLACE),
        ("Latitud,Longitud", "13.01,80.21", PLACE),
        ("lintang,bujur", "13.01,80.21", PLACE),
        ("अक्षांश,देशांतर", "13.01,80.21", PLACE),
        ("அட்சரேகை,தீர்க்கரேகை", "13.01,80.21", PLACE),
        ("خط العرض,خط الطول", "١٣٫٠١,٨٠٫٢١", PLACE),
        ("geometry", "POINT (80.21 13.01)", PLACE),
        ("GeoJSON", '"{""type"":""Point"",""coordinates"":[80.21,13.01]}"', PLACE),
        ('"Lat, Lon"', '"13.01, 80.21"', PLACE),
        ("Coordinates", '"13.01, 80.21"', PLACE),
        ("GPS", "behind the temple", {"place": "behind the temple"}),
        ("phone,name", "9447055555,Asha", {"contact": {"phone": "9447055555", "name": "Asha"}}),
        ("Contact Number", "+91 44 705", {"contact": {"phone": "+91 44 705"}}),
        ("Teléfono,Nombre completo", "600,Asha", {"contact": {"phone": "600", "name": "Asha"}}),
        ("No HP,Nama", "0812,Asha", {"contact": {"phone": "0812", "name": "Asha"}}),
        ("Persons", "6", {"people": 6}),
        ("No. of people", "1 200", {"people": 1200}),
        ("जना", "६", {"people": 6}),
        ("Address,Ward", "12 Main Street,Ward 3", {"place": "12 Main Street, Ward 3"}),
        ("Timestamp", "2026-11-27 08:00:00", {"observed_at": "2026-11-27T08:00:00"}),
        ("Fecha", "2026/11/27", {"observed_at": "2026-11-27T00:00:00"}),
        ("Water is rising,children", "yes,2", {}),
        ("trapped,depth_cm", "yes,40", {"fields": {"trapped": "yes", "depth_cm": "40"}}),
    ],
)
def test_knows_a_column_by_a_name_that_people_use(tmp_path: Path, head: str, cells: str, body: dict[str, Any]) -> None:
    path = put(tmp_path, "a.csv", f"Category,Message,{head}\nrescue,help,{cells}\n")
    reader = read_reports(path)
    (row,) = reader
    assert row.problem is None
    assert {name: row.body[name] for name in body} == body
    assert (row.body["category"], row.body["text"]) == ("rescue", "help")
    if body:
        assert reader.columns.unused() == {}
        assert {each.reason for each in reader.columns.used} <= {"the API's name", "a usual name for it"}


def test_counts_and_names_what_it_does_not_use_and_warns_of_what_looks_important(tmp_path: Path) -> None:
    text = (
        "category,text,Boat,Mobile 2,Extra,Spot,Seen on,,phone,Mobile\n"
        "rescue,help,red,,+91 94470 55555,13.01 80.21,27/11/2026 08:00,x,1,9447055555\n"
        "rescue,help,blue,,044-2345 6789,13.02 80.22,27/11/2026,,2,\n"
    )
    reader = read_reports(put(tmp_path, "a.csv", text))
    assert len(list(reader)) == 2
    assert reader.columns.unused() == {"Boat": 2, "Extra": 2, "Spot": 2, "Seen on": 2, "column 8": 1, "Mobile": 1}
    assert [sentence.partition(":")[0] for sentence in reader.columns.warnings()] == [
        "The column 'Extra' was not used and looks like contact details",
        "The column 'Spot' was not used and looks like a place",
        "The column 'Seen on' was not used and looks like a time",
        "The column 'Mobile' was not used and looks like contact details",
    ]


def test_names_what_a_mapping_does_not_use(tmp_path: Path) -> None:
    path = put(tmp_path, "m.toml", 'category = { value = "rescue" }\ntext = "text"\nid = ["data.no"]\n')
    text = collection(feature(at(80, 13), text="help", data={"no": 1}, latitude=13, note=None))
    reader = read_reports(put(tmp_path, "a.geojson", text), load_mapping(path))
    assert [row.body["client_id"] for row in reader] == ["m:1"]
    assert reader.columns.unused() == {"latitude": 1}
    assert "looks like a place" in reader.columns.warnings()[0]


def test_counts_members_that_come_late_in_a_file_of_lines(tmp_path: Path) -> None:
    line = '{"category": "rescue", "text": "help"%s}\n'
    reader = read_reports(put(tmp_path, "a.geojsonl", line % "" * 300 + line % ', "boat": 1'))
    assert len(list(reader)) == 301
    assert reader.columns.unused() == {"boat": 1}


def test_prefers_the_better_name_and_leaves_the_other_with_a_warning() -> None:
    columns = FileColumns(["category", "created", "observed_at", "mobile", "phone"], None)
    assert columns.mapping.observed_at.fields == ("observed_at",)
    assert columns.mapping.contact["phone"].fields == ("phone",)
    columns.count({"created": "x", "mobile": "y"})
    assert set(columns.unused()) == {"created", "mobile"}
    assert len(columns.warnings()) == 2


def test_uses_no_half_of_a_place() -> None:
    columns = FileColumns(["category", "lat"], None)
    columns.count({"category": "rescue", "lat": "13"})
    assert columns.unused() == {"lat": 1}
    assert columns.warnings()


@pytest.mark.parametrize("name", ["", "Boat", "status", "id", "No", "notebook", "temperature", "latte"])
def test_guesses_nothing_from_other_names(name: str) -> None:
    assert member_of(name) == ""
    assert looks_like(name, ["red", "blue", "12"]) == ""


@pytest.mark.parametrize(
    "head",
    [
        "category,text,lon,lat",
        "Tipo,Mensaje,Dirección,Teléfono,Personas",
        'type,notes,remarks,"lat, lon",lang,fields.x',
    ],
)
def test_writes_a_mapping_that_reads_the_same(tmp_path: Path, head: str) -> None:
    cells = ",".join(["rescue", *["7"] * 6][: head.count(",") + 1])
    path = put(tmp_path, "a.csv", f"{head}\n{cells}\n")
    first = read_reports(path)
    rows = list(first)
    saved = put(tmp_path, "m.toml", mapping_text(first.columns.mapping, "a remark\nof two lines"))
    assert load_mapping(saved) == first.columns.mapping
    assert list(read_reports(path, load_mapping(saved))) == rows


def test_guesses_the_names_of_the_api_as_before() -> None:
    assert guess_mapping(CSV.partition("\n")[0].split(",")).lon == "lon"


def test_counts_endless_names_together_and_reads_no_endless_name(tmp_path: Path) -> None:
    lines = "".join(f'{{"category": "other", "text": "x", "n{number}": 1}}\n' for number in range(3_000))
    reader = read_reports(put(tmp_path, "a.geojsonl", lines))
    assert len(list(reader)) == 3_000
    unused = reader.columns.unused()
    assert sum(unused.values()) == 3_000
    assert len(unused) < 1_200
    assert member_of("lat" * 100_000) == ""


def test_refuses_a_row_of_names_that_never_ends(tmp_path: Path) -> None:
    with pytest.raises(Malformed):
        read_reports(put(tmp_path, "a.csv", "category" + "," * (2 << 20) + "\nrescue\n"))
