"""Categories: what a report can be about, and which fields it may carry. Each is one TOML file in data/categories."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from crisismap.core.errors import Misconfigured

FIELD_KINDS = ("int", "bool", "text", "choice")


@dataclass(frozen=True, slots=True)
class CategoryField:
    """One extra question of a category."""

    id: str
    kind: str  # one of FIELD_KINDS
    labels: Mapping[str, str]  # language -> words
    options: Mapping[str, Mapping[str, str]]  # choice value -> language -> words
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Category:
    """`asks`: a report of it is a request for help. `sensitive`: the public never sees single ones."""

    id: str
    labels: Mapping[str, str]
    hints: Mapping[str, str]
    icon: str
    order: int
    asks: bool
    sensitive: bool
    fields: tuple[CategoryField, ...]

    def label(self, lang: str = "en") -> str:
        """The name in a language, else in English."""
        return self.labels.get(lang) or self.labels["en"]


def category_from(data: Mapping[str, Any], name: str) -> Category:
    """A category from its TOML table; `name` says in an error which file is wrong."""
    try:
        fields = tuple(_field(f) for f in data.get("fields", ()))
        if not data["labels"].get("en"):
            raise KeyError("labels.en")
        return Category(
            id=data["id"],
            labels=data["labels"],
            hints=data.get("hints", {}),
            icon=data["icon"],
            order=int(data["order"]),
            asks=bool(data["asks"]),
            sensitive=bool(data.get("sensitive", False)),
            fields=fields,
        )
    except (KeyError, TypeError, ValueError, AttributeError) as problem:
        raise Misconfigured("rules_wrong", file=name, problem=str(problem)) from problem


def _field(data: Mapping[str, Any]) -> CategoryField:
    if data["kind"] not in FIELD_KINDS:
        raise ValueError(f"kind {data['kind']!r}, one of {', '.join(FIELD_KINDS)}")
    return CategoryField(data["id"], data["kind"], data["labels"], data.get("options", {}), data.get("unit", ""))
