"""CSV in UTF-8: one row per report, with the members of the GeoJSON features as columns."""

from __future__ import annotations

import csv as table
import io
from collections.abc import Iterator
from typing import Any

from crisismap.exports.format import ReportTable

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")  # the last four: full-width


def csv(reports: ReportTable) -> Iterator[bytes]:
    """Yield rows with a header. Text that a spreadsheet would run as a formula gets an apostrophe; numbers do not."""
    buffer = io.StringIO()
    writer = table.writer(buffer)
    writer.writerow([*reports.columns, "made_up", "handling"])
    of_all = reports.made_up, reports.care
    for part in reports.cells():
        writer.writerows(map(_cell, (*row, *of_all)) for row in part)
        yield _notice_row(buffer)
    yield _notice_row(buffer)


def _notice_row(buffer: io.StringIO) -> bytes:
    text = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return text.encode()


def _cell(value: Any) -> Any:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str) and value.startswith(_FORMULA):
        return "'" + value
    return value
