"""import reports: good rows are kept, refused ones written beside the file, nothing is lost and nothing doubled."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.command import Done, call, refused, run

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
    file.write_text(collection(feature(text="one"), feature(text="two"), feature(lat=95), feature(category="volcano")))
    first = run(["import", "reports", file, "--json"], home)
    assert first.code == 0, first.err
    assert first.json["rejects_file"] == f"{file}.rejects.geojsonl"
    counted = {name: first.json[name] for name in ("read", "stored", "repeated", "refused", "flagged")}
    assert counted == {"read": 4, "stored": 2, "repeated": 0, "refused": 2, "flagged": {}}
    assert set(first.json) >= {"read", "stored", "repeated", "refused", "flagged", "rejects_file"}
    rejects = [json.loads(line) for line in (tmp_path / "reports.geojson.rejects.geojsonl").read_text().splitlines()]
    assert "95" in rejects[0]["reason"]
    assert "volcano" in rejects[1]["reason"]
    again = call(["import", "reports", file, "--json"], home)
    assert (again.json["stored"], again.json["repeated"], again.json["refused"]) == (0, 2, 2)
    found = exported(home, tmp_path)
    assert sorted(f["properties"]["text"] for f in found) == ["one", "two"]
    assert {f["properties"]["channel"] for f in found} == {"file"}


def test_says_in_words_what_became_of_a_file(home: Path, tmp_path: Path) -> None:
    file = tmp_path / "reports.geojson"
    file.write_text(collection(feature(observed_at="1970-01-01T00:00:00Z"), feature(lat=95)))
    done = call(["import", "reports", file], home)
    assert done.code == 0
    assert "2 read, 1 stored, 0 repeated, 1 refused" in done.out
    assert "1 flagged time_ancient" in done.out
    assert f"{file}.rejects.geojsonl" in done.out


def test_imports_csv_and_keeps_the_refused_rows_so_that_they_can_be_mended(home: Path, tmp_path: Path) -> None:
    file = tmp_path / "reports.csv"
    file.write_text("category,text,lon,lat\nflooding,ok,80.2,13\nflooding,outside,80.2,130\nflooding,ok too,80.3,13\n")
    done = call(["import", "reports", file, "--json"], home)
    assert (done.json["stored"], done.json["refused"]) == (2, 1)
    rejects = Path(done.json["rejects_file"])
    [row] = csv.DictReader(rejects.read_text().splitlines())
    assert (row["text"], row["row"]) == ("outside", "2")
    assert "lat" in row["reason"]
    assert "130" in row["reason"]


def test_reads_latin_1_and_says_so(home: Path, tmp_path: Path) -> None:
    file = tmp_path / "reports.csv"
    file.write_bytes("category,text,lon,lat\nflooding,Rua alagada até à ponte,80.2,13\n".encode("latin-1"))
    done = call(["import", "reports", file, "--json"], home)
    assert done.json["stored"] == 1
    assert "Windows-1252" in " ".join(done.json["notes"])
    assert [f["properties"]["text"] for f in exported(home, tmp_path)] == ["Rua alagada até à ponte"]


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
