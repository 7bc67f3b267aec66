"""A trial of changed rules on all past reports: what they would change, and which rules people agree with more."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from crisismap.core.need.decide import decide
from crisismap.core.need.facts import is_in_danger
from crisismap.core.need.need import Need
from crisismap.core.own_channels import FILE
from crisismap.core.ports import Events
from crisismap.core.priority import Case, assess_both
from crisismap.core.report.report import AGED, ERASED, CurrentReport
from crisismap.rule_files import RuleFiles
from crisismap.services.requests.overrulings import Decision, decisions, needs_agree


@dataclass(frozen=True, slots=True)
class RuleOutcome:
    """What rules make of a report, outside an official hazard."""

    need: Need
    priority: int
    reasons: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.need} P{self.priority}" if self.need.is_request else str(self.need)

    def agrees(self, decision: Decision) -> bool:
        """Return whether a person decided the same."""
        need = decision.need is None or needs_agree(self.need, decision.need)
        return need and decision.priority in (None, self.priority)


@dataclass(slots=True)
class Trial:
    """The result of a trial. `shown`: id, outcome by the live rules and by the changed ones of the first reports."""

    reports: int = 0
    without_text: int = 0  # erased or past retention: left out
    changed: int = 0
    directions: Counter[str] = field(default_factory=Counter)
    by_reason: Counter[str] = field(default_factory=Counter)  # "" where no rule was heard
    by_language: Counter[str] = field(default_factory=Counter)
    decisions: int = 0
    live_agrees: int = 0
    changed_agrees: int = 0
    shown: list[tuple[str, str, str]] = field(default_factory=list)


def try_rules(
    log: Events, live: RuleFiles, changed: RuleFiles, show: int = 0, progress: Callable[[int], None] | None = None
) -> Trial:
    """Compare two sets of rules on all reports, read in batches. `progress` is called with the number read so far."""
    trial, decided = Trial(), decisions(log)
    for part in log.everything():
        for now in part.reports:
            if {ERASED, AGED}.intersection(now.report.flags):
                trial.without_text += 1
                continue
            before, after = _outcome(now, live), _outcome(now, changed)
            _compare(trial, now, before, after, show)
            for decision in decided.get(now.seq, ()):
                trial.decisions += 1
                trial.live_agrees += before.agrees(decision)
                trial.changed_agrees += after.agrees(decision)
        if progress is not None and part.reports:
            progress(trial.reports + trial.without_text)
    return trial


def _compare(trial: Trial, now: CurrentReport, before: RuleOutcome, after: RuleOutcome, show: int) -> None:
    trial.reports += 1
    if str(before) == str(after):
        return
    trial.changed += 1
    trial.directions[f"{before} → {after}"] += 1
    trial.by_language[now.report.lang or ""] += 1
    differing = set(before.reasons) ^ set(after.reasons)
    trial.by_reason.update(differing or {*before.reasons, *after.reasons} or {""})
    if len(trial.shown) < show:
        trial.shown.append((now.report.id, str(before), str(after)))


def _outcome(now: CurrentReport, rules: RuleFiles) -> RuleOutcome:
    report, detection = now.report, now.heard(rules.detector)
    category = rules.categories.get(report.category)
    # As at arrival: the no of a file is only doubted for what its text and fields say.
    from_closed_case = report.asked is False and report.channel == FILE
    category_asks = category is not None and category.asks and not from_closed_case
    need = decide(report.asked, category_asks, detection, in_danger=is_in_danger(report.fields))
    case = Case(report.category, now.full_text(), report.people, report.fields, now.is_vouched)
    priority, reasons = assess_both(case, rules.priority, detection)[0]
    return RuleOutcome(need, priority, reasons)
