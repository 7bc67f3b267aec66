"""deck.gl expressions as text: constant strings and nested conditions, never from text that people wrote."""

from __future__ import annotations

from collections.abc import Mapping

from crisismap.core.errors import Invalid


def constant(text: str) -> str:
    """Return a constant string; pydeck would take a bare one for an expression."""
    return f"'{text}'"


def chain(value: str, table: Mapping[str, str], default: str) -> str:
    """Return nested conditions: the expression of `table` for `value`, else `default`."""
    expression = default
    for key, branch in table.items():
        if not key.replace("_", "").isalnum():
            raise Invalid("category", key, "not_a_key")
        expression = f"{value} == '{key}' ? {branch} : {expression}"
    return f"({expression})"


def constant_chain(value: str, table: Mapping[str, str], default: str) -> str:
    """Return the same as `chain` for constant strings."""
    return chain(value, {key: constant(text) for key, text in table.items()}, constant(default))
