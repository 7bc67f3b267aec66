"""The rules of need: which concepts together mean that somebody asks for help, may need it, or offers it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from crisismap.core.errors import Misconfigured
from crisismap.core.need.need import Need
from crisismap.core.need.words import BUT, COMMON

CONCEPTS = (
    "person", "child", "elderly", "disabled", "pregnant", "patient",
    "trapped", "drowning", "collapse_person", "bleeding", "injury", "labour", "bite", "electric", "fire", "ill",
    "treatment", "medicine", "missing", "scream", "hungry", "thirsty", "cold", "homeless", "building",
    "drink", "food", "milk", "goods", "boat", "medic", "shelter", "power",
    "height", "roof", "body", "vehicle", "cut_off", "deep", "water", "rising", "fading",
    "help", "cry", "need", "urgent", "unanswered", "lack", "now",
    "nobody", "denial", "safe", "past", "recent", "hearsay", "question", "offer", "thanks", "exercise", "news", "art",
    "advice", "calm",
    BUT, COMMON,
)  # fmt: skip
BITS = {name: 1 << number for number, name in enumerate(CONCEPTS)}
_MEMBERS = frozenset({"need", "priority", "reason", "all", "any", "none", "near"})
_KINDS = (
    "over",
    "over_unless",
    "perhaps",
    "perhaps_unless",
    "unreal",
    "news",
    "news_unless",
    "told",
    "doubt",
    "people",
    "hint",
    "made_up",
)
_LEAST = {
    "asks": {"asks": 0.2, "may": 0.05, "offer": 0.4},
    "may": {"asks": 0.35, "may": 0.06, "offer": 0.4},
    "information": {"asks": 0.55, "may": 0.25, "offer": 0.4},
    "denied": {"asks": 0.6, "may": 0.3, "offer": 0.4},
    "offer": {"asks": 0.5, "may": 0.2, "offer": 0.2},
    "short": {"asks": 0.2, "may": 0.0, "offer": 0.4},
}
_NEEDS = {"asks": Need.ASKS, "may": Need.MAY}


@dataclass(frozen=True, slots=True)
class NeedRule:
    """A rule over concepts, as bit masks: each of `all` meets the text, and `any`, and `none` does not."""

    need: Need
    priority: int
    reason: str
    all: tuple[int, ...] = ()
    any: int = 0
    none: int = 0
    near: bool = False  # in one sentence

    def fits(self, mask: int) -> bool:
        """Return whether the concepts of a text or sentence fulfil every condition."""
        if self.none & mask or (self.any and not self.any & mask):
            return False
        return all(group & mask for group in self.all)


@dataclass(frozen=True, slots=True)
class NeedRules:
    """All rules of need, and the concepts that take a sentence back."""

    rules: tuple[NeedRule, ...]
    back: Mapping[str, int]  # the concepts of each kind of taking back, see data/rules/need.toml
    thresholds: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    """How sure the model has to be of an answer, from 0 to 1, by what the rules say."""


NO_RULES = NeedRules((), dict.fromkeys(_KINDS, 0))


def need_rules_from(data: Mapping[str, Any], name: str) -> NeedRules:
    """Return the rules from their TOML table; `name` is the file that an error names. Raises Misconfigured."""
    groups = dict(BITS)
    for group, members in data.get("groups", {}).items():
        groups[group] = _mask(members, groups, name)
    rules = []
    for number, table in enumerate(data.get("rule", ()), 1):
        unknown = table.keys() - _MEMBERS
        if unknown:
            raise Misconfigured("condition_unknown", file=name, number=number, given=sorted(unknown))
        needed = table.get("need") in _NEEDS and table.get("priority") in (1, 2, 3, 4) and table.get("reason")
        if not needed or not (table.get("all") or table.get("any")):
            raise Misconfigured("rule_incomplete", file=name, number=number)
        rules.append(
            NeedRule(
                need=_NEEDS[table["need"]],
                priority=table["priority"],
                reason=table["reason"],
                all=tuple(_mask([concept], groups, name) for concept in table.get("all", ())),
                any=_mask(table.get("any", ()), groups, name),
                none=_mask(table.get("none", ()), groups, name),
                near=bool(table.get("near", False)),
            )
        )
    back = data.get("take_back", {})
    kinds = {kind: _mask(back.get(kind, ()), groups, name) for kind in _KINDS}
    return NeedRules(tuple(rules), kinds, _thresholds(data.get("model", {}), name))


def _thresholds(given: Mapping[str, Any], name: str) -> dict[str, Mapping[str, float]]:
    least: dict[str, Mapping[str, float]] = {}
    for said in _LEAST:
        figures = least[said] = {**_LEAST[said], **given.get(said, {})}
        for answer, value in figures.items():
            if answer not in _LEAST[said] or not isinstance(value, int | float) or not 0 <= value <= 1:
                raise Misconfigured("threshold_wrong", file=name, given=f"{said}.{answer} = {value!r}")
    if unknown := given.keys() - _LEAST.keys():
        raise Misconfigured("threshold_wrong", file=name, given=", ".join(sorted(unknown)))
    return least


def _mask(concepts: Sequence[str], groups: Mapping[str, int], name: str) -> int:
    mask = 0
    for concept in concepts:
        if concept not in groups:
            raise Misconfigured("concept_unknown", file=name, given=repr(concept))
        mask |= groups[concept]
    return mask
