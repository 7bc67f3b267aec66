"""It reads report files of every make: good rows are kept, bad ones named, and nothing is lost."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from crisismap.channels.file import read_reports, write_rejects
from crisismap.core.errors import Invalid, Malformed
from tests.channels.samples import CSV, at, collection, feature, mapping, put, rows

LATIN = 'category = "category"\nlon = "lon"\nlat = "lat"\ntext = "text"\nencoding = "%s"\n'


def test_reads_csv_by_the_names_of_the_api(tmp_path: Path) -> None:
    head = "Category;text;lon;lat;people;fields;contact.phone;consent.publish\n"
    text = head + 'rescue; Trapped ;80.2;13.1;3;{"trapped": true};+91 1;true\n'
    (row,) = rows(put(tmp_path, "a.csv", text))
    assert row.problem is None
    assert row.body.pop("client_id").startswith("file:")
    assert row.body == {
        "category": "rescue",
        "text": "Trapped",
        "people": 3,
        "fields": {"trapped": True},
        "contact": {"phone": "+91 1"},
        "consent": {"publish": True},
        "lon": 80.2,
        "lat": 13.1,
    }


def test_reads_geojson_by_the_names_of_the_api(tmp_path: Path) -> None:
    path = put(
        tmp_path, "a.geojson", collection(feature(at(80, 13), category="other", text="x", client_id="k", lang="ta"))
    )
    (row,) = rows(path)
    assert (row.body, row.lang) == (
        {"category": "other", "text": "x", "client_id": "k", "lon": 80.0, "lat": 13.0},
        "ta",
    )


@pytest.mark.parametrize("mark", ["", "\x1e"])
def test_reads_newline_geojson_and_keeps_good_lines(tmp_path: Path, mark: str) -> None:
    lines = [
        json.dumps(feature(at(80, 13), category="other")),
        '{"type": "Feature", "geom',
        "[1]",
        '{"category": "rescue", "text": "y"}',
    ]
    found = rows(put(tmp_path, "a.geojsonl", "".join(f"{mark}{line}\n" for line in lines)))
    assert [row.problem is None for row in found] == [True, False, False, True]
    assert found[1].raw == lines[1]
    assert "not JSON" in (found[1].problem or "")


def test_reads_newline_geojson_under_another_name(tmp_path: Path) -> None:
    line = json.dumps(feature(at(80, 13), category="other"))
    assert len(rows(put(tmp_path, "a.geojson", f"{line}\n{line}\n"))) == 2


def test_keeps_good_features_beside_nan(tmp_path: Path) -> None:
    text = collection(feature(at(80, 13), category="other"), feature(at(float("nan"), 13), category="other"))
    good, bad = rows(put(tmp_path, "a.geojson", text))
    assert good.problem is None
    assert bad.problem == "lon: must be a finite number (got nan)"


def test_refuses_a_number_that_overflows_in_one_row(tmp_path: Path) -> None:
    text = collection(feature(at(80, 13), category="other"), feature(at(80, 777), category="other"))
    found = rows(put(tmp_path, "a.geojson", text.replace("777", "1e400")))
    assert [row.problem for row in found] == [None, "lat: must be a finite number (got inf)"]


def test_refuses_a_truncated_geojson_and_says_where(tmp_path: Path) -> None:
    path = put(tmp_path, "a.geojson", collection(*[feature(at(80, n), category="other") for n in range(5)])[:-40])
    with pytest.raises(
        Malformed, match="ends in the middle at line 1, column .* after 4 whole features; nothing was taken"
    ):
        rows(path)


def test_salvages_a_truncated_geojson_when_told_to(tmp_path: Path) -> None:
    path = put(tmp_path, "a.geojson", collection(*[feature(at(80, n), category="other") for n in range(5)])[:-40])
    found = list(read_reports(path, salvage=True))
    assert [row.problem is None for row in found] == [True] * 4 + [False]
    assert isinstance(found[4].raw, str)
    assert found[4].raw.startswith('{"type": "Feature"')


def test_refuses_a_bomb_of_brackets(tmp_path: Path) -> None:
    with pytest.raises(Malformed, match="nested too deeply"):
        rows(put(tmp_path, "a.geojson", "[" * 300_000))


def test_refuses_a_folder_in_place_of_a_file(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="a folder, not a file"):
        rows(tmp_path)


def test_refuses_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="no such file"):
        rows(tmp_path / "none.csv")


@pytest.mark.parametrize(
    "content",
    [b"", b"  \n", b"\xef\xbb\xbf", b"PK\x03\x04zip", b"<kml/>", b"a\x00b", b'{"type": "Topology"}', b"[1, 2]"],
)
def test_refuses_what_is_no_report_file(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(Malformed):
        rows(put(tmp_path, "a.csv", content))


def test_refuses_geojson_in_another_system(tmp_path: Path) -> None:
    crs = {"type": "name", "properties": {"name": "EPSG:3857"}}
    with pytest.raises(Invalid, match="^crs:"):
        rows(put(tmp_path, "a.geojson", collection(feature(at(80, 13), category="other"), crs=crs)))


def test_refuses_csv_without_a_category_and_lists_what_there_is(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="it has name, lon, lat; a mapping file"):
        rows(put(tmp_path, "a.csv", "name,lon,lat\nx,80,13\n"))


def test_refuses_a_file_that_is_not_what_the_mapping_reads(tmp_path: Path) -> None:
    csv_only = mapping(tmp_path, 'format = "csv"\ncategory = { value = "other" }\n')
    with pytest.raises(Malformed, match="not csv, which the mapping m reads"):
        rows(put(tmp_path, "a.geojson", collection(feature(at(80, 13)))), csv_only)


def test_reads_latin1_lines_and_says_so(tmp_path: Path) -> None:
    text = "category,text\nother,Panamá €\n".encode("cp1252") + "other,Chocó\n".encode()
    reader = read_reports(put(tmp_path, "a.csv", text))
    assert [row.body["text"] for row in reader] == ["Panamá €", "Chocó"]
    assert reader.notes == ["line 2 is not UTF-8; such lines were read as Windows-1252"]


def test_reads_the_encoding_the_mapping_names(tmp_path: Path) -> None:
    path = put(tmp_path, "a.csv", "category,text,lon,lat\nother,Panamá,80,13\n".encode("latin-1"))
    (row,) = rows(path, mapping(tmp_path, LATIN % "latin-1"))
    assert row.body["text"] == "Panamá"


def test_refuses_rows_that_are_not_in_the_encoding_the_mapping_names(tmp_path: Path) -> None:
    content = b"category,text,lon,lat\nother,Panam\xe1,80,13\nother,ok,80,13\n"
    bad, good = rows(put(tmp_path, "a.csv", content), mapping(tmp_path, LATIN % "utf-8"))
    assert bad.problem == "text: byte 0xE1 is not in the encoding the mapping names"
    assert good.body["text"] == "ok"


def test_reads_wide_text_as_spreadsheets_save_it(tmp_path: Path) -> None:
    assert [row.body["text"] for row in rows(put(tmp_path, "a.csv", CSV.encode("utf-16")))] == ["Water", "Trapped"]


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_reads_cells_with_line_breaks(tmp_path: Path, end: str) -> None:
    text = f'category,text{end}other,"two{end}lines, ""quoted"""{end}other,next{end}'
    assert [row.body["text"] for row in rows(put(tmp_path, "a.csv", text))] == [f'two{end}lines, "quoted"', "next"]


def test_keeps_the_rows_after_a_quotation_mark_that_is_never_closed(tmp_path: Path) -> None:
    text = 'category,text,lon,lat\nother,"open,80,13\nother,good,80,13\nother,last,80,13\n'
    found = rows(put(tmp_path, "a.csv", text))
    assert [row.problem is None for row in found] == [False, True, True]
    assert "never closed" in (found[0].problem or "")
    assert found[0].raw == 'other,"open,80,13'


def test_keeps_the_rows_before_a_cut(tmp_path: Path) -> None:
    text = 'category,text,lon,lat\nother,good,80,13\nother,"cut o'
    found = rows(put(tmp_path, "a.csv", text))
    assert [row.problem is None for row in found] == [True, False]


@pytest.mark.parametrize(
    ("line", "kept"), [("other,a,80", False), ("other,a,80,13,9", False), ("other,a,80,13,,", True)]
)
def test_refuses_rows_of_another_width(tmp_path: Path, line: str, kept: bool) -> None:
    (row,) = rows(put(tmp_path, "a.csv", f"category,text,lon,lat\n{line}\n"))
    assert (row.problem is None) is kept


def test_skips_blank_lines_and_keeps_counting_rows(tmp_path: Path) -> None:
    found = rows(put(tmp_path, "a.csv", "category,text\n\nother,a\n,\nother,b\n"))
    assert [(row.number, row.body["text"]) for row in found] == [(1, "a"), (2, "b")]


def test_reads_a_long_csv_line_by_line(tmp_path: Path) -> None:
    path = put(tmp_path, "a.csv", "category,text\n" + "other,x\n" * 100_000)
    reader = read_reports(path)
    assert next(reader).number == 1
    assert len({row.body["client_id"] for row in reader}) == 99_999


def test_reads_latin1_geojson_and_says_so(tmp_path: Path) -> None:
    text = json.dumps(json.loads(collection(feature(at(80, 13), category="other", text="Panamá"))), ensure_ascii=False)
    reader = read_reports(put(tmp_path, "a.geojson", text.encode("latin-1")))
    assert next(reader).body["text"] == "Panamá"
    assert "is not UTF-8" in reader.notes[0]


def test_refuses_half_a_character_and_writes_its_escape(tmp_path: Path) -> None:
    text = collection(feature(at(80, 13), category="other", text="HALF"), feature(at(80, 13), category="other"))
    path = put(tmp_path, "a.geojson", text.replace("HALF", "\\ud800"))
    bad, good = rows(path)
    assert "half a character" in (bad.problem or "")
    assert good.problem is None
    target = write_rejects(path, [bad])
    assert target is not None
    assert "\\ud800" in target.read_text()


def test_refuses_a_number_too_large_for_any_coordinate(tmp_path: Path) -> None:
    bad, good = rows(
        put(tmp_path, "a.geojson", collection(*[feature(at(lon, 13), category="other") for lon in (10**400, 80)]))
    )
    assert bad.problem == "lon: must be a finite number (got inf)"
    assert good.problem is None
