"""Reading a file of reports, in one pass: GeoJSON, newline-delimited GeoJSON, CSV or a workbook, by its content."""

from __future__ import annotations

import codecs
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import chain, islice
from pathlib import Path

from crisismap.channels.file.columns import FileColumns
from crisismap.channels.file.geojson import read_geojson, read_geojson_lines
from crisismap.channels.file.lines import HEAD, Lines
from crisismap.channels.file.mapping import ReportMapping, require_columns
from crisismap.channels.file.rows import RawRow, Row, rows_of
from crisismap.channels.file.table import RowTable, read_table, sheet_table
from crisismap.core.errors import Invalid, Malformed
from crisismap.core.text.encoding import wide_encoding

Sheets = Mapping[str, list[list[str]]]  # rows of cells as text, by the name of the sheet
ReadWorkbook = Callable[[Path], Sheets]

_LINE_SUFFIXES = {".geojsonl", ".geojsons", ".ndjson", ".jsonl", ".ndgeojson"}
_WORKBOOK = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")  # XLSX, XLSB and ODS; XLS
_LOOK_AHEAD = 200  # lines of JSON whose members are taken for the columns


class ReportRows(Iterator[Row]):
    """The rows of a file, in one pass.

    `notes` and what `columns` says about unused columns fill while reading: remarks about the file as a whole.
    """

    def __init__(self, rows: Iterator[Row], columns: FileColumns, notes: list[str]) -> None:
        self.notes, self.columns = notes, columns
        self._rows = rows

    def __next__(self) -> Row:
        return next(self._rows)


def read_reports(
    path: Path,
    mapping: ReportMapping | None = None,
    *,
    salvage: bool = False,
    read_workbook: ReadWorkbook | None = None,
) -> ReportRows:
    """Return the rows of a file; without a mapping, the names of columns and properties say what they are.

    CSV and newline-delimited GeoJSON stream; GeoJSON is read whole. `salvage` keeps the complete features of a
    truncated GeoJSON file. `read_workbook` reads a workbook safely; without it there are none. Raises, before the first
    row: Invalid (not a plain file, a mapped column is missing), Malformed (empty, another format, broken as a whole),
    TooLarge.
    """
    kind = detect_format(path, mapping)
    notes: list[str] = []
    encoding = mapping.encoding if mapping else ""
    if kind == "workbook":
        if read_workbook is None:
            raise Malformed("not_geojson_or_csv", what=path.name)
        table = _sheet(read_workbook(path), mapping, path.name, notes)
    elif kind == "geojson":
        table = _with_names(read_geojson(path, salvage, notes), None)
    elif kind == "geojsonl":
        table = _with_names(read_geojson_lines(Lines(path, encoding, notes)), _LOOK_AHEAD)
    else:
        table = read_table(Lines(path, encoding, notes), mapping, path.name, notes)
    columns = FileColumns(table.names, mapping)
    if table.names or kind not in ("geojson", "geojsonl"):
        require_columns(table.names, columns.mapping, path.name)
    return ReportRows(rows_of(table.rows, columns), columns, notes)


def _with_names(raw_rows: Iterable[RawRow], most: int | None) -> RowTable:
    """Return JSON rows as a table: the properties of the first rows, or of all, are its columns."""
    rows = iter(raw_rows)
    first = list(islice(rows, most))
    good = [one for one in first if one.problem is None]
    names = list(dict.fromkeys(name for one in good for name in one.properties))
    return RowTable(names, chain(first, rows))


def _sheet(sheets: Sheets, mapping: ReportMapping | None, what: str, notes: list[str]) -> RowTable:
    """Return the only sheet with reports, or the one that the mapping names; the others are noted."""
    wanted = mapping.sheet if mapping else ""
    if wanted and wanted not in sheets:
        raise Invalid("sheet", wanted, "sheet_unknown", known=", ".join(sheets) or "none")
    if not sheets:
        raise Malformed("file_empty", what=what)
    tables = {name: sheet_table(rows, mapping, []) for name, rows in sheets.items()}
    fitting = [wanted] if wanted else [name for name, table in tables.items() if _fits(table, mapping, what)]
    if len(fitting) > 1:
        raise Invalid("sheet", ", ".join(fitting), "several_sheets")
    name = fitting[0] if fitting else next(iter(sheets))
    notes += [f"the sheet {other!r} was not read" for other in sheets if other != name]
    return sheet_table(sheets[name], mapping, notes)


def _fits(table: RowTable, mapping: ReportMapping | None, what: str) -> bool:
    try:
        require_columns(table.names, FileColumns(table.names, mapping).mapping, what)
    except Invalid:
        return False
    return True


def detect_format(path: Path, mapping: ReportMapping | None) -> str:
    """Return the format of a file by its content. Raises Invalid; Malformed, also when the mapping's format differs."""
    head = _head(path)
    if head.startswith(_WORKBOOK):
        kind = "workbook"
    else:
        wide = wide_encoding(head)
        text = head.decode(wide, "ignore").encode() if wide else head
        kind = _text_format(text.removeprefix(codecs.BOM_UTF8).lstrip(), path)
    if mapping and mapping.format and (mapping.format == "csv") != (kind in ("csv", "workbook")):
        raise Malformed("not_the_mapped_format", what=path.name, format=mapping.format, mapping=mapping.name)
    return kind


def _text_format(text: bytes, path: Path) -> str:
    if not text.strip(b"\x00 \r\n\t"):
        raise Malformed("file_empty", what=path.name)
    if text.startswith((b"<", b"%PDF")) or b"\x00" in text:
        raise Malformed("not_geojson_or_csv", what=path.name)
    if text[:1] not in (b"{", b"[", b"\x1e"):
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
            return handle.read(HEAD)
    except OSError as error:
        raise Invalid("file", path.name, "file_not_opened", problem=error.strerror) from None
