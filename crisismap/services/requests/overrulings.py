"""Where rules and people disagree: decisions against what the rules heard, by the event log."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import Any

import msgspec

from crisismap.core.need.need import Need
from crisismap.core.people.person import Person
from crisismap.core.ports import Events, Store
from crisismap.services.runtime.context import require

VERBS = ("report.triage", "request.priority", "request.ask", "report.inform")
_BY_SENDER = {"request.ask": Need.ASKS, "report.inform": Need.INFORMATION}
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,2}")  # whatever a client sends as one goes no further


@dataclass(frozen=True, slots=True)
class Decision:
    """One decision of a person. `heard_need` is None for a priority alone; `need`, `priority`: what was decided."""

    heard_need: Need | None
    heard_priority: int
    reasons: tuple[str, ...]
    lang: str  # "" when it is not known
    need: Need | None = None
    priority: int | None = None

    @property
    def agrees(self) -> bool:
        """Return whether the person decided what the rules had heard."""
        need = self.need is None or self.heard_need is None or needs_agree(self.heard_need, self.need)
        return need and self.priority in (None, self.heard_priority)

    @property
    def direction(self) -> str:
        """Return what became of what was heard, such as "may P2 → information"."""
        heard = " ".join(part for part in (str(self.heard_need or ""), f"P{self.heard_priority}") if part)
        level = f"P{self.priority}" if self.priority is not None else ""
        return f"{heard} → {' '.join(part for part in (str(self.need or ''), level) if part)}"


@dataclass(slots=True)
class OverrulingRow:
    """The decisions about reports in one language in which one rule was heard. `reason` is "" where none was."""

    reason: str
    lang: str
    decisions: int = 0
    overruled: int = 0
    directions: Counter[str] = field(default_factory=Counter)  # of the overruled ones


def needs_agree(by_rules: Need, decided: Need) -> bool:
    """Return whether a decision agrees with the rules. A doubt that turns out to be a request was right."""
    return by_rules is decided or (by_rules is Need.MAY and decided is Need.ASKS)


def overrulings(store: Store, by: Person) -> list[OverrulingRow]:
    """Return the decisions by reason of the rules and by language, most overruled first.

    A decision counts once for each of its reasons.
    """
    require(by, "audit.read")
    rows: dict[tuple[str, str], OverrulingRow] = {}
    for decided in decisions(store.events).values():
        for decision in decided:
            for reason in decision.reasons or ("",):
                row = rows.setdefault((reason, decision.lang), OverrulingRow(reason, decision.lang))
                row.decisions += 1
                if not decision.agrees:
                    row.overruled += 1
                    row.directions[decision.direction] += 1
    return sorted(rows.values(), key=lambda row: (-row.overruled, -row.decisions, row.reason, row.lang))


def decisions(log: Events) -> dict[int, list[Decision]]:
    """Return the standing decisions by row of the report: the newest about need and the newest about priority."""
    stacks: dict[tuple[int, str], list[Decision | None]] = defaultdict(list)
    _, events = log.about_reports(0, VERBS)
    for _revision, row, verb, _at_ms, data in events:
        facts = msgspec.json.decode(data)
        stack = stacks[row, "priority" if verb == "request.priority" else "need"]
        if "undone" in facts or "rules" in facts:  # the decision was taken back
            if stack:
                stack.pop()
            continue
        stack.append(_decision(verb, facts))
    found: dict[int, list[Decision]] = defaultdict(list)
    for (row, _kind), stack in stacks.items():
        if stack and stack[-1] is not None:
            found[row].append(stack[-1])
    return found


def _decision(verb: str, facts: dict[str, Any]) -> Decision | None:
    """Return the decision of an event; None for one written before these facts were."""
    match = _LANGUAGE.fullmatch(str(facts.get("lang") or ""))
    lang = match[0].lower() if match else ""
    if verb == "request.priority":
        if "by_rules" not in facts:
            return None
        reasons = tuple(facts.get("reasons", ()))
        return Decision(None, int(facts["by_rules"][1]), reasons, lang, priority=int(facts["priority"][1]))
    heard = facts.get("heard")
    if heard is None:
        return None
    need = _BY_SENDER.get(verb) or Need(facts["need"])
    priority = int(facts["priority"][1]) if "priority" in facts else None
    return Decision(Need(heard["need"]), int(heard["priority"][1]), tuple(heard["reasons"]), lang, need, priority)
