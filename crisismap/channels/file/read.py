"""read_reports: the rows of a file of reports, in one pass."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from crisismap.channels.file.formats import detect_format
from crisismap.channels.file.geojson import read_geojson, read_geojson_lines
from crisismap.channels.file.lines import Lines
from crisismap.channels.file.mapping import ReportMapping, require_columns
from crisismap.channels.file.raw_row import RawRow
from crisismap.channels.file.rows import Row, rows_of
from crisismap.channels.file.table import read_table


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
    found: Iterable[RawRow]
    if kind == "geojson":
        found = _with_columns(read_geojson(path, salvage, notes), mapping, path.name)
    elif kind == "geojsonl":
        found = read_geojson_lines(Lines(path, encoding, notes))
    else:
        found = read_table(Lines(path, encoding, notes), mapping, path.name)
    return ReportRows(rows_of(found, mapping), notes)


def _with_columns(found: list[RawRow], mapping: ReportMapping | None, what: str) -> list[RawRow]:
    good = [one for one in found if one.problem is None]
    if good:
        require_columns(list(dict.fromkeys(name for one in good for name in one.properties)), mapping, what)
    return found
