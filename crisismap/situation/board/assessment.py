"""Assessment of each report by the rules, once for all audiences, with and without an official hazard."""

from __future__ import annotations

from collections.abc import Sequence

from crisismap.core.need.detector import NeedDetector
from crisismap.core.priority import Assessed, Case, Rule, assess_both
from crisismap.core.report.report import CurrentReport
from crisismap.core.text.folding import matcher

MOST = 20_000  # cached assessments


class Assessor:
    """Assesses reports and caches the results, as each audience asks for the same reports in turn. For one thread."""

    def __init__(self, rules: Sequence[Rule], detector: NeedDetector) -> None:
        self._rules = tuple(rules)
        self._rules_of: dict[tuple[str, bool], tuple[Rule, ...]] = {}
        self._detector = detector
        self._any_word = matcher(word for rule in rules for word in rule.words)
        self._cache: dict[int, tuple[CurrentReport, tuple[Assessed, Assessed]]] = {}

    def of(self, current: CurrentReport) -> tuple[Assessed, Assessed]:
        """Return priority and reasons outside and inside a hazard."""
        cached = self._cache.get(current.seq)
        if cached is not None and cached[0] is current:
            return cached[1]
        report = current.report
        case = Case(report.category, current.full_text(), report.people, report.fields, current.is_vouched)
        rules = self._fitting(report.category, silent=not report.fields)
        assessments = assess_both(case, rules, current.heard(self._detector), self._any_word)
        if len(self._cache) >= MOST:
            self._cache.clear()
        self._cache[current.seq] = current, assessments
        return assessments

    def _fitting(self, category: str, *, silent: bool) -> tuple[Rule, ...]:
        """Return the rules that may fit reports of a category, or those of them that are `silent`: without fields."""
        if (category, silent) not in self._rules_of:
            self._rules_of[category, silent] = tuple(
                rule
                for rule in self._rules
                if (not rule.category or category in rule.category)
                and not (silent and not all(condition.fits({}) for condition in rule.fields))
            )
        return self._rules_of[category, silent]
