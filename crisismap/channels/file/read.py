"""Reading a file of reports, in one pass: GeoJSON, newline-delimited GeoJSON or CSV, detected by its content."""

from __future__ import annotations

import codecs
from collections.abc import Iterable, Iterator
from pathlib import Path

from crisismap.channels.file.geojson import read_geojson, read_geojson_lines
from crisismap.channels.file.lines import Lines
from crisismap.channels.file.mapping import ReportMapping, require_columns
from crisismap.channels.file.rows import RawRow, Row, rows_of
from crisismap.channels.file.table import read_table
from crisismap.core.errors import Invalid, Malformed

_LINE_SUFFIXES = {".geojsonl", ".geojsons", ".ndjson", ".jsonl", ".ndgeojson"}


class ReportRows(Iterator[Row]):
    """The rows of a file, in one pass. `notes` fills while reading: remarks about the file as a whole."""

    def __init__(self, rows: Iterator[Row], notes: list[str]) -> None:
        self.notes = notes
        self._rows = rows

    def __next__(self) -> Row:
        return next(self._rows)


def read_reports(path: Path, mapping: ReportMapping | None = None, *, salvage: bool = False) -> ReportRows:
    """Return the rows of a file; without a mapping, columns and properties must be named like the members of the API.

    CSV and newline-delimited GeoJSON stream; GeoJSON is read whole. `salvage` keeps the complete features of a
    truncated GeoJSON file. Raises, before the first row: Invalid (not a plain file, a mapped column is missing),
    Malformed (empty, another format, broken as a whole), TooLarge.
    """
    kind = detect_format(path, mapping)
    notes: list[str] = []
    encoding = mapping.encoding if mapping else ""
    raw_rows: Iterable[RawRow]
    if kind == "geojson":
        raw_rows = _with_columns(read_geojson(path, salvage, notes), mapping, path.name)
    elif kind == "geojsonl":
        raw_rows = read_geojson_lines(Lines(path, encoding, notes))
    else:
        raw_rows = read_table(Lines(path, encoding, notes), mapping, path.name)
    return ReportRows(rows_of(raw_rows, mapping), notes)


def _with_columns(raw_rows: list[RawRow], mapping: ReportMapping | None, what: str) -> list[RawRow]:
    good = [one for one in raw_rows if one.problem is None]
    if good:
        require_columns(list(dict.fromkeys(name for one in good for name in one.properties)), mapping, what)
    return raw_rows


def detect_format(path: Path, mapping: ReportMapping | None) -> str:
    """Return the format of a file by its content. Raises Invalid; Malformed, also when the mapping's format differs."""
    head = _head(path)
    text = head.removeprefix(codecs.BOM_UTF8).lstrip()
    if not text.strip(b"\x00 \r\n\t"):
        raise Malformed("file_empty", what=path.name)
    wide = head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    if text.startswith((b"<", b"PK\x03\x04", b"%PDF")) or (b"\x00" in head and not wide):
        raise Malformed("not_geojson_or_csv", what=path.name)
    table = text[:1] not in (b"{", b"[", b"\x1e")
    if mapping and mapping.format and (mapping.format == "csv") != table:
        raise Malformed("not_the_mapped_format", what=path.name, format=mapping.format, mapping=mapping.name)
    if table:
        return "csv"
    first, _, rest = text.partition(b"\n")
    lines = first.rstrip().endswith(b"}") and rest.lstrip(b"\x1e \r\n\t").startswith(b"{")
    has_mark = text[:1] == b"\x1e" or path.suffix.lower() in _LINE_SUFFIXES
    return "geojsonl" if lines or has_mark else "geojson"


def _head(path: Path) -> bytes:
    if path.is_dir():
        raise Invalid("file", path.name, "file_is_folder")
    if not path.is_file():
        raise Invalid("file", path.name, "no_file")
    try:
        with path.open("rb") as handle:
            return handle.read(1 << 16)
    except OSError as error:
        raise Invalid("file", path.name, "file_not_opened", problem=error.strerror) from None
