"""Checks of text to be stored: PostgreSQL cannot store a NUL, and every field has a maximum length."""

from __future__ import annotations

import re

from crisismap.core.errors import Invalid

NUL = "\x00"
_HALF_CHARACTER = re.compile("[\ud800-\udfff]")


def storable(text: str) -> str:
    """Return the text with each NUL replaced by the replacement character."""
    return text.replace(NUL, "\ufffd")


def whole_characters(text: str) -> str:
    """Return the text with the replacement character for each half of a character, as phones leave when they cut."""
    return text if text.isascii() else _HALF_CHARACTER.sub("\ufffd", text)


def check_no_nul(field: str, value: str) -> None:
    """Raise Invalid for a NUL where replacing it would change the identity of a value: a key, an id, a name."""
    if NUL in value:
        raise Invalid(field, storable(value), "holds_nul")


def check_length(field: str, value: str, most: int) -> None:
    """Raise Invalid for more characters than `most`."""
    if len(value) > most:
        raise Invalid(field, value, "too_long", most=most)
