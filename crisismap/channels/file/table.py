"""CSV and similar formats as raw rows; a broken row affects no other row."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable, Iterator

from crisismap.channels.file.lines import Lines
from crisismap.channels.file.mapping import ReportMapping, require_columns
from crisismap.channels.file.rows import RawRow
from crisismap.core.errors import Malformed

_MAX_CELL = 1 << 20  # characters; also how far an unclosed quote can extend before it is detected


def read_table(lines: Lines, mapping: ReportMapping | None, what: str) -> Iterator[RawRow]:
    cells, delimiter = read_header(lines, what)
    header = list(_unique(name.strip() if mapping else name.strip().lower() for name in cells))
    require_columns(header, mapping, what)
    return _table(lines, header, delimiter)


def read_header(lines: Lines, what: str) -> tuple[list[str], str]:
    """Return the column names as written, and the delimiter."""
    first = next(lines, "")
    delimiter = max(",;\t|", key=first.count)
    lines.back.appendleft(first)
    cells, _ = next(_rows(lines, delimiter), (None, []))
    if cells is None:
        raise Malformed("no_header", what=what)
    return cells, delimiter


def _table(lines: Lines, header: list[str], delimiter: str) -> Iterator[RawRow]:
    for cells, source_lines in _rows(lines, delimiter):
        while cells and len(cells) > len(header) and not cells[-1].strip():
            cells.pop()
        problem = None
        if cells is None or _ends_inside_quotes(source_lines):
            problem = Malformed("quotation_mark_open")
        elif len(cells) != len(header):
            problem = Malformed("cells_do_not_match", cells=len(cells), columns=len(header))
        if problem or cells is None:
            # The following lines may be valid rows inside a stray quotation mark.
            lines.back.extendleft(reversed(source_lines[1:]))
            yield RawRow(source_lines[0].rstrip("\r\n"), problem=problem)
            continue
        row = dict(zip(header, cells, strict=True))
        yield RawRow(row, row, problem=_decoding_error(row))


def _rows(lines: Lines, delimiter: str) -> Iterator[tuple[list[str] | None, list[str]]]:
    """Yield rows of cells (None: not separable), each with its lines; blank ones are skipped."""
    csv.field_size_limit(_MAX_CELL)
    while True:
        source_lines: list[str] = []

        def recorded(source_lines: list[str] = source_lines) -> Iterator[str]:
            for line in lines:
                source_lines.append(line)
                yield line

        try:
            cells = next(csv.reader(recorded(), delimiter=delimiter), None)
        except csv.Error:
            yield None, source_lines
            continue
        if cells is None:
            return
        if any(cell.strip() for cell in cells):
            yield cells, source_lines


def _ends_inside_quotes(source_lines: list[str]) -> bool:
    """Return whether the file ended inside a quoted cell: only then can a row have an odd number of quotes."""
    unfinished = len(source_lines) > 1 or not source_lines[-1].endswith(("\r", "\n"))
    return unfinished and sum(line.count('"') for line in source_lines) % 2 == 1


def _decoding_error(row: dict[str, str]) -> Malformed | None:
    """Return the error for the first cell with bytes that are not in the mapping's encoding."""
    for name, cell in row.items():
        bad = next((letter for letter in cell if "\udc80" <= letter <= "\udcff"), None)
        if bad:
            return Malformed("byte_not_encoded", column=name, byte=f"0x{ord(bad) - 0xDC00:02X}")
    return None


def _unique(names: Iterable[str]) -> Iterator[str]:
    counts: Counter[str] = Counter()
    for name in names:
        counts[name] += 1
        yield name if counts[name] == 1 else f"{name}_{counts[name]}"
