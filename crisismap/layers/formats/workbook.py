"""Workbooks (XLSX, XLSB, XLS, ODS): the cells of each sheet as text, as in a CSV. Runs in the sandbox."""

from __future__ import annotations

from datetime import date, datetime
from io import BytesIO
from typing import Any

from python_calamine import CalamineError, CalamineWorkbook

from crisismap.core.errors import Malformed, TooLarge, shorten

MAX_CELLS = 20_000_000


def parse(data: bytes) -> dict[str, list[list[str]]]:
    """Return sheet name to rows of cells, without empty sheets. Raises Malformed, TooLarge."""
    try:
        book = CalamineWorkbook.from_filelike(BytesIO(data))
        sheets = {name: book.get_sheet_by_name(name) for name in book.sheet_names}
        if sum(sheet.total_height * sheet.total_width for sheet in sheets.values()) > MAX_CELLS:
            raise TooLarge("workbook_too_large", most=MAX_CELLS)
        tables = {
            name: [[_cell(value) for value in row] for row in sheet.to_python()] for name, sheet in sheets.items()
        }
    except (CalamineError, OSError, ValueError) as error:
        raise Malformed("workbook_unreadable", problem=shorten(str(error), 80)) from None
    return {name: rows for name, rows in tables.items() if any(any(row) for row in rows)}


def _cell(value: Any) -> str:
    """Return a cell as text. Numbers are read as floats, also whole ones; a code stored as text is unchanged."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime | date):
        return value.isoformat()
    return str(value)
