"""The facts that decide how urgent a need is: fields that reports of every category may have."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crisismap.core.category import Category, CategoryField

FACTS = (
    CategoryField("life_in_danger", "bool"),
    CategoryField("trapped", "bool"),
    CategoryField("water_rising", "bool"),
    CategoryField("cannot_move", "bool"),
    CategoryField("needs_medicine", "bool"),  # medicine, oxygen, or power for a device
    CategoryField("alone", "bool"),
    CategoryField("children", "int"),
    CategoryField("elderly", "int"),
    CategoryField("disabled", "int"),
)
FACT_IDS = frozenset(fact.id for fact in FACTS)
_DANGERS = ("life_in_danger", "trapped", "cannot_move", "needs_medicine")


def facts_of(category: Category) -> tuple[CategoryField, ...]:
    """Return the facts to ask for in a category, without those that it has as fields of its own."""
    own = {field.id for field in category.fields}
    return tuple(fact for fact in FACTS if fact.id not in own)


def is_in_danger(fields: Mapping[str, Any] | None) -> bool:
    """Return whether a fact says that somebody is in danger, whatever was answered and written."""
    return fields is not None and any(fields.get(name) is True for name in _DANGERS)
