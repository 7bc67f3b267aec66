"""CSV in UTF-8: one row per report, with the members of the GeoJSON features as columns."""

from __future__ import annotations

import csv as table
import io
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from crisismap.exports.format import ReportTable

# A cell that begins with one of these may be run; the last four are full-width.
_FORMULA = frozenset(("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20"))


def csv(reports: ReportTable) -> Iterator[bytes]:
    """Yield the rows as `csv_rows` writes them."""
    columns, values = reports.grid()
    constants = reports.made_up, reports.care
    parts = ([(*row, *constants) for row in part] for part in values)
    return csv_rows([*columns, "made_up", "handling"], parts)


def csv_rows(head: Sequence[str], parts: Iterable[Iterable[Sequence[Any]]]) -> Iterator[bytes]:
    """Yield a header and rows. Text that a spreadsheet would run as a formula gets an apostrophe; numbers do not."""
    buffer = io.StringIO()
    writer = table.writer(buffer)
    writer.writerow(head)
    for part in parts:
        writer.writerows(map(_cell, row) for row in part)
        yield _drain(buffer)
    yield _drain(buffer)


def _drain(buffer: io.StringIO) -> bytes:
    text = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return text.encode()


def _cell(value: Any) -> Any:
    if value.__class__ is str:  # faster than isinstance, which counts: this is called for every cell
        return "'" + value if value[:1] in _FORMULA else value
    if value.__class__ is bool:
        return "true" if value else "false"
    return value
