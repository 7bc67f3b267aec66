"""Retention: how long each class of data is kept, from data/rules/retention.toml."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from crisismap.core.errors import Misconfigured
from crisismap.core.moment import DAY_MS

OF_REPORTS = ("contact", "words", "place")
CLASSES = (*OF_REPORTS, "credentials", "upgrade_copies")


@dataclass(frozen=True, slots=True)
class Term:
    """Days after closing, and at most after arrival; 0: no limit."""

    closed: int
    longest: int = 0

    def cutoffs(self, now_ms: int) -> tuple[int, int]:
        """Return the times (ms UTC) before which reports, by closing and by arrival, are past retention; 0: none."""
        return tuple(now_ms - days * DAY_MS if days else 0 for days in (self.closed, self.longest))  # type: ignore[return-value]


Terms = Mapping[str, Term]


def terms_from(data: Mapping[str, Any], name: str) -> Terms:
    """Return the terms of every class from their TOML tables; `name` is the file that an error names."""
    if unknown := data.keys() - set(CLASSES):
        raise Misconfigured("no_rule_table", file=name, given=repr(min(unknown)), choices=list(CLASSES))
    found = {}
    for one in CLASSES:
        table = data.get(one)
        if not isinstance(table, Mapping) or "closed" not in table or table.keys() - {"closed", "longest"}:
            raise Misconfigured("retention_class_wrong", file=name, table=one)
        for key, days in table.items():
            if isinstance(days, bool) or not isinstance(days, int) or days < 0:
                raise Misconfigured("not_days", file=name, key=f"[{one}] {key}", given=repr(days))
        found[one] = Term(table["closed"], table.get("longest", 0))
    return found
