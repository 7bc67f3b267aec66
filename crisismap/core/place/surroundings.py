"""Search distances for the official surroundings of a report, from data/rules/surroundings.toml."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from crisismap.core.errors import Misconfigured

_TABLES = ("gauge", "road")


@dataclass(frozen=True, slots=True)
class GaugeRules:
    """Which gauge is shown, and when its water rises. Metres, minutes, metres per hour."""

    within_m: float
    old_minutes: float  # older measurements are marked as old
    trend_minutes: float  # preferred period of a trend
    trend_least_minutes: float  # shortest period
    trend_most_minutes: float  # longest period
    steady_m_per_h: float


@dataclass(frozen=True, slots=True)
class RoadRules:
    """Which road is shown, and which reports about it. Metres; hours."""

    within_m: float
    reports_m: float  # reports this near to the request ...
    beside_m: float  # ... and this near to the road are about the road
    reports_hours: float


@dataclass(frozen=True, slots=True)
class SurroundingRules:
    """The rules for gauges and roads."""

    gauge: GaugeRules
    road: RoadRules


def surroundings_from(data: Mapping[str, Any], name: str) -> SurroundingRules:
    """Return the rules from their TOML tables; `name` is the file that an error names."""
    if unknown := data.keys() - set(_TABLES):
        raise Misconfigured("no_rule_table", file=name, given=repr(min(unknown)), choices=list(_TABLES))
    gauge = GaugeRules(**_numbers(data, "gauge", GaugeRules, name))
    if not gauge.trend_least_minutes <= gauge.trend_minutes <= gauge.trend_most_minutes:
        raise Misconfigured("trend_out_of_range", file=name)
    return SurroundingRules(gauge, RoadRules(**_numbers(data, "road", RoadRules, name)))


def _numbers(data: Mapping[str, Any], table: str, kind: type[Any], name: str) -> dict[str, float]:
    values, keys = data.get(table), [f.name for f in fields(kind)]
    if not isinstance(values, Mapping) or sorted(values) != sorted(keys):
        raise Misconfigured("rule_table_wrong", file=name, table=table, keys=list(keys))
    for key, value in values.items():
        if isinstance(value, bool) or not isinstance(value, int | float) or not (math.isfinite(value) and value > 0):
            raise Misconfigured("rule_not_positive", file=name, key=f"[{table}] {key}", given=repr(value))
    return {key: float(value) for key, value in values.items()}
