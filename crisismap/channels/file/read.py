"""Reading a file of reports, in one pass: GeoJSON, newline-delimited GeoJSON, CSV or a workbook, by its content."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import chain, islice
from pathlib import Path

from crisismap.channels.file.columns import FileColumns
from crisismap.channels.file.geojson import read_geojson, read_geojson_lines
from crisismap.channels.file.lines import HEAD, Lines, text_file, text_head
from crisismap.channels.file.mapping import ReportMapping, require_columns
from crisismap.channels.file.rows import RawRow, Row, rows_of
from crisismap.channels.file.table import RowTable, read_table, sheet_table
from crisismap.core.errors import Invalid, Malformed

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
    encoding: str = "",
) -> ReportRows:
    """Return the rows of a file; without a mapping, the names of columns and properties say what they are.

    All stream but workbooks; a GeoJSON file is read twice. `salvage` keeps the complete features of a truncated one.
    `read_workbook` reads a workbook safely; without it there are none. `encoding`: declared, instead of the mapping's.
    Raises, before the first row: Invalid (not a plain file, a mapped column is missing, no such encoding), Malformed
    (empty, another format, broken as a whole), TooLarge.
    """
    declared = encoding or (mapping.encoding if mapping else "")
    kind = detect_format(path, mapping, declared)
    notes: list[str] = []
    if kind == "workbook":
        if read_workbook is None:
            raise Malformed("not_geojson_or_csv", what=path.name)
        table = _sheet(read_workbook(path), mapping, path.name, notes)
        name = ""
    else:
        file = text_file(path, declared)
        name = file.encoding.name if declared or file.encoding.guessed else ""
        if kind == "geojson":
            table = read_geojson(file, salvage, notes)
        elif kind == "geojsonl":
            table = _with_names(read_geojson_lines(Lines(file, notes)), _LOOK_AHEAD)
        else:
            table = read_table(Lines(file, notes), mapping, path.name, notes)
    columns = FileColumns(table.names, mapping)
    if table.names or kind not in ("geojson", "geojsonl"):
        require_columns(table.names, columns.mapping, path.name)
    columns.mapping = replace(columns.mapping, encoding=name)
    return ReportRows(rows_of(table.rows, columns), columns, notes)


def _with_names(raw_rows: Iterable[RawRow], most: int) -> RowTable:
    """Return JSON rows as a table: the properties of the first rows are its columns."""
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


def detect_format(path: Path, mapping: ReportMapping | None, encoding: str = "") -> str:
    """Return the format of a file by its content. Raises Invalid; Malformed, also when the mapping's format differs."""
    head = _head(path)
    kind = "workbook" if head.startswith(_WORKBOOK) else _text_format(text_head(head, encoding).lstrip(), path)
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
