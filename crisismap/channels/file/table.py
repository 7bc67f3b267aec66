"""CSV, similar formats and the sheets of workbooks as raw rows; a broken row affects no other row.

People put titles above the column names, merge cells of two rows of names, and let programs write `sep=;` above all.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from crisismap.channels.file.columns import member_of
from crisismap.channels.file.lines import Lines
from crisismap.channels.file.mapping import ReportMapping
from crisismap.channels.file.rows import RawRow
from crisismap.core.errors import Malformed, shorten
from crisismap.core.text.table_names import DELIMITERS, HEADER_WITHIN, are_hashtags, declared_delimiter, distinct_names

_MAX_CELL = 1 << 20  # characters; also how far an unclosed quote can extend before it is detected
_HEAD_SIZE = 1 << 20  # characters of these rows
Recognise = Callable[[str], str]  # what a column of this name is, "" for nothing known


@dataclass(frozen=True, slots=True)
class RowTable:
    """A table: its column names, each once, and its rows in one pass."""

    names: list[str]
    rows: Iterator[RawRow]


@dataclass(frozen=True, slots=True)
class _Header:
    score: int  # number of different things that the names mean
    names: list[str]
    start: int  # the row of names
    end: int  # the first row of data


def read_table(lines: Lines, mapping: ReportMapping | None, what: str, notes: list[str]) -> RowTable:
    """Return the table of a text file. Raises Malformed for a file without a row of names."""
    head = _first_lines(lines, what)
    declared = declared_delimiter(head[0]) if head else ""
    head = head[1:] if declared else head
    recognise = _recognise(mapping)
    found = {each: _header(_cells(head, each), recognise) for each in declared or DELIMITERS}
    delimiter = max(found, key=lambda each: (found[each].score, len(found[each].names)))
    header = found[delimiter]
    lines.back.extendleft(reversed(head))
    rows = _rows(lines, delimiter)
    above = [cells or [] for cells, _ in islice(rows, header.end)]
    if not above:
        raise Malformed("no_header", what=what)
    _note_rows_above(above[: header.start], notes)
    names = distinct_names(header.names)
    return RowTable(names, _table(rows, lines, names))


def _first_lines(lines: Lines, what: str) -> list[str]:
    """Return the first lines, as many as are needed to find the names. Raises Malformed for one that is no row."""
    found: list[str] = []
    for line in lines:
        if len(line) > _HEAD_SIZE:
            if not found:
                raise Malformed("line_too_long", what=what, line=1, most=_HEAD_SIZE)
            lines.back.appendleft(line)
            break
        found.append(line)
        if len(found) > HEADER_WITHIN or sum(map(len, found)) > _HEAD_SIZE:
            break
    return found


def sheet_table(rows: Sequence[Sequence[str]], mapping: ReportMapping | None, notes: list[str]) -> RowTable:
    """Return the table of a sheet's rows of cells."""
    filled = [row for row in rows if any(cell.strip() for cell in row)]
    header = _header(filled[:HEADER_WITHIN], _recognise(mapping))
    _note_rows_above(filled[: header.start], notes)
    names = distinct_names(header.names)
    return RowTable(names, (_raw_row(list(cells), names) for cells in filled[header.end :]))


def _recognise(mapping: ReportMapping | None) -> Recognise:
    if mapping is None:
        return member_of
    known = mapping.columns()
    return lambda name: known.get(name, "") and name


def _header(rows: Sequence[Sequence[str]], recognise: Recognise) -> _Header:
    """Return the row of names, or the two rows of merged names, that mean most; the first row if none means anything.

    A row in which less stands than in the one below is no row of names.
    """
    best = _Header(0, [cell.strip() for cell in rows[0]] if rows else [], 0, min(1, len(rows)))
    for start, row in enumerate(rows):
        names = [cell.strip() for cell in row]
        one = _Header(_score(names, recognise), names, start, start + 1)
        below = [cell.strip() for cell in rows[start + 1]] if start + 1 < len(rows) else []
        for each in (one, *_merged(one, below, recognise)):
            if each.score > best.score:
                best = each
        if start == 0 and "category" in (known := _known(best.names, recognise)) and len(known) > 1:
            return best
    return best


def _merged(upper: _Header, below: list[str], recognise: Recognise) -> Iterator[_Header]:
    """Yield the header of two rows of names, if the lower one belongs to it: subordinate names, or hashtags (HXL)."""
    if sum(map(bool, below)) < 2:  # a single word is a value: nobody merges names for one column
        return
    are_tags = are_hashtags(below)
    width = max(len(upper.names), len(below))
    over = [*upper.names, *[""] * (width - len(upper.names))]
    under = [*below, *[""] * (width - len(below))]
    pairs = list(zip(over, under, strict=True))
    if not are_tags and any(low and recognise(high) and not recognise(low) for high, low in pairs):
        return
    names = [_name(high, low, recognise, are_tags=are_tags) for high, low in pairs]
    score = _score(names, recognise)
    if are_tags or score > max(upper.score, _score(below, recognise)):
        yield _Header(score + are_tags, names, upper.start, upper.end + 1)


def _name(high: str, low: str, recognise: Recognise, *, are_tags: bool) -> str:
    """Return the name of a column that has one in the upper row, the lower row, or both."""
    if are_tags and recognise(high) and member_of(low) not in ("lon", "lat"):
        return high
    return low if low and (recognise(low) or not high) else high


def _known(names: Iterable[str], recognise: Recognise) -> set[str]:
    return {member for name in names if (member := recognise(name))}


def _score(names: Iterable[str], recognise: Recognise) -> int:
    known = _known(names, recognise)
    return len(known) + ("category" in known)


def _note_rows_above(rows: Iterable[Sequence[str]], notes: list[str]) -> None:
    for row in rows:
        text = " ".join(cell.strip() for cell in row if cell.strip())
        notes.append(f"a row above the column names was left out: {shorten(text)!r}")


def _cells(lines: Iterable[str], delimiter: str) -> list[list[str]]:
    """Return the rows of the first lines; those behind a quotation mark that stays open are one cell."""
    csv.field_size_limit(_MAX_CELL)
    try:
        return [cells for cells in csv.reader(lines, delimiter=delimiter) if any(cell.strip() for cell in cells)]
    except csv.Error:
        return []


def _table(rows: Iterable[tuple[list[str] | None, list[str]]], lines: Lines, names: list[str]) -> Iterator[RawRow]:
    for cells, source_lines in rows:
        if cells is None or _ends_inside_quotes(source_lines):
            # The following lines may be valid rows inside a stray quotation mark.
            lines.back.extendleft(reversed(source_lines[1:]))
            yield RawRow(source_lines[0].rstrip("\r\n"), problem=Malformed("quotation_mark_open"))
            continue
        yield _raw_row(cells, names)


def _raw_row(cells: list[str], names: list[str]) -> RawRow:
    """Return a row; missing cells are empty, as programs leave them out at the end, and further ones are kept."""
    row = dict(zip(names, [*cells, *[""] * (len(names) - len(cells))], strict=False))
    more = tuple(cell.strip() for cell in cells[len(names) :] if cell.strip())
    return RawRow(row, row, more=more)


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
