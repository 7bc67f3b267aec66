"""It reads CSV, and a broken row costs no other row."""

from __future__ import annotations

from pathlib import Path

import pytest

from crisismap.channels.file.read import read_reports
from crisismap.core.errors import Invalid
from tests.channels.samples import put, rows


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
