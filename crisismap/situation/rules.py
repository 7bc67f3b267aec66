"""The rules by which the situation is computed, collected from the data files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from crisismap.core.category import Category
from crisismap.core.deadlines import Deadlines
from crisismap.core.limits import Ranking
from crisismap.core.need.detector import NeedDetector
from crisismap.core.priority import Rule
from crisismap.core.privacy import PrivacyRules


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules of a deployment."""

    categories: Mapping[str, Category]
    priority: tuple[Rule, ...]
    clocks: Deadlines
    privacy: PrivacyRules
    ranking: Ranking = Ranking()
    detector: NeedDetector = NeedDetector()
