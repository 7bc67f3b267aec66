"""Matching of skills and equipment to a request, by written rules with reasons; for suggestions only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from crisismap.core.errors import Misconfigured
from crisismap.core.priority import LOWEST, NO_WORDS, Case, Rule, Vocabulary, rules_from
from crisismap.core.text.folding import fold


@dataclass(frozen=True, slots=True)
class SkillRules:
    """`abilities` are labels by id, in the order of the file; each rule lists those that match where it applies."""

    abilities: Mapping[str, str]
    rules: tuple[tuple[Rule, tuple[str, ...]], ...]

    def fitting(self, case: Case) -> dict[str, str]:
        """Return each matching ability with the reason of the first rule that names it."""
        folded = fold(case.text)
        found: dict[str, str] = {}
        for rule, fits in self.rules:
            if rule.fits_apart(case, folded):
                found |= {ability: rule.reason for ability in fits if ability not in found}
        return found


def matching_from(data: Mapping[str, Any], name: str, vocabulary: Vocabulary = NO_WORDS) -> SkillRules:
    """Return abilities and rules from their TOML tables; `name` is the file that an error names."""
    abilities: dict[str, str] = {}
    for number, table in enumerate(data.get("ability", ()), 1):
        id_, label = table.get("id"), table.get("label")
        if not isinstance(id_, str) or not id_ or not isinstance(label, str) or not label or id_ in abilities:
            raise Misconfigured("ability_wrong", file=name, number=number)
        abilities[id_] = label
    tables = list(data.get("rule", ()))
    for number, table in enumerate(tables, 1):
        unknown = [each for each in table.get("fits", ()) if each not in abilities]
        if unknown or not table.get("fits"):
            given = ", ".join(map(str, unknown)) or "nothing"
            raise Misconfigured("fits_wrong", file=name, number=number, given=given)
        if "in_hazard" in table.get("when", {}):
            raise Misconfigured("in_hazard_not_here", file=name, number=number)
    rules = rules_from({"rule": [{**table, "priority": LOWEST} for table in tables]}, name, vocabulary)
    return SkillRules(abilities, tuple((rule, tuple(t["fits"])) for rule, t in zip(rules, tables, strict=True)))
