"""Limits as their file says them: every allowance there, and numbers that count something."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from crisismap.core.errors import Misconfigured
from crisismap.core.limits import KINDS, SHED, WORK, Allowance, LimitRules, Ranking, limit_rules_from

TABLES: dict[str, Any] = {
    "reports": {name: {"burst": 10, "per_minute": 5} for name in ("address", "token", "channel")},
    "asks": {name: {"burst": 3, "per_minute": 1} for name in ("address", "token")},
    "ranking": {"calm": 20, "sender_most": 1, "network_most": 4, "one_in": 2},
}


def changed(*path: str, value: Any) -> LimitRules:
    """Rules of the tables with one value changed; None takes it out."""
    tables = copy.deepcopy(TABLES)
    inner = tables
    for name in path[:-1]:
        inner = inner[name]
    if value is None:
        del inner[path[-1]]
    else:
        inner[path[-1]] = value
    return limit_rules_from(tables, "limits.toml")


def test_reads_every_allowance_and_the_ranking() -> None:
    rules = limit_rules_from(TABLES, "limits.toml")
    assert set(rules.allowances) == set(KINDS)
    assert rules.allowances["reports.token"] == Allowance(10, 5)
    assert rules.allowances["asks.address"] == Allowance(3, 1)
    assert rules.ranking == Ranking(20, 1, 4, 2)


@pytest.mark.parametrize("value", [None, 0, -1, 1.5, "10", True])
def test_refuses_what_is_no_count_and_says_where(value: object) -> None:
    with pytest.raises(Misconfigured, match=r"limits\.toml: reports\.address\.burst"):
        changed("reports", "address", "burst", value=value)


def test_refuses_a_missing_table() -> None:
    with pytest.raises(Misconfigured, match=r"asks\.token"):
        changed("asks", "token", value=None)


def test_leaves_places_to_everybody_else() -> None:
    """One in one would give every place of the list to one crowd."""
    with pytest.raises(Misconfigured):
        changed("ranking", "one_in", value=1)
    assert changed("ranking", "one_in", value=2).ranking.one_in == 2


def test_reads_what_waits_when_it_is_too_much_and_has_defaults() -> None:
    assert limit_rules_from(TABLES, "limits.toml").work == WORK
    tables = TABLES | {"shedding": {"tiles": {"at_once": 3}}}
    work = limit_rules_from(tables, "limits.toml").work
    assert (work["tiles"].at_once, work["tiles"].waiting) == (3, WORK["tiles"].waiting)
    with pytest.raises(Misconfigured, match=r"limits\.toml: shedding\.lists\.lag_ms"):
        limit_rules_from(TABLES | {"shedding": {"lists": {"lag_ms": "much"}}}, "limits.toml")


def test_holds_nothing_back_before_what_waits_earlier() -> None:
    tables = TABLES | {"shedding": {"exports": {"lag_ms": 5_000, "writes": 50}, "lists": {"lag_ms": 10}}}
    work = limit_rules_from(tables, "limits.toml").work
    lags = [work[kind].lag_ms for kind in SHED]
    assert lags == sorted(lags)
    assert [work[kind].writes for kind in SHED] == sorted(work[kind].writes for kind in SHED)
