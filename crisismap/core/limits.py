"""Limits: how much one sender may do, and how far one sender can fill the list of requests; data/rules/limits.toml."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from crisismap.core.errors import Misconfigured

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
class LimitRules:
    """Allowances by kind, and the ranking."""

    allowances: Mapping[str, Allowance]
    ranking: Ranking = Ranking()


def limit_rules_from(data: Mapping[str, Any], name: str) -> LimitRules:
    """Return the rules from their TOML table; `name` is the file that an error names."""
    allowances = {}
    for kind in KINDS:
        what, _, whose = kind.partition(".")
        table = data.get(what, {}).get(whose, {})
        allowances[kind] = Allowance(*(_number(table, key, f"{name}: {kind}.{key}") for key in ("burst", "per_minute")))
    ranking = data.get("ranking", {})
    limits = {field.name: _number(ranking, field.name, f"{name}: ranking.{field.name}") for field in fields(Ranking)}
    if limits["one_in"] < 2:
        raise Misconfigured("one_in_wrong", file=name, given=limits["one_in"])
    return LimitRules(allowances, Ranking(**limits))


def _number(table: Mapping[str, Any], key: str, where: str) -> int:
    value = table.get(key)
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise Misconfigured("not_a_count", key=where, given=repr(value))
    return value
