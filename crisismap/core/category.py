"""Categories: what a report can be about, and which fields it may carry. Each is one TOML file in data/categories.
The texts that people read (labels, hints, options) are in crisismap/locale/*.toml, as `[category.ID]`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from crisismap.core.errors import Misconfigured

FIELD_KINDS = ("int", "bool", "text", "choice")
_MEMBERS = frozenset({"id", "order", "icon", "asks", "sensitive", "fields"})
_FIELD_MEMBERS = frozenset({"id", "kind", "options", "unit"})


@dataclass(frozen=True, slots=True)
class CategoryField:
    """One extra field of a category."""

    id: str
    kind: str  # one of FIELD_KINDS
    options: tuple[str, ...] = ()  # the values of a choice
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Category:
    """One category. `asks`: its reports are requests for help. `sensitive`: the public never sees single ones."""

    id: str
    icon: str
    order: int
    asks: bool
    sensitive: bool
    fields: tuple[CategoryField, ...]


def category_from(data: Mapping[str, Any], name: str) -> Category:
    """Return a category from its TOML table; `name` is the file that an error names."""
    try:
        _require_known(data, _MEMBERS)
        return Category(
            id=data["id"],
            icon=data["icon"],
            order=int(data["order"]),
            asks=bool(data["asks"]),
            sensitive=bool(data.get("sensitive", False)),
            fields=tuple(_field(f) for f in data.get("fields", ())),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as problem:
        raise Misconfigured("rules_wrong", file=name, problem=str(problem)) from problem


def _field(data: Mapping[str, Any]) -> CategoryField:
    _require_known(data, _FIELD_MEMBERS)
    options = data.get("options", [])
    if data["kind"] not in FIELD_KINDS:
        raise ValueError(f"kind {data['kind']!r}, one of {', '.join(FIELD_KINDS)}")
    if not isinstance(options, list) or not all(isinstance(value, str) for value in options):
        raise TypeError("options, a list of values")
    return CategoryField(data["id"], data["kind"], tuple(options), data.get("unit", ""))


def _require_known(data: Mapping[str, Any], members: frozenset[str]) -> None:
    """Raise ValueError for an unknown member, such as a label, which would otherwise be ignored silently."""
    unknown = sorted(data.keys() - members)
    if unknown:
        raise ValueError(f"{unknown[0]}: unknown here; labels stand in crisismap/locale/*.toml")
