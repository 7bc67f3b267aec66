"""It reads CSV, and a broken row costs no other row."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from crisismap.channels.file.read import read_reports
from crisismap.core.errors import Invalid
from tests.channels.samples import mapping, put, rows


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
        "consent": {"publish": "true"},
        "lon": 80.2,
        "lat": 13.1,
    }


def test_refuses_csv_without_a_category_and_lists_what_there_is(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="it has name, lon, lat; a mapping file"):
        rows(put(tmp_path, "a.csv", "name,lon,lat\nx,80,13\n"))


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
    ("line", "body"),
    [
        ("other,a,80", {"text": "a", "lon": 80.0}),
        ("other", None),
        ("other,a,80,13,,", {"text": "a", "lon": 80.0, "lat": 13.0}),
        (
            "rescue,help, we are on the roof,13",
            {"text": "help", "lon": "we are on the roof", "lat": 13.0},
        ),
        ("other,a,80,13,9", {"text": "a", "lon": 80.0, "lat": 13.0, "fields": {"as_written": "more cells: 9"}}),
    ],
)
def test_keeps_rows_of_another_width_with_all_their_cells(
    tmp_path: Path, line: str, body: dict[str, Any] | None
) -> None:
    (row,) = rows(put(tmp_path, "a.csv", f"category,text,lon,lat\n{line}\n"))
    kept = {name: value for name, value in row.body.items() if name not in ("category", "client_id")}
    assert kept == (body or {})
    assert (row.code == "row_without_content") is (body is None)


# What people and programs put around the names


TWO = "rescue,one,13.01,80.21\nrescue,two,13.02,80.22\n"


@pytest.mark.parametrize(
    ("text", "notes"),
    [
        ("sep=,\ncategory,text,lat,lon\n" + TWO, []),
        ('"sep=;"\ncategory;text;lat;lon\n' + TWO.replace(",", ";"), []),
        ("sep=\t\r\ncategory\ttext\tlat\tlon\r\n" + TWO.replace(",", "\t"), []),
        ("category|text|lat|lon\n" + TWO.replace(",", "|"), []),
        ("category;text;lat;lon\n" + TWO.replace(",", ";").replace(".", ","), []),
        ("Calls of Friday,,,\n,,,\nCategory,Text,Latitude,Longitude\n" + TWO, ["Calls of Friday"]),
        ("Calls of Friday\n\nas of 8:00, by Asha\ncategory,text,lat,lon\n" + TWO, ["Friday", "as of 8:00 by Asha"]),
        ("Request,,Location,\nType,Message,Lat,Lon\n" + TWO, ["Request Location"]),
        ("Category,Text,Place,\n,,Lat,Lon\n" + TWO, []),
        ("category,text,where,\n#need,#desc,#geo+lat,#geo+lon\n" + TWO, []),
    ],
)
def test_finds_the_names_under_titles_marks_and_merged_cells(tmp_path: Path, text: str, notes: list[str]) -> None:
    reader = read_reports(put(tmp_path, "a.csv", text))
    assert [(row.body["text"], row.body["lat"], row.body["lon"]) for row in reader] == [
        ("one", 13.01, 80.21),
        ("two", 13.02, 80.22),
    ]
    assert len(reader.notes) == len(notes)
    assert all(part in note for part, note in zip(notes, reader.notes, strict=True))


def test_finds_the_names_of_a_mapping_under_a_title(tmp_path: Path) -> None:
    own = mapping(tmp_path, 'category = { value = "rescue" }\ntext = "Was"\nid = ["Nr"]\n')
    found = rows(put(tmp_path, "a.csv", "Einsatz Nord;\nNr;Was\n1;Boot\n"), own)
    assert [(row.body["text"], row.body["client_id"]) for row in found] == [("Boot", "m:1")]


def test_takes_a_row_that_repeats_a_name_for_data_not_for_names(tmp_path: Path) -> None:
    found = rows(put(tmp_path, "a.csv", "category,text\nrescue,place\nother,phone\n"))
    assert [row.body["text"] for row in found] == ["place", "phone"]


def test_skips_blank_lines_and_keeps_counting_rows(tmp_path: Path) -> None:
    found = rows(put(tmp_path, "a.csv", "category,text\n\nother,a\n,\nother,b\n"))
    assert [(row.number, row.body["text"]) for row in found] == [(1, "a"), (2, "b")]


def test_reads_a_long_csv_line_by_line(tmp_path: Path) -> None:
    path = put(tmp_path, "a.csv", "category,text\n" + "other,x\n" * 100_000)
    reader = read_reports(path)
    assert next(reader).number == 1
    assert len({row.body["client_id"] for row in reader}) == 99_999


@pytest.mark.parametrize("row", [",#flood,", "#rescue,,", ",#help,#1", ",,,POINT (80 13)", ",people,"])
def test_takes_a_single_word_for_what_somebody_wrote(tmp_path: Path, row: str) -> None:
    """One row of data is not lost as a second row of names."""
    assert len(rows(put(tmp_path, "a.csv", f"category,text,Ort\n{row}\n"))) == 1
