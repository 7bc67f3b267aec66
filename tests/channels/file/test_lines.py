"""It decodes lines one by one, in the encoding that is named or found."""

from __future__ import annotations

from pathlib import Path

import pytest

from crisismap.channels.file.lines import MAX_LINE, Lines, text_file
from crisismap.channels.file.read import read_reports
from crisismap.core.errors import Malformed
from tests.channels.samples import CSV, mapping, put, rows

LATIN = 'category = "category"\nlon = "lon"\nlat = "lat"\ntext = "text"\nencoding = "%s"\n'


def test_reads_latin1_lines_and_says_so(tmp_path: Path) -> None:
    text = "category,text\nother,Panamá €\n".encode("cp1252") + "other,Chocó\n".encode()
    reader = read_reports(put(tmp_path, "a.csv", text))
    assert [row.body["text"] for row in reader] == ["Panamá €", "Chocó"]
    assert reader.notes == ["what is not UTF-8 was read as cp1252, which is a guess, as in “Panamá, €”"]


def test_reads_the_encoding_the_mapping_names(tmp_path: Path) -> None:
    path = put(tmp_path, "a.csv", "category,text,lon,lat\nother,Panamá,80,13\n".encode("latin-1"))
    (row,) = rows(path, mapping(tmp_path, LATIN % "latin-1"))
    assert row.body["text"] == "Panamá"


def test_reads_rows_that_are_not_in_the_encoding_the_mapping_names_and_says_so(tmp_path: Path) -> None:
    content = b"category,text,lon,lat\nother,Panam\xe1,80,13\nother,fine,80,13\n"
    reader = read_reports(put(tmp_path, "a.csv", content), mapping(tmp_path, LATIN % "utf-8"))
    assert [row.body["text"] for row in reader] == ["Panamá", "fine"]
    assert reader.notes == ["line 2 is not utf-8; such lines were read as cp1252"]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_reads_wide_text_with_and_without_a_mark_and_any_end_of_line(tmp_path: Path, encoding: str, end: str) -> None:
    path = put(tmp_path, "a.csv", CSV.replace("\n", end).encode(encoding))
    assert [row.body["text"] for row in rows(path)] == ["Water", "Trapped"]


def test_reads_lines_that_end_in_a_carriage_return_alone(tmp_path: Path) -> None:
    text = CSV.replace("\n", "\r") + "other,last without an end,80,13"
    assert [row.body["text"] for row in rows(put(tmp_path, "a.csv", text))] == [
        *("Water", "Trapped"),
        "last without an end",
    ]


def test_tells_a_line_feed_from_a_wide_character_that_holds_its_byte(tmp_path: Path) -> None:
    text = "category,text,lat,lon\rother,\u010aentru,13,80\r"
    for encoding in ("utf-16", "utf-8"):
        [row] = rows(put(tmp_path, "a.csv", text.encode(encoding)))
        assert row.body["text"] == "\u010aentru"


def test_refuses_a_line_that_never_ends_whatever_the_ends_of_lines(tmp_path: Path) -> None:
    for start in ("category,text\r", "category,text\n"):
        path = put(tmp_path, "a.csv", start + "x" * (MAX_LINE + 1))
        with pytest.raises(Malformed):
            rows(path)


def test_reads_wide_text_as_spreadsheets_save_it(tmp_path: Path) -> None:
    assert [row.body["text"] for row in rows(put(tmp_path, "a.csv", CSV.encode("utf-16")))] == ["Water", "Trapped"]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-8"])
@pytest.mark.parametrize("mark", ["\u2028", "\u2029", "\x1e", "\x0b", "\x0c", "\x85"])
def test_ends_a_line_only_at_its_end(tmp_path: Path, encoding: str, mark: str) -> None:
    path = tmp_path / "a.csv"
    text = f"category,text,place and more\nrescue,roof{mark}boat,here\n"
    path.write_bytes(text.encode(encoding))
    assert "".join(Lines(text_file(path, ""), [])) == text
    assert len(list(Lines(text_file(path, ""), []))) == 2
