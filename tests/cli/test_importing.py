"""import reports: good rows are kept, refused ones written beside the file, nothing is lost and nothing doubled."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.command import Done, call, refused, run
from tests.layers.formats.test_workbook import Rows, ods, workbook

GOOD = {"category": "flooding", "text": "Knee deep"}


def collection(*features: Any) -> str:
    return json.dumps({"type": "FeatureCollection", "features": features})


def feature(lon: float = 80.2, lat: float = 13.0, **properties: Any) -> dict[str, Any]:
    point = {"type": "Point", "coordinates": [lon, lat]}
    return {"type": "Feature", "geometry": point, "properties": {**GOOD, **properties}}


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "data"


def exported(home: Path, folder: Path) -> list[dict[str, Any]]:
    target = folder / "out.geojson"
    assert call(["export", target, "--audience", "agency"], home).code == 0
    found: list[dict[str, Any]] = json.loads(target.read_text())["features"]
    return found


def test_imports_geojson_once(home: Path, tmp_path: Path) -> None:
    file = tmp_path / "reports.geojson"
    file.write_text(
        collection(feature(text="one"), feature(text="two"), feature(category=None), feature(category="fire"))
    )
    first = run(["import", "reports", file, "--json"], home)
    assert first.code == 0, first.err
    assert first.json["rejects_file"] == f"{file}.rejects.geojsonl"
    counted = {name: first.json[name] for name in ("read", "stored", "updated", "repeated", "refused", "flagged")}
    assert counted == {"read": 4, "stored": 2, "updated": 0, "repeated": 0, "refused": 2, "flagged": {}}
    assert set(first.json) >= {"read", "stored", "repeated", "refused", "flagged", "rejects_file"}
    rejects = [json.loads(line) for line in (tmp_path / "reports.geojson.rejects.geojsonl").read_text().splitlines()]
    assert "category" in rejects[0]["reason"]
    assert "fire" in rejects[1]["reason"]
    again = call(["import", "reports", file, "--json"], home)
    assert (again.json["stored"], again.json["repeated"], again.json["refused"]) == (0, 2, 2)
    found = exported(home, tmp_path)
    assert sorted(f["properties"]["text"] for f in found) == ["one", "two"]
    assert {f["properties"]["channel"] for f in found} == {"file"}


def test_says_in_words_what_became_of_a_file(home: Path, tmp_path: Path) -> None:
    file = tmp_path / "reports.geojson"
    odd = feature(observed_at="1970-01-01T00:00:00Z", Mobile="9447055555", boat="red", telephone="9447055555")
    file.write_text(collection(odd, feature(lat=95), feature(category="volcano")))
    done = call(["import", "reports", file], home)
    assert done.code == 0
    assert "3 read, 2 stored, 0 updated, 0 repeated, 1 refused" in done.out
    assert "1 flagged time_ancient" in done.out
    assert "1 flagged value_unread" in done.out
    assert "'telephone' was read as contact.phone: a usual name for it" in done.out
    assert "warning: The column 'Mobile' was not used and looks like contact details" in done.out
    assert "columns that were not used: 'Mobile' (1 cells), 'boat' (1 cells)" in done.out
    assert f"{file}.rejects.geojsonl" in done.out


def test_imports_csv_and_keeps_the_refused_rows_so_that_they_can_be_mended(home: Path, tmp_path: Path) -> None:
    file = tmp_path / "reports.csv"
    file.write_text("category,text,lon,lat\nflooding,ok,80.2,13\nfire,outside,80.2,13\nflooding,ok too,80.3,13\n")
    done = call(["import", "reports", file, "--json"], home)
    assert (done.json["stored"], done.json["refused"]) == (2, 1)
    rejects = Path(done.json["rejects_file"])
    [row] = csv.DictReader(rejects.read_text().splitlines())
    assert (row["text"], row["row"]) == ("outside", "2")
    assert "category" in row["reason"]
    assert "fire" in row["reason"]


def test_reads_latin_1_and_says_so(home: Path, tmp_path: Path) -> None:
    file = tmp_path / "reports.csv"
    file.write_bytes("category,text,lon,lat\nflooding,Rua alagada até à ponte,80.2,13\n".encode("latin-1"))
    done = call(["import", "reports", file, "--json"], home)
    assert done.json["stored"] == 1
    assert "cp1252" in " ".join(done.json["notes"])
    assert [f["properties"]["text"] for f in exported(home, tmp_path)] == ["Rua alagada até à ponte"]


def test_reads_the_encoding_that_is_declared_and_saves_it_with_the_mapping(home: Path, tmp_path: Path) -> None:
    file, saved = tmp_path / "reports.csv", tmp_path / "calls.toml"
    file.write_bytes("category,text,lon,lat\nflooding,Вода,80.2,13\n".encode("koi8-r"))
    command = ["import", "reports", file, "--encoding", "KOI8-R", "--save-mapping", saved, "--json"]
    done = call(command, home)
    assert (done.json["stored"], done.json["notes"]) == (1, [])
    assert 'encoding = "koi8-r"' in saved.read_text("utf-8")
    assert call(["import", "reports", file, "--mapping", saved, "--json"], home).json["read"] == 1
    assert [f["properties"]["text"] for f in exported(home, tmp_path)] == ["Вода"]
    assert call(["import", "reports", file, "--encoding", "nonsense"], home).code == 1


def test_keeps_what_is_whole_of_a_file_that_was_cut_off(home: Path, tmp_path: Path) -> None:
    whole = collection(feature(text="one"), feature(text="two"), feature(text="three"))
    file = tmp_path / "reports.geojson"
    file.write_text(whole[: whole.index("three")])
    done = call(["import", "reports", file, "--json"], home)
    assert (done.code, done.json["stored"], done.json["refused"]) == (0, 2, 1)
    assert "ends in the middle" in Path(done.json["rejects_file"]).read_text()


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("empty.geojson", b"", ["empty.geojson"]),
        ("junk.geojson", b"\x00\x01\x02\x03" * 100, ["junk.geojson"]),
        ("page.geojson", b"<html>Not found</html>", ["page.geojson"]),
        ("other.geojson", b'{"type": "Topology"}', ["other.geojson"]),
        ("none.csv", b"a,b\n1,2\n", ["category"]),
        ("book.csv", b"PK\x03\x04" + b"\x00" * 100, ["book.csv"]),
    ],
)
def test_refuses_a_file_that_cannot_be_read(
    home: Path, tmp_path: Path, name: str, content: bytes, words: list[str]
) -> None:
    file = tmp_path / name
    file.write_bytes(content)
    refused(call(["import", "reports", file], home), 1, *words)
    assert sorted(path.name for path in tmp_path.iterdir() if path != home) == [name], "nothing is left beside it"


def test_refuses_a_folder_a_missing_file_and_an_unknown_mapping(home: Path, tmp_path: Path) -> None:
    refused(call(["import", "reports", tmp_path], home), 1, "folder")
    refused(call(["import", "reports", tmp_path / "none.csv"], home), 1, "none.csv", "no such file")
    file = tmp_path / "reports.geojson"
    file.write_text(collection(feature()))
    refused(call(["import", "reports", file, "--mapping", "atlantis"], home), 1, "atlantis", "petabencana")
    refused(call(["import", "reports"], home), 2, "Usage: crisismap import reports", "file")
    refused(call(["import", "reports", file, "--colour", "red"], home), 2, "--colour")


def test_is_not_stopped_by_rows_that_a_database_may_not_like(home: Path, tmp_path: Path) -> None:
    file = tmp_path / "reports.geojson"
    file.write_text(collection(feature(text="a\x00b"), feature(client_id="a\x00b"), feature(text="last")))
    done = call(["import", "reports", file, "--json"], home)
    assert done.json["stored"] + done.json["refused"] == 3
    assert {f["properties"]["text"] for f in exported(home, tmp_path)} >= {"a\ufffdb", "last"}


# Odd cells, other names, edited sheets


ODD = """category,text,people,observed_at,lat,lon
rescue,roof family of five,,,unknown,unknown
rescue,boat,,,N/A,N/A
rescue,half a place,,,13.02,
rescue,about six of us,about 6,,13.01,80.21
rescue,typed a time,,27/11/2026 08:00,13.01,80.21
Rescue,capital letter,,,13.01,80.21
Rescate,etiqueta,~150,mañana,"13,01","80,21"
मेडिकल?,unknown category,,,13.01,80.21
rescue,fine,,,13.01,80.21
"""


def test_refuses_no_cry_for_help_over_an_odd_cell(home: Path, tmp_path: Path) -> None:
    file = tmp_path / "requests.csv"
    file.write_text(ODD)
    done = call(["import", "reports", file, "--json"], home)
    assert (done.json["read"], done.json["stored"], done.json["refused"]) == (9, 8, 1)
    assert done.json["flagged"] == {"value_unread": 6}
    found = {each["properties"]["text"]: each for each in exported(home, tmp_path)}
    assert {each["properties"]["category"] for each in found.values()} == {"rescue"}
    assert all(each["properties"]["state"] == "open" for each in found.values())
    assert [found[text]["geometry"] is None for text in ("boat", "half a place", "etiqueta", "fine")] == [
        *(True, True),
        *(False, False),
    ]


MONDAY = """No,Cat,Need,Where,Lat,Lon,Persons,Done
1,rescue,boat for four,Ward 3,,,4,
2,water_food,water,Temple,13.01,80.21,20,
3,rescue,old man,Ward 5,,,,
"""
TUESDAY = """No,Cat,Need,Where,Lat,Lon,Persons,Done
1,rescue,boat for SIX now,Ward 3,13.02,80.22,6,
2,water_food,water,Temple,13.01,80.21,20,yes
3,medical,old man,Ward 5,,,,
4,rescue,new one,Ward 9,,,,
"""
SHEET = """name = "sheet"
id = ["No"]
category = "Cat"
text = "Need"
place = "Where"
lat = "Lat"
lon = "Lon"
people = "Persons"
asks = { field = "Done", values = { yes = false }, default = true }
"""


def test_takes_a_changed_row_for_an_update_of_its_report(home: Path, tmp_path: Path) -> None:
    mapping = tmp_path / "sheet.toml"
    mapping.write_text(SHEET)
    results = []
    for name, text in (("monday.csv", MONDAY), ("tuesday.csv", TUESDAY), ("again.csv", TUESDAY)):
        (tmp_path / name).write_text(text)
        done = call(["import", "reports", tmp_path / name, "--mapping", mapping, "--json"], home)
        assert done.code == 0, done.err
        results.append(done.json)
        assert done.json["read"] == sum(done.json[each] for each in ("stored", "updated", "repeated", "refused"))
    counts = [(each["stored"], each["updated"], each["repeated"]) for each in results]
    assert counts == [(3, 0, 0), (1, 2, 1), (0, 0, 4)]
    updates = {each["row"]: each["what"] for each in results[1]["updates"]}
    assert updates == {1: "text, people, location", 2: "status"}
    assert [(each["row"], each["what"]) for each in results[2]["left"]] == [(3, "category (medical in the file)")]
    found = {each["properties"]["text"].partition("\n")[0]: each for each in exported(home, tmp_path)}
    first = found["boat for SIX now"]
    assert "boat for four" in first["properties"]["text"], "what it said before is kept"
    assert first["geometry"]["coordinates"] == [80.22, 13.02]
    assert found["water"]["properties"]["state"] == "answered"
    assert found["old man"]["properties"]["category"] == "rescue"
    assert len(found) == 4


def test_stores_a_row_without_an_id_and_names_the_report_that_it_may_repeat(home: Path, tmp_path: Path) -> None:
    file = tmp_path / "sheet.csv"
    lines = ["category,text,lat,lon", "rescue,family of five on the roof of the blue house near the temple,13.01,80.21"]
    file.write_text("\n".join([*lines, "water_food,no water in camp 3,13.05,80.25"]))
    assert call(["import", "reports", file, "--json"], home).json["stored"] == 2
    lines[1] = lines[1].replace("five on", "six on")
    file.write_text("\n".join([*lines, "water_food,no  WATER in camp 3,13.05,80.25"]))
    done = call(["import", "reports", file, "--json"], home)
    assert (done.json["stored"], done.json["repeated"]) == (1, 1), "case and spaces make no other report"
    assert [each["row"] for each in done.json["likely_repeats"]] == [1]


def test_saves_how_the_columns_were_read_and_reads_them_so_again(home: Path, tmp_path: Path) -> None:
    file, saved = tmp_path / "calls.csv", tmp_path / "calls.toml"
    file.write_text("Tipo,Mensaje,Latitud,Longitud,Teléfono\nrescate,auxilio,13.01,80.21,600 000 000\n")
    first = call(["import", "reports", file, "--save-mapping", saved, "--json"], home)
    assert (first.json["stored"], first.json["mapping_file"]) == (1, str(saved))
    again = call(["import", "reports", file, "--mapping", saved, "--json"], home)
    assert (again.json["stored"], again.json["repeated"]) == (0, 1)
    before = saved.read_text()
    refused(call(["import", "reports", file, "--save-mapping", saved], home), 1, "save-mapping", "exists")
    assert saved.read_text() == before, "a mapping that somebody may have corrected stays"
    refused(call(["import", "reports", file, "--save-mapping", saved, "--mapping", saved], home), 2, "--mapping")


@pytest.mark.parametrize("ending", ["xlsx", "ods"])
def test_imports_a_workbook_with_a_title_and_a_second_sheet(home: Path, tmp_path: Path, ending: str) -> None:
    file = tmp_path / f"calls.{ending}"
    table: Rows = [["Category", "Text", "Lat", "Lon", "When"]]
    table += [["rescue", "one", 13.01, 80.21, "2026-11-27 08:00"], ["fire", "two", "13,02", "80,22", ""]]
    write = {"xlsx": workbook, "ods": ods}[ending]
    file.write_bytes(write([["made by Asha"]], [["Calls of Friday"], [], *table]))
    done = call(["import", "reports", file, "--json"], home)
    assert done.code == 0, done.err
    assert (done.json["read"], done.json["stored"], done.json["refused"]) == (2, 1, 1)
    assert done.json["notes"] == [
        "the sheet 'Sheet1' was not read",
        "a row above the column names was left out: 'Calls of Friday'",
    ]
    [row] = csv.DictReader(Path(done.json["rejects_file"]).read_text().splitlines())
    assert (row["Category"], row["Text"], row["row"]) == ("fire", "two", "2")
    file.write_bytes(write(table, table))
    refused(call(["import", "reports", file], home), 1, "Sheet1, Sheet2")
    named = tmp_path / "m.toml"
    named.write_text('sheet = "Sheet2"\ncategory = "Category"\ntext = "Text"\n')
    assert call(["import", "reports", file, "--mapping", named, "--json"], home).json["read"] == 2


def test_refuses_a_workbook_that_is_none(home: Path, tmp_path: Path) -> None:
    for start in (b"PK\x03\x04", b"\xd0\xcf\x11\xe0"):
        file = tmp_path / "book.xlsx"
        file.write_bytes(start + b"\x00" * 200)
        refused(call(["import", "reports", file], home), 1, "book.xlsx")


@pytest.mark.realdata
def test_imports_the_small_inputs_of_public_fault_reports(home: Path, shared_data: Path, tmp_path: Path) -> None:
    cases = shared_data.parent / "cases"
    if not cases.is_dir():
        pytest.skip("the folder of small inputs is not here")
    files = [*sorted(cases.glob("01-*/*.csv")), *cases.glob("18-*/04_sep.csv"), *cases.glob("18-*/cr.csv")]
    assert len(files) == 7
    for file in files:
        own = tmp_path / file.name
        own.write_bytes(file.read_bytes())
        done = call(["import", "reports", own, "--json"], home).json
        assert done["read"] == done["stored"] > 0
        assert (done["unused_columns"], done["flagged"]) == ({}, {})
    own.write_bytes((cases / "04-request-row-refused" / "requests.csv").read_bytes())
    done = call(["import", "reports", own, "--json"], home).json
    assert (done["stored"], done["refused"], done["flagged"]) == (7, 0, {"value_unread": 5})


# Real data


def imported(file: Path, mapping: str, home: Path) -> Done:
    done = call(["import", "reports", file, "--mapping", mapping, "--json"], home)
    assert done.code == 0, done.err
    return done


@pytest.mark.realdata
def test_imports_jakarta_as_1204_reports_346_of_a_morning_in_flooded_neighbourhoods(
    shared_data: Path, home: Path, tmp_path: Path
) -> None:
    folder = shared_data / "petabencana_jakarta_2017"
    files = sorted(folder.glob("reports_*.geojson"))
    results = [imported(file, "petabencana", home).json for file in files]
    assert sum(result["stored"] for result in results) == 1204
    assert sum(result["refused"] + result["repeated"] for result in results) == 0
    again = [imported(file, "petabencana", home).json for file in files]
    assert (sum(r["stored"] for r in again), sum(r["repeated"] for r in again)) == (0, 1204)
    layer = folder / "bpbd_flooded_areas_2017-02-21T13.geojson"
    done = call(["import", "layer", layer, "--id", "bpbd", "--role", "hazard", "--json"], home)
    assert done.code == 0, done.err
    assert done.json["features"] == 168
    found = exported(home, tmp_path)
    assert len(found) == 1204
    # 21 February until 13:00 at UTC+7
    seen = [f["properties"] for f in found]
    before = [p for p in seen if "2017-02-20T17:00:00.000Z" <= p["observed_at"] < "2017-02-21T06:00:00.000Z"]
    assert len(before) == 852
    inside = [p for p in before if p["hazards"]]
    assert len(inside) == 346
    assert len({hazard["feature"] for p in inside for hazard in p["hazards"]}) == 162


@pytest.mark.realdata
def test_flags_two_camps_of_nepal_and_draws_them_nowhere(shared_data: Path, home: Path, tmp_path: Path) -> None:
    done = imported(shared_data / "nepal_2015" / "displacement_sites.geojson", "nepal_camps", home)
    assert (done.json["read"], done.json["stored"]) == (34, 34)
    assert done.json["flagged"] == {"swapped_axes": 2}
    found = exported(home, tmp_path)
    swapped = [f for f in found if "swapped_axes" in f["properties"]["flags"]]
    assert [f["geometry"] for f in swapped] == [None, None]
    assert all(26 < f["geometry"]["coordinates"][1] < 31 for f in found if f["geometry"])
    public = tmp_path / "public.geojson"
    assert call(["export", public], home).code == 0
    assert sum(f["geometry"] is None for f in json.loads(public.read_text())["features"]) == 2


@pytest.mark.realdata
def test_finds_2065_of_the_streets_of_chennai_in_wards(shared_data: Path, home: Path, tmp_path: Path) -> None:
    folder = shared_data / "chennai_2015"
    done = call(["import", "layer", folder / "wards.geojson", "--id", "wards", "--role", "area", "--json"], home)
    assert done.code == 0, done.err
    result = imported(folder / "flooded_streets_2015-12-02.geojson", "chennai_streets", home).json
    assert (result["read"], result["stored"]) == (2350, 2350)
    assert sum(f["properties"]["area"] is not None for f in exported(home, tmp_path)) == 2065
