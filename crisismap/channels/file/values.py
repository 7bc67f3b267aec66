"""Values of one row: looked up by name or path, and converted to text, numbers, objects and times."""

from __future__ import annotations

import math
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime, tzinfo
from typing import Any

import msgspec

from crisismap.core.errors import Invalid
from crisismap.core.text.storable import storable


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
    return storable(text).strip() or None


def number_of(name: str, value: Any) -> float | None:
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    if isinstance(value, str):
        with suppress(ValueError):  # refused below, as it was written
            value = float(value)
    return finite(name, value)


def finite(name: str, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Invalid(name, value, "not_a_number")
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise Invalid(name, number, "not_finite")
    return number


def whole_number_of(name: str, value: Any) -> int | None:
    number = number_of(name, value)
    if number is None or number == int(number):
        return None if number is None else int(number)
    raise Invalid(name, value, "not_a_whole_number")


def scalar_of(name: str, value: Any, number: bool) -> str | float | bool | None:
    """Return one value of `fields`: a number where the mapping says so, whole ones as int; else unchanged."""
    if number:
        figure = number_of(f"fields.{name}", value)
        return int(figure) if figure is not None and figure == int(figure) else figure
    return value if isinstance(value, bool | int | float) else text_of(value)


def object_of(name: str, row: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return a member that is an object: as it is, from JSON text, or from columns like contact.phone."""
    value = row.get(name)
    if isinstance(value, str) and value.strip():
        try:
            value = msgspec.json.decode(value)
        except (msgspec.DecodeError, RecursionError):
            raise Invalid(name, row.get(name), "not_a_json_object") from None
    if isinstance(value, dict):
        return value
    if value not in (None, ""):
        raise Invalid(name, value, "not_an_object")
    start = f"{name}."
    parts = {key.removeprefix(start): text_of(cell) for key, cell in row.items() if key.startswith(start)}
    truth = {"true": True, "false": False} if name == "consent" else {}
    return {key: truth.get(cell.lower(), cell) for key, cell in parts.items() if cell} or None


def time_of(value: Any, zone: tzinfo | None = None, form: str = "") -> str | None:
    """Return the time as RFC 3339, parsed by `form` (strptime); without a zone anywhere it has none."""
    text = text_of(value)
    if text is None:
        return None
    try:
        moment = datetime.strptime(text, form) if form else datetime.fromisoformat(text)  # noqa: DTZ007
    except ValueError:
        raise Invalid("observed_at", text, "unreadable_time") from None
    if moment.tzinfo is None and zone is not None:
        moment = moment.replace(tzinfo=zone)
    return moment.isoformat()
