"""deck.gl expressions as text: constant strings and nested conditions, never from text that people wrote."""

from __future__ import annotations

from collections.abc import Mapping

from crisismap.core.errors import Invalid
from crisismap.core.text import symbols


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


def address(url: str, *queries: str) -> str:
    """Return a URL with encoded queries. Raises Invalid for one that could break out of it."""
    query = "&".join(each for each in queries if each)
    if set(query) & set("{}'\"<>\\ #"):
        raise Invalid("filters_query", query, "not_a_query")
    return f"{url}{'&' if '?' in url else '?'}{query}" if query else url


def rgb_list(colour: str) -> list[int]:
    """Return `#RRGGBB` as a list of three numbers 0 to 255."""
    return list(symbols.rgb(colour))
