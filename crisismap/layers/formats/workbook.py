"""Workbooks (XLSX, XLSM, XLSB, XLS, ODS): the cells of each sheet as text, as in a CSV. Runs in the sandbox."""

from __future__ import annotations

import re
from datetime import date, datetime
from io import BytesIO
from typing import Any

from python_calamine import CalamineError, CalamineWorkbook, PasswordError

from crisismap.core.errors import Malformed, TooLarge, shorten

MAX_CELLS = 20_000_000
_COMPOUND = b"\xd0\xcf\x11\xe0"  # of Office until 2003, and of newer documents with a password
# The records that begin the workbook: the first, perhaps that of write protection, and that of a password.
_OLD_PASSWORD = re.compile(rb"\x09\x08(?:\x10\x00.{16}|\x08\x00.{8})(?:\x86\x00\x00\x00)?\x2f\x00", re.DOTALL)
_ENCRYPTED, _WORKBOOK, _BOOK = (name.encode("utf-16-le") for name in ("EncryptedPackage", "Workbook", "Book"))


def parse(data: bytes) -> dict[str, list[list[str]]]:
    """Return sheet name to rows of cells, without empty sheets. Raises Malformed, TooLarge."""
    if data.startswith(_COMPOUND):
        _check_compound(data)
    try:
        book = CalamineWorkbook.from_filelike(BytesIO(data))
        sheets = {name: book.get_sheet_by_name(name) for name in book.sheet_names}
        if sum(sheet.total_height * sheet.total_width for sheet in sheets.values()) > MAX_CELLS:
            raise TooLarge("workbook_too_large", most=MAX_CELLS)
        tables = {
            name: [[_cell(value) for value in row] for row in sheet.to_python()] for name, sheet in sheets.items()
        }
    except PasswordError:
        raise Malformed("workbook_protected") from None
    except (CalamineError, OSError, ValueError) as error:
        raise Malformed("workbook_unreadable", problem=shorten(str(error), 80)) from None
    return {name: rows for name, rows in tables.items() if any(any(row) for row in rows)}


def _check_compound(data: bytes) -> None:
    """Raise Malformed for a document with a password, and for one that is no workbook, such as a letter or message."""
    if _ENCRYPTED in data or _OLD_PASSWORD.search(data):
        raise Malformed("workbook_protected")
    if _WORKBOOK not in data and _BOOK not in data:
        raise Malformed("not_a_workbook")


def _cell(value: Any) -> str:
    """Return a cell as text. Numbers are read as floats, also whole ones; a code stored as text is unchanged."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime | date):
        return value.isoformat()
    return str(value)
