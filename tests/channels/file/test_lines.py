"""It decodes lines one by one, in the encoding that is named or found."""

from __future__ import annotations

from pathlib import Path

from crisismap.channels.file.read import read_reports
from tests.channels.samples import CSV, mapping, put, rows

LATIN = 'category = "category"\nlon = "lon"\nlat = "lat"\ntext = "text"\nencoding = "%s"\n'


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
