"""It turns rows into bodies of reports by a mapping, and writes the rows it refuses beside the file."""

from __future__ import annotations

import csv
import json
import stat
from pathlib import Path

import pytest

from crisismap.channels.file import load_mapping, write_rejects
from crisismap.core.errors import Invalid, Misconfigured
from crisismap.core.report.report import draft_from
from tests.channels.samples import CSV, at, collection, feature, mapping, put, rows

FULL = """
name = "sample"
lang = "ta"
utc_offset = "+05:30"
bbox = [79.6, 12.6, 80.4, 13.4]
id = ["key"]
lon = "x"
lat = "y"
observed_at = { field = "when", format = "%d/%m/%Y %H:%M" }
text = { fields = ["title", "body"], join = ". " }
place = { fields = ["street", "town"], join = ", " }
people = "count"
source = { value = "desk" }
asks = { field = "state", values = { Closed = false }, default = true }
[category]
field = "kind"
values = { Flood = "flooding", Boat = "rescue" }
[fields]
depth_cm = { field = "data.depth", number = true }
state = "state"
[consent]
publish = true
"""
HEAD = "key,x,y,when,title,body,street,town,count,state,kind,data\n"


def test_maps_every_member(tmp_path: Path) -> None:
    line = '007,80.2,13.1,02/12/2015 09:30, ,Deep water,MAIN   ST,Chennai,4,Open,flood,"{""depth"": ""40""}"\n'
    (row,) = rows(put(tmp_path, "a.csv", HEAD + line), mapping(tmp_path, FULL))
    assert row.problem is None
    assert row.body == {
        "category": "flooding",
        "text": "Deep water",
        "place": "MAIN ST, Chennai",
        "observed_at": "2015-12-02T09:30:00+05:30",
        "people": 4,
        "fields": {"depth_cm": 40, "state": "Open"},
        "consent": {"publish": True},
        "lon": 80.2,
        "lat": 13.1,
        "client_id": "sample:007",
    }
    assert (row.lang, row.source, row.extras["asks"]) == ("ta", "desk", True)
    assert draft_from(row.body).people == 4


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("1,181,13,,t,,,,,,flood,", "lon: must lie between -180 and 180 (got 181.0)"),
        ("1,80,-91,,t,,,,,,flood,", "lat: must lie between -90 and 90 (got -91.0)"),
        ("1,80,,,t,,,,,,flood,", "lat: lon and lat come together (got None)"),
        ("1,nan,13,,t,,,,,,flood,", "x: must be a finite number (got nan)"),
        ('1,"80,2",13,,t,,,,,,flood,', "x: must be a number (got 80,2)"),
        ("1,80,13,soon,t,,,,,,flood,", "observed_at: is not a time (got soon)"),
        ("1,80,13,,t,,,,many,,flood,", "people: must be a number (got many)"),
        ("1,80,13,,t,,,,2.5,,flood,", "people: must be a whole number (got 2.5)"),
        ("1,80,13,,t,,,,,,fire,", "category: the mapping has no category for this value (got fire)"),
        ("1,80,13,,t,,,,,,,", "category: the mapping has no category for this value (got None)"),
        (
            "1,,,,,,,,,,flood,",
            "text: the row says nothing: one of text, fields, lon and lat, or place is needed (got None)",
        ),
    ],
)
def test_refuses_a_row_naming_field_and_value(tmp_path: Path, line: str, problem: str) -> None:
    bad, good = rows(put(tmp_path, "a.csv", f"{HEAD}{line}\n2,80,13,,t,,,,,,flood,\n"), mapping(tmp_path, FULL))
    assert bad.problem == problem
    assert good.problem is None


def test_places_rows_without_coordinates_by_words(tmp_path: Path) -> None:
    (row,) = rows(put(tmp_path, "a.csv", HEAD + "1,,,,,,MAIN ST,Chennai,,,boat,\n"), mapping(tmp_path, FULL))
    assert row.problem is None
    assert "lon" not in row.body
    assert row.body["place"] == "MAIN ST, Chennai"


def test_takes_who_asks_from_the_value(tmp_path: Path) -> None:
    lines = "1,80,13,,t,,,,,Closed,flood,\n2,80,13,,t,,,,,Open,flood,\n3,80,13,,t,,,,,,flood,\n"
    found = rows(put(tmp_path, "a.csv", HEAD + lines), mapping(tmp_path, FULL))
    assert [row.extras["asks"] for row in found] == [False, True, True]


def test_leaves_a_time_without_a_zone_when_nothing_names_one(tmp_path: Path) -> None:
    plain = mapping(tmp_path, 'category = { value = "other" }\nobserved_at = "t"\n')
    text = collection(feature(at(80, 13), t="2015-12-02T09:00:00"), feature(at(80, 13), t="2015-12-02T09:00:00Z"))
    found = rows(put(tmp_path, "a.geojson", text), plain)
    assert [row.body["observed_at"] for row in found] == ["2015-12-02T09:00:00", "2015-12-02T09:00:00+00:00"]


def test_knows_summer_time(tmp_path: Path) -> None:
    york = mapping(tmp_path, 'category = { value = "other" }\nobserved_at = "t"\ntimezone = "America/New_York"\n')
    text = collection(*[feature(at(80, 13), t=f"2025-{month}-01T00:00:00") for month in ("01", "06")])
    found = rows(put(tmp_path, "a.geojson", text), york)
    assert [row.body["observed_at"][-6:] for row in found] == ["-05:00", "-04:00"]


@pytest.mark.parametrize(
    "geometry",
    [
        {"type": "LineString", "coordinates": [[80, 13], [80.1, 13], [80.2, 13.1]]},
        {"type": "MultiLineString", "coordinates": [[[80, 13], [80.1, 13]]]},
        {"type": "Polygon", "coordinates": [[[80, 13], [81, 13], [81, 14], [80, 14], [80, 13]]]},
        {"type": "Polygon", "coordinates": [[[80, 13], [81, 14], [81, 13], [80, 14], [80, 13]]]},
        {"type": "MultiPoint", "coordinates": [[80, 13], [80.1, 13]]},
    ],
)
def test_takes_a_point_on_a_line_or_area_and_keeps_the_drawing(tmp_path: Path, geometry: object) -> None:
    (row,) = rows(put(tmp_path, "a.geojson", collection(feature(geometry, category="other"))))
    assert row.problem is None
    assert 80 <= row.body["lon"] <= 81
    assert row.extras["geometry"] == geometry


@pytest.mark.parametrize(
    "geometry",
    [
        {"type": "Point", "coordinates": [80]},
        {"type": "Point", "coordinates": ["80", "13"]},
        {"type": "Point", "coordinates": [True, 13]},
        {"type": "LineString", "coordinates": []},
        {"type": "LineString", "coordinates": [[80, "x"], [81, 13]]},
        {"type": "Polygon", "coordinates": [[[80, 13]]]},
        {"type": "Blob", "coordinates": [80, 13]},
        {"coordinates": [80, 13]},
        "POINT (80 13)",
        [],
    ],
)
def test_refuses_a_feature_with_bad_geometry(tmp_path: Path, geometry: object) -> None:
    bad, good = rows(
        put(
            tmp_path,
            "a.geojson",
            collection(feature(geometry, category="other"), feature(at(80, 13), category="other")),
        )
    )
    assert bad.problem is not None
    assert good.problem is None


def test_gives_equal_rows_different_keys_that_stay(tmp_path: Path) -> None:
    same = feature(at(80, 13), category="other")
    path = put(tmp_path, "a.geojson", collection(same, same, feature(at(80, 12), category="other"), same))
    keys = [row.body["client_id"] for row in rows(path)]
    assert len(set(keys)) == 4
    assert keys == [row.body["client_id"] for row in rows(path)]
    assert keys[1] == f"{keys[0]}#2"


def test_gives_repeated_numbers_of_a_source_different_keys(tmp_path: Path) -> None:
    lines = "7,80,13,,a,,,,,,flood,\n7,80,13,,b,,,,,,flood,\n,80,13,,c,,,,,,flood,\n"
    keys = [row.body["client_id"] for row in rows(put(tmp_path, "a.csv", HEAD + lines), mapping(tmp_path, FULL))]
    assert keys[:2] == ["sample:7", "sample:7#2"]
    assert keys[2].startswith("sample:")
    assert len(keys[2]) == len("sample:") + 24


def test_refuses_a_file_without_a_column_the_mapping_needs(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="has no such field, it has x, y, kind; the mapping sample needs it .got key"):
        rows(put(tmp_path, "a.csv", "x,y,kind\n80,13,flood\n"), mapping(tmp_path, FULL))


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("category = ", "not a readable mapping"),
        ("lang = 'x'\n", "category is missing"),
        ("category = 'a'\nfoo = 1\n", "unknown key foo"),
        ("category = 'a'\nformat = 'xml'\n", "format must be one of"),
        ("category = 'a'\nencoding = 'klingon'\n", "klingon"),
        ("category = 'a'\nutc_offset = 'IST'\n", "utc_offset"),
        ("category = 'a'\ntimezone = 'Mars/Base'\n", "no timezone Mars/Base"),
        ("category = 'a'\nlon = 'x'\n", "lon and lat come together"),
        ("category = 'a'\nbbox = [1, 2, 3]\n", "not enough values"),
        ("category = 'a'\nbbox = [1, 50, 3, 2]\n", "bbox must be"),
        ("category = {}\n", "category names neither"),
        ("category = { feld = 'a' }\n", "unknown key feld"),
        ("category = 'a'\nid = [1]\n", "id must name fields"),
        ("category = 'a'\n[consent]\npublish = 'yes'\n", "consent.publish"),
    ],
)
def test_names_what_is_wrong_with_a_mapping(tmp_path: Path, text: str, named: str) -> None:
    with pytest.raises(Misconfigured, match=f"^m.toml: .*{named}"):
        mapping(tmp_path, text)


def test_ships_readable_mappings() -> None:
    folder = Path(__file__).parents[2] / "data" / "mappings"
    names = {load_mapping(path).name for path in folder.glob("*.toml")}
    assert names >= {"petabencana", "nyc311", "chennai_streets", "nepal_camps"}


def test_writes_refused_rows_of_a_table_so_that_they_can_be_mended(tmp_path: Path) -> None:
    path = put(tmp_path, "a.csv", CSV + 'flooding,"far, away",999,13\nflooding,short\n')
    path.chmod(0o600)
    found = rows(path)
    target = write_rejects(path, [row for row in found if row.problem])
    assert target == tmp_path / "a.csv.rejects.csv"
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    with target.open(newline="") as handle:
        written = list(csv.reader(handle))
    assert written == [
        ["reason", "row", "category", "text", "lon", "lat"],
        ["lon: must lie between -180 and 180 (got 999.0)", "3", "flooding", "far, away", "999", "13"],
        ["2 cells under 4 column names", "4", "flooding,short"],
    ]
    mended = put(tmp_path, "b.csv", target.read_text().replace("999,13", "80,13"))
    assert [row.problem is None for row in rows(mended)] == [True, False]


def test_writes_refused_bytes_as_they_were(tmp_path: Path) -> None:
    path = put(tmp_path, "a.csv", b"category,text,lon,lat\nother,Panam\xe1,80,13\n")
    strict = mapping(tmp_path, 'category = "category"\ntext = "text"\nencoding = "utf-8"\n')
    target = write_rejects(path, rows(path, strict))
    assert target is not None
    assert b"Panam\xe1" in target.read_bytes()


def test_writes_refused_features_as_lines(tmp_path: Path) -> None:
    good, bad = feature(at(80, 13), category="other"), feature(at(999, 13), category="other", note="kept")
    path = put(tmp_path, "a.geojson", collection(good, bad))
    target = write_rejects(path, (row for row in rows(path) if row.problem))
    assert target == tmp_path / "a.geojson.rejects.geojsonl"
    (line,) = target.read_text().splitlines()
    assert json.loads(line) == bad | {"reason": "lon: must lie between -180 and 180 (got 999.0)", "row": 2}
    assert rows(target)[0].problem is not None


def test_writes_nothing_when_nothing_is_refused(tmp_path: Path) -> None:
    path = put(tmp_path, "a.csv", CSV)
    assert write_rejects(path, []) is None
    assert list(tmp_path.iterdir()) == [path]
