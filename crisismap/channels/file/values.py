"""Values of one row: looked up by name or path, and converted to text, numbers, objects and times.

What cannot be read is returned as it is: `core.report.read_draft` keeps it as text and flags the report.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, tzinfo
from functools import cache
from typing import Any

import msgspec

from crisismap import i18n
from crisismap.core.text.answer import read_truth
from crisismap.core.text.folding import fold
from crisismap.core.text.number import read_number
from crisismap.core.text.storable import storable, whole_characters

_YEAR_FIRST = re.compile(r"(\d{4})[/.](\d{1,2})[/.](\d{1,2})(?=$|[ T])")


def lookup(row: Mapping[str, Any], name: str) -> Any:
    """Return a field by its name, or by a path into nested objects; JSON objects given as text are parsed."""
    found: Any = row.get(name)
    if found is None and "." in name and name not in row:
        found = row
        for part in name.split("."):
            if isinstance(found, str) and found.lstrip().startswith("{"):
                try:
                    found = msgspec.json.decode(found)
                except (msgspec.DecodeError, RecursionError):
                    return None
            found = found.get(part) if isinstance(found, Mapping) else None
    return None if isinstance(found, str) and not found.strip() else found


def table_key(value: Any) -> str:
    return ("true" if value else "false") if isinstance(value, bool) else str(value).strip().lower()


def text_of(value: Any) -> str | None:
    """Return stripped text; None for no value and for blanks."""
    if value is None or isinstance(value, dict | list):
        return None
    text = table_key(value) if isinstance(value, bool) else str(value)
    # As in every other channel: a NUL cannot be stored everywhere, and its meaning is not guessed.
    return whole_characters(storable(text)).strip() or None


def answer_of(value: Any) -> bool | None:
    """Return whether a value means yes or no, in any language of the program; None when it means neither."""
    if isinstance(value, bool):
        return value
    text = text_of(value) or ""
    found = read_truth(text)
    return _answers().get(fold(text)) if found is None else found


@cache
def _answers() -> Mapping[str, bool]:
    return i18n.answers()


def number_of(value: Any) -> int | float | None:
    """Return the finite number that a value is, a whole one as int; None for anything else."""
    number = read_number(text_of(value) or "") if not isinstance(value, bool) else None
    return int(number) if number is not None and number.is_integer() else number


def object_of(name: str, row: Mapping[str, Any]) -> Any:
    """Return a member that is an object: as it is, from JSON text, or from columns like contact.phone."""
    value = row.get(name)
    if isinstance(value, str) and value.strip():
        try:
            return msgspec.json.decode(value)
        except (msgspec.DecodeError, RecursionError):
            return value
    if value not in (None, ""):
        return value
    start = f"{name}."
    parts = {key.removeprefix(start): text_of(cell) for key, cell in row.items() if key.startswith(start)}
    return {key: cell for key, cell in parts.items() if cell} or None


def time_of(value: Any, zone: tzinfo | None = None, form: str = "") -> str | None:
    """Return the time as RFC 3339, parsed by `form` (strptime) or as ISO 8601; any other text unchanged.

    A time without a zone gets `zone`, or has none.
    """
    text = text_of(value)
    if text is None:
        return None
    moment = _parsed(text, form)
    if moment is None:
        return text
    return (moment.replace(tzinfo=zone) if moment.tzinfo is None and zone is not None else moment).isoformat()


def _parsed(text: str, form: str) -> datetime | None:
    try:
        if form:
            return datetime.strptime(text, form)  # noqa: DTZ007 - the mapping's zone is added
        if match := _YEAR_FIRST.match(text):
            year, month, day = match.groups()
            text = f"{year}-{month:0>2}-{day:0>2}{text[match.end() :]}"
        return datetime.fromisoformat(text)
    except ValueError:
        return None
