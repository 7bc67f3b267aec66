"""Limits: of one sender, of one sender's share of the list, and of what waits when it is too much; limits.toml."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from types import MappingProxyType
from typing import Any

from crisismap.core.errors import Misconfigured

SHED = ("exports", "tiles", "lists")  # in the order in which they wait; reports and answers never do
KINDS = ("reports.address", "reports.token", "reports.channel", "asks.address", "asks.token")


@dataclass(frozen=True, slots=True)
class Allowance:
    """A rate limit: `burst` at once, refilled by `per_minute`."""

    burst: int
    per_minute: int


@dataclass(frozen=True, slots=True)
class Ranking:
    """When a request counts as one of a crowd, and how many places of the list such requests get."""

    calm: int = 50  # up to so many requests of one priority, only time counts
    sender_most: int = 2
    network_most: int = 3
    one_in: int = 3


@dataclass(frozen=True, slots=True)
class WorkLimit:
    """How much of one class of work is done at a time, how much waits for how long, and what holds all of it back."""

    at_once: int
    waiting: int
    patience_s: int
    lag_ms: int  # delay of the event loop above which none begins
    writes: int  # reports that wait for the writer above which none begins


WORK: Mapping[str, WorkLimit] = MappingProxyType(
    {
        "exports": WorkLimit(2, 10, 15, 150, 1_000),
        "tiles": WorkLimit(4, 1_000, 5, 400, 4_000),
        "lists": WorkLimit(8, 500, 5, 1_000, 10_000),
    }
)


@dataclass(frozen=True, slots=True)
class LimitRules:
    """Allowances by kind, the ranking, and the limits of what can be shed in the order of `SHED`."""

    allowances: Mapping[str, Allowance]
    ranking: Ranking = Ranking()
    work: Mapping[str, WorkLimit] = field(default_factory=lambda: WORK)


def limit_rules_from(data: Mapping[str, Any], name: str) -> LimitRules:
    """Return the rules from their TOML table; `name` is the file that an error names."""
    allowances = {}
    for kind in KINDS:
        what, _, whose = kind.partition(".")
        table = data.get(what, {}).get(whose, {})
        allowances[kind] = Allowance(*(_number(table, key, f"{name}: {kind}.{key}") for key in ("burst", "per_minute")))
    ranking = data.get("ranking", {})
    limits = {f.name: _number(ranking, f.name, f"{name}: ranking.{f.name}") for f in fields(Ranking)}
    if limits["one_in"] < 2:
        raise Misconfigured("one_in_wrong", file=name, given=limits["one_in"])
    return LimitRules(allowances, Ranking(**limits), _work_from(data.get("shedding", {}), name))


def _work_from(data: Mapping[str, Any], name: str) -> Mapping[str, WorkLimit]:
    """Return the limits of each class; one that waits later is held back by no less than those that wait before it."""
    found, lag_ms, writes = {}, 0, 0
    for kind in SHED:
        table = {f.name: getattr(WORK[kind], f.name) for f in fields(WorkLimit)} | data.get(kind, {})
        limit = WorkLimit(*(_number(table, f.name, f"{name}: shedding.{kind}.{f.name}") for f in fields(WorkLimit)))
        lag_ms, writes = max(lag_ms, limit.lag_ms), max(writes, limit.writes)
        found[kind] = replace(limit, lag_ms=lag_ms, writes=writes)
    return found


def _number(table: Mapping[str, Any], key: str, where: str) -> int:
    value = table.get(key)
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise Misconfigured("not_a_count", key=where, given=repr(value))
    return value
