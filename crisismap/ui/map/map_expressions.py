"""deck.gl expressions as text: constant strings and nested conditions, never from text that people wrote."""

from __future__ import annotations

from collections.abc import Mapping

from crisismap.core.errors import Invalid


def word(text: str) -> str:
    """Return a constant string; pydeck would take a bare one for an expression."""
    return f"'{text}'"


def chain(value: str, table: Mapping[str, str], default: str) -> str:
    """Return nested conditions: the expression of `table` for `value`, else `default`."""
    made = default
    for key, found in table.items():
        if not key.replace("_", "").isalnum():
            raise Invalid("category", key, "not_a_key")
        made = f"{value} == '{key}' ? {found} : {made}"
    return f"({made})"


def chain_of_texts(value: str, table: Mapping[str, str], default: str) -> str:
    """Return the same as `chain` for constant strings."""
    return chain(value, {key: word(found) for key, found in table.items()}, word(default))
