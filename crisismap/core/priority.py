"""Priority by written rules with their reasons: P1 life at risk, P2 hours, P3 days, P4 information."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from crisismap.core.errors import Invalid, Misconfigured
from crisismap.core.need.need import NOTHING_HEARD, Detection
from crisismap.core.text.folding import fold, matcher

LOWEST = 4
NOT_CONFIRMED = " (the sender's own number: nobody has confirmed it)"
PRIORITIES = ("P1", "P2", "P3", "P4")
Vocabulary = Mapping[str, Sequence[str]]  # words of all languages, by the name of their list
NO_WORDS: Vocabulary = MappingProxyType({})
Assessed = tuple[int, tuple[str, ...]]  # a priority and its reasons
_CONDITIONS = {"category", "words", "people_at_least", "field", "equals", "at_least", "fields", "in_hazard"}
_FIELD_CONDITIONS = {"field", "equals", "at_least"}


def read_priority(text: str) -> int:
    """Return the number of a priority, written P1 to P4. Raises Invalid."""
    name = text.strip().upper()
    if name not in PRIORITIES:
        raise Invalid("priority", text, "not_a_priority")
    return int(name[1])


@dataclasses.dataclass(frozen=True, slots=True)
class Case:
    """The facts that rules are evaluated on."""

    category: str
    text: str
    people: int | None
    fields: Mapping[str, Any]
    confirmed: bool = False  # whether a person answers for the number of people, not its sender alone


@dataclasses.dataclass(frozen=True, slots=True)
class FieldCondition:
    """A condition on a field of a report: it has a value, or is at least a number."""

    field: str
    equals: Any = None
    at_least: float | None = None

    def fits(self, fields: Mapping[str, Any]) -> bool:
        """Return whether the condition holds."""
        value = fields.get(self.field)
        if self.at_least is not None:
            return isinstance(value, int | float) and value >= self.at_least
        return bool(value == self.equals)


@dataclasses.dataclass(frozen=True, slots=True)
class Rule:
    """A rule: when all its conditions hold, the request has at least this priority, and the reason is shown."""

    priority: int
    reason: str
    category: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    people_at_least: int | None = None
    fields: tuple[FieldCondition, ...] = ()
    in_hazard: bool | None = None
    # How far a number of people that nobody has confirmed raises: no higher than a priority, and by so many steps.
    declared_highest: int = 1
    declared_steps: int = LOWEST
    pattern: re.Pattern[str] | None = dataclasses.field(init=False, compare=False)  # of the words

    def __post_init__(self) -> None:
        object.__setattr__(self, "pattern", matcher(self.words))

    def fits_apart(self, case: Case, folded: str) -> bool:
        """Return whether every condition of the rule holds, ignoring the one about hazards."""
        if self.category and case.category not in self.category:
            return False
        if self.people_at_least is not None and (case.people or 0) < self.people_at_least:
            return False
        for condition in self.fields:
            if not condition.fits(case.fields):
                return False
        return self.pattern is None or self.pattern.search(folded) is not None

    def declared(self, base: int) -> int:
        """Return the priority to which a number that nobody has confirmed raises one of priority `base`."""
        return min(base, max(self.priority, self.declared_highest, base - self.declared_steps))


def assess_both(
    case: Case, rules: Sequence[Rule], detection: Detection = NOTHING_HEARD, any_word: re.Pattern[str] | None = None
) -> tuple[Assessed, Assessed]:
    """Return the assessment outside and inside an official hazard; the text is searched once for both.

    Each is the most urgent priority of what was heard in the text and of all matching rules, with the reasons: of what
    was heard, then of the rules, most urgent first. `any_word` is a pattern of the words of all rules: most texts
    contain none, and then are not searched for those of each rule.
    """
    folded = fold(case.text)
    wordless = any_word is not None and any_word.search(folded) is None
    fitting = [rule for rule in rules if not (wordless and rule.words) and rule.fits_apart(case, folded)]
    dry, wet = ([r for r in fitting if r.in_hazard is not other] for other in (True, False))
    return _combine(detection, dry, confirmed=case.confirmed), _combine(detection, wet, confirmed=case.confirmed)


def _combine(detection: Detection, rules: Iterable[Rule], *, confirmed: bool) -> Assessed:
    fitting = sorted(rules, key=lambda rule: rule.priority)
    sure = [confirmed or rule.people_at_least is None for rule in fitting]
    base = min((detection.priority, *(rule.priority for rule, is_sure in zip(fitting, sure, strict=True) if is_sure)))
    priority, reasons = base, dict.fromkeys(detection.reasons)
    for rule, is_sure in zip(fitting, sure, strict=True):
        bounded = rule.priority if is_sure else rule.declared(base)
        priority = min(priority, bounded)
        reasons[rule.reason if bounded <= rule.priority else f"{rule.reason}{NOT_CONFIRMED}"] = None
    return priority, tuple(reasons)


def rules_from(data: Mapping[str, Any], name: str, vocabulary: Vocabulary = NO_WORDS) -> tuple[Rule, ...]:
    """Return rules from the TOML table `rule`; `name` is the file that an error names.

    `words` of a condition are a list, or the name of a list of `vocabulary`.
    """
    rules = []
    highest, steps = _declared_people(data, name)
    for number, table in enumerate(data.get("rule", ()), 1):
        when = dict(table.get("when", {}))
        unknown = when.keys() - _CONDITIONS
        if unknown or table.get("priority") not in (1, 2, 3, 4) or not table.get("reason") or not when:
            if unknown:
                raise Misconfigured("condition_unknown", file=name, number=number, given=sorted(unknown))
            raise Misconfigured("rule_incomplete", file=name, number=number)
        when["fields"] = _field_conditions(when, name, number)
        when["category"] = tuple(when.get("category", ()))
        listed = when.get("words", ())
        if isinstance(listed, str):
            if listed not in vocabulary:
                raise Misconfigured("word_list_unknown", file=name, number=number, given=repr(listed))
            listed = vocabulary[listed]
        when["words"] = tuple(listed)
        if not any(when.values()) and len(when) == 3:
            raise Misconfigured("rule_without_condition", file=name, number=number)
        when |= {"declared_highest": highest, "declared_steps": steps}
        rules.append(Rule(priority=table["priority"], reason=table["reason"], **when))
    return tuple(rules)


def _declared_people(data: Mapping[str, Any], name: str) -> tuple[int, int]:
    """Return highest priority and steps of numbers that nobody has confirmed: the table `declared_people`."""
    table = {"highest": 1, "steps": LOWEST, **data.get("declared_people", {})}
    for key, value in table.items():
        if key not in ("highest", "steps") or type(value) is not int or not 1 <= value <= LOWEST:
            raise Misconfigured("declared_people_wrong", file=name, key=key, given=repr(value))
    return table["highest"], table["steps"]


def _field_conditions(when: dict[str, Any], name: str, number: int) -> tuple[FieldCondition, ...]:
    """Take the conditions on fields out of a rule's table: `fields`, a list, or a single `field` beside the others."""
    tables = list(when.pop("fields", ()))
    if "field" in when:
        tables.append({key: when.pop(key) for key in _FIELD_CONDITIONS & when.keys()})
    if any(not isinstance(each, Mapping) for each in tables):
        raise Misconfigured("rule_incomplete", file=name, number=number)
    for table in tables:
        if unknown := table.keys() - _FIELD_CONDITIONS:
            raise Misconfigured("condition_unknown", file=name, number=number, given=sorted(unknown))
        if "field" not in table:
            raise Misconfigured("rule_incomplete", file=name, number=number)
    return tuple(FieldCondition(**table) for table in tables)
