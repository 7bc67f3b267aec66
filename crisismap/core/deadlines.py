"""Deadlines: when a request is due, which roles it escalates to, when waiting raises its priority, when a report is
stale. All values come from data/rules/clocks.toml.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from crisismap.core.errors import Misconfigured
from crisismap.core.moment import MINUTE_MS
from crisismap.core.people.permission import ROLES
from crisismap.core.priority import PRIORITIES

DueTable = tuple[tuple[int, ...], ...]  # [category index][priority 0 to 4, then LOOK]; ms, 0 = never
LOOK = 5  # index of the time until somebody has to look at what may need help, whatever its priority
_LOOK_MINUTES = 5


@dataclass(frozen=True, slots=True)
class Escalation:
    """A role that is called when a request has been overdue for a given time."""

    after_ms: int
    to: str


@dataclass(frozen=True, slots=True)
class PriorityRaise:
    """A rule that a request of priority `at` gets priority `to` after waiting for a given time."""

    at: int
    waiting_ms: int
    to: int

    @property
    def reason(self) -> str:
        """Return the sentence that is shown."""
        hours, minutes = divmod(self.waiting_ms // MINUTE_MS, 60)
        return f"has waited for {f'{hours} h' if hours and not minutes else f'{hours * 60 + minutes} min'} or more"


@dataclass(frozen=True, slots=True)
class Deadlines:
    """All deadlines. `due` is a DueTable; `stale_ms` by category index, 0 = never; escalations in ascending order."""

    due: DueTable
    stale_ms: tuple[int, ...]
    escalations: tuple[Escalation, ...]
    raises: tuple[PriorityRaise, ...]

    def due_steps(self, overdue_ms: int) -> int:
        """Return how many escalations are due for a request that is overdue by `overdue_ms` (negative: not overdue)."""
        return sum(overdue_ms >= step.after_ms for step in self.escalations)

    def raise_of(self, priority: int, waiting_ms: int) -> PriorityRaise | None:
        """Return the most urgent raise that applies to a request of this priority; None when none does."""
        found = [r for r in self.raises if r.to < priority <= r.at and waiting_ms >= r.waiting_ms]
        return min(found, key=lambda r: r.to, default=None)


def clocks_from(data: Mapping[str, Any], categories: Iterable[str], name: str) -> Deadlines:
    """Return the deadlines from their TOML table; `name` is the file that an error names."""
    ids = tuple(categories)
    due, look_ms = data.get("due_minutes", {}), _minutes(data.get("look_minutes", _LOOK_MINUTES), "look_minutes", name)
    if not look_ms:
        raise Misconfigured("not_minutes", file=name, key="look_minutes", given="0")
    for key in due.keys() - {*PRIORITIES, *ids}:
        raise Misconfigured("rule_key_unknown", file=name, key=f"due_minutes.{key}")
    stale = data.get("stale_minutes", {})
    for key in stale.keys() - set(ids):
        raise Misconfigured("stale_key_unknown", file=name, key=f"stale_minutes.{key}")
    return Deadlines(
        due=tuple((*_due_row(due, category, name), look_ms) for category in ids),
        stale_ms=tuple(_minutes(stale.get(category, 0), f"stale_minutes.{category}", name) for category in ids),
        escalations=_escalations(data.get("escalation", ()), name),
        raises=tuple(_raise(table, name) for table in data.get("raise", ())),
    )


def _due_row(due: Mapping[str, Any], category: str, name: str) -> tuple[int, ...]:
    minutes = due.get(category, {})
    if not isinstance(minutes, Mapping) or minutes.keys() - set(PRIORITIES):
        raise Misconfigured("due_not_a_table", file=name, key=category)
    return (0, *(_minutes(minutes.get(p, due.get(p, 0)), f"due_minutes.{category}.{p}", name) for p in PRIORITIES))


def _escalations(tables: Iterable[Mapping[str, Any]], name: str) -> tuple[Escalation, ...]:
    steps = []
    for number, table in enumerate(tables, 1):
        to = table.get("to")
        if to not in ROLES or to == "public":
            raise Misconfigured("escalation_role_wrong", file=name, number=number, given=repr(to))
        steps.append(Escalation(_minutes(table.get("after_minutes"), f"escalation {number}: after_minutes", name), to))
    if steps != sorted(steps, key=lambda step: step.after_ms):
        raise Misconfigured("escalations_out_of_order", file=name)
    return tuple(steps)


def _raise(table: Mapping[str, Any], name: str) -> PriorityRaise:
    at, to = table.get("at"), table.get("to")
    if at not in PRIORITIES or to not in PRIORITIES or to >= at:
        raise Misconfigured("raise_wrong", file=name, at=repr(at), to=repr(to))
    waiting = _minutes(table.get("waiting_minutes"), "raise: waiting_minutes", name)
    return PriorityRaise(int(at[1]), waiting, int(to[1]))


def _minutes(value: object, what: str, name: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= 60 * 24 * 365:
        raise Misconfigured("not_minutes", file=name, key=what, given=repr(value))
    return value * MINUTE_MS
