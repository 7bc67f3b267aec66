"""Which text can be kept: PostgreSQL cannot hold a NUL, and every field has a most length. The one place for both."""

from __future__ import annotations

from crisismap.core.errors import Invalid

NUL = "\x00"


def storable(text: str) -> str:
    """Return the text with the replacement character for each NUL and nothing else changed."""
    return text.replace(NUL, "\ufffd")


def check_no_nul(field: str, value: str) -> None:
    """Raise Invalid for a NUL, where replacing it would make another value of it: a key, an id, a name."""
    if NUL in value:
        raise Invalid(field, storable(value), "holds_nul")


def check_length(field: str, value: str, most: int) -> None:
    """Raise Invalid for more characters than `most`."""
    if len(value) > most:
        raise Invalid(field, value, "too_long", most=most)
