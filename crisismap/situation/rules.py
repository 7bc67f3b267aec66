"""The written rules that the situation is computed by, gathered from the data files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from crisismap.core.category import Category
from crisismap.core.limits import Ranking
from crisismap.core.priority import Rule
from crisismap.core.privacy import PrivacyRules


@dataclass(frozen=True, slots=True)
class Rules:
    """`due_ms`: by priority 0 to 4, milliseconds until a request is due, 0 = never."""

    categories: Mapping[str, Category]
    priority: tuple[Rule, ...]
    due_ms: tuple[int, int, int, int, int]
    privacy: PrivacyRules
    ranking: Ranking = Ranking()
