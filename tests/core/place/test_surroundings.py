"""The rules of what is told beside a report: read whole, or refused with the file and the key."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from crisismap.core.errors import Misconfigured
from crisismap.core.place.surroundings import surroundings_from
from crisismap.settings import ROOT, read_toml

SHIPPED = read_toml(ROOT / "data" / "rules" / "surroundings.toml")


def test_reads_the_rules_that_ship():
    rules = surroundings_from(SHIPPED, "surroundings.toml")
    assert (rules.gauge.within_m, rules.gauge.trend_minutes, rules.road.within_m) == (20_000, 60, 150)


@pytest.mark.parametrize(
    ("table", "key", "value", "named"),
    [
        ("gauge", "within_m", 0, r"\[gauge\] within_m must be a number above 0, got 0"),
        ("gauge", "within_m", float("inf"), "within_m"),
        ("road", "beside_m", True, r"\[road\] beside_m"),
        ("road", "beside_m", "60", r"\[road\] beside_m"),
        ("road", "further", 1, r"\[road\] must have .* and nothing else"),
        ("gauge", "trend_minutes", 5, "between"),
        ("river", "x", 1, "no table 'river'"),
    ],
)
def test_names_what_is_wrong(table: str, key: str, value: Any, named: str):
    data = copy.deepcopy(SHIPPED)
    data.setdefault(table, {})[key] = value
    with pytest.raises(Misconfigured, match=f"surroundings.toml: .*{named}"):
        surroundings_from(data, "surroundings.toml")


def test_needs_every_key():
    data = copy.deepcopy(SHIPPED)
    del data["road"]["reports_m"]
    with pytest.raises(Misconfigured, match="reports_m"):
        surroundings_from(data, "surroundings.toml")
