"""Water gauges: the level, the time of the measurement, and the warning and danger marks."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from crisismap.core import moment
from crisismap.core.moment import HOUR_MS
from crisismap.core.text.number import read_number
from crisismap.core.text.table_names import NamedValues, folded

# Property names in use, compared as `table_names` folds them; the first that has a value counts.
LEVEL = ("water_level", "river_level", "gauge_height", "river_stage")
UNIT = ("water_level_unit", "level_unit", "unit", "units")
MEASURED = ("measured_at", "observed_at", "obs_time", "reading_time")
WARNING = ("warning_level", "alert_level")
DANGER = ("danger_level", "flood_level")
PREVIOUS, PREVIOUS_AT = ("previous_level",), ("previous_at",)
_LEVEL, _UNIT, _MEASURED, _WARNING = map(folded, (LEVEL, UNIT, MEASURED, WARNING))
_DANGER, _PREVIOUS, _PREVIOUS_AT = map(folded, (DANGER, PREVIOUS, PREVIOUS_AT))

METRES = {"m": 1.0, "cm": 0.01, "mm": 0.001, "ft": 0.3048, "in": 0.0254}
_SPELT = {
    **dict.fromkeys(("m", "metre", "metres", "meter", "meters"), "m"),
    **dict.fromkeys(("cm", "centimetre", "centimetres", "centimeter", "centimeters"), "cm"),
    **dict.fromkeys(("mm", "millimetre", "millimetres", "millimeter", "millimeters"), "mm"),
    **dict.fromkeys(("ft", "foot", "feet"), "ft"),
    **dict.fromkeys(("in", "inch", "inches"), "in"),
}
# What instruments write for "no value": nines below zero, and the ends of the whole numbers of 16 bits.
_NO_VALUE = re.compile(r"-99(?:9*)(?:\.9+)?")
_ENDS = frozenset({-32768.0, -32767.0})
_NO_VALUE_ABOVE = re.compile(r"999(?:9*)(?:\.9+)?")  # also above zero, where no river is that high
_ENDS_ABOVE = frozenset({32767.0, 65535.0})
_HIGHEST_M = 900.0  # of a level that its marks do not confirm
_TIMES_A_MARK = 5.0  # how much higher than the highest mark a level that looks like "no value" can be
_MOST = 100_000.0
_LONGEST_UNIT = 20
_WITH_UNIT = re.compile(r"(.*\d)\s*([^\W\d_]{1,20})\.?", re.DOTALL)  # a number and its unit in one cell
_SECONDS_BELOW = 100_000_000_000  # smaller numbers are seconds since 1970, others milliseconds


@dataclass(frozen=True, slots=True)
class Reading:
    """One measurement. `measured_ms` is ms UTC, None where the layer does not give it."""

    level: float
    measured_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Gauge:
    """The data of one gauge. Levels are in `unit`: m, cm, mm, ft, in, or the publisher's own unit."""

    reading: Reading
    unit: str = "m"
    warning: float | None = None
    danger: float | None = None
    previous: Reading | None = None  # given by the layer itself

    def against_marks(self) -> str:
        """Return a text such as `above danger level (4.20 m)`; "" without marks. A level at a mark has reached it."""
        marks = (("danger", self.danger), ("warning", self.warning))
        for name, mark in marks:
            if mark is not None and self.reading.level >= mark:
                over = "at" if self.reading.level == mark else "above"
                return f"{over} {name} level ({measured(mark, self.unit)})"
        lowest = next(((name, mark) for name, mark in reversed(marks) if mark is not None), None)
        return f"below {lowest[0]} level ({measured(lowest[1], self.unit)})" if lowest else ""

    @property
    def state(self) -> str | None:
        """Return `danger`, `warning` or `normal`; None where the layer has no marks."""
        if self.warning is None and self.danger is None:
            return None
        if self.danger is not None and self.reading.level >= self.danger:
            return "danger"
        return "warning" if self.warning is not None and self.reading.level >= self.warning else "normal"


@dataclass(frozen=True, slots=True)
class GaugeTrend:
    """The change of the level per hour in the gauge's unit, and the period over which it was measured."""

    per_hour: float
    over_ms: int
    steady: bool

    @property
    def direction(self) -> str:
        """Return `rising`, `falling` or `steady`."""
        return "steady" if self.steady else "rising" if self.per_hour > 0 else "falling"

    def wording(self, unit: str) -> str:
        """Return a text such as `rising 12 cm/h`."""
        if self.steady:
            return self.direction
        value, display_unit = abs(self.per_hour), unit
        if unit == "m":
            value, display_unit = value * 100, "cm"
        text = f"{value:.0f}" if value >= 10 else f"{value:.2g}"
        return f"{self.direction} {text} {display_unit}/h"


def gauge_of(properties: Mapping[str, Any]) -> Gauge | None:
    """Return the gauge of a feature's properties, under any of the known property names; None without a level."""
    values = NamedValues(properties)

    def first(names: tuple[str, ...]) -> Any:
        return next((value for value in values.of(names) if value not in (None, "")), None)

    if first(_LEVEL) is None:  # nearly every feature
        return None
    unit = _unit(first(_UNIT) or _own_unit(first(_LEVEL)))
    warning, danger = _level_in(first(_WARNING), unit), _level_in(first(_DANGER), unit)
    level = _believable(_level_in(first(_LEVEL), unit), unit, warning, danger)
    if level is None:
        return None
    before = _believable(_level_in(first(_PREVIOUS), unit), unit, warning, danger)
    before_ms = as_moment(first(_PREVIOUS_AT))
    return Gauge(
        Reading(level, as_moment(first(_MEASURED))),
        unit,
        warning,
        danger,
        Reading(before, before_ms) if before is not None and before_ms is not None else None,
    )


def _own_unit(value: Any) -> str:
    """Return the unit behind the number in a cell such as "3.45 m"; "" where there is none that is known."""
    found = _WITH_UNIT.fullmatch(value.strip()) if isinstance(value, str) else None
    return _SPELT.get(found[2].lower(), "") if found else ""


def _level_in(value: Any, unit: str) -> float | None:
    """Return a level as a number, also from a cell with its unit; None where that is another unit than this one."""
    own = _own_unit(value)
    if not own:
        return as_level(value)
    found = _WITH_UNIT.fullmatch(value.strip())
    return as_level(found[1]) if found and own == unit else None


def _believable(level: float | None, unit: str, warning: float | None, danger: float | None) -> float | None:
    """Return a level unless it is "no value" by its context: 9999 is one beside marks of 3 m, and a level in mm."""
    if level is None or not (level in _ENDS_ABOVE or _NO_VALUE_ABOVE.fullmatch(f"{level:.10g}")):
        return level
    marks = [abs(mark) for mark in (warning, danger) if mark is not None]
    highest = _TIMES_A_MARK * max(marks) if marks else _HIGHEST_M / METRES.get(unit, 1.0)
    return level if level <= highest else None


def trend(now: Reading, before: Reading, unit: str, steady_m_per_h: float) -> GaugeTrend | None:
    """Return the trend of two readings; None when their order is unknown. An unknown unit has no steady band."""
    if now.measured_ms is None or before.measured_ms is None or before.measured_ms >= now.measured_ms:
        return None
    over_ms = now.measured_ms - before.measured_ms
    per_hour = (now.level - before.level) / (over_ms / HOUR_MS)
    return GaugeTrend(per_hour, over_ms, abs(per_hour) * METRES.get(unit, math.inf) < steady_m_per_h or per_hour == 0)


def measured(level: float, unit: str) -> str:
    """Return `3.42 m` or `342 cm`: metres and feet with two decimals, smaller units without trailing zeros."""
    text = f"{level:,.2f}" if unit in ("m", "ft") else f"{level:,.6g}"
    return f"{text} {unit}".strip()


def as_level(value: Any) -> float | None:
    """Return a level as a number; None for text, nonsense and the codes that instruments write for "no value".

    "3,42" is accepted; "3,425" could mean thousands and is rejected.
    """
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    number = read_number(value) if isinstance(value, str) else value
    if number is None or not -_MOST <= number <= _MOST:  # NaN is neither
        return None
    return None if number in _ENDS or _NO_VALUE.fullmatch(f"{number:.10g}") else float(number)


def as_moment(value: Any) -> int | None:
    """Return the ms UTC of a text, or of seconds or milliseconds since 1970; None for anything else."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float) and math.isfinite(value) and value > 0:
        number = value * 1000 if value < _SECONDS_BELOW else value
        return int(number) if number < _LAST_MS else None
    return moment.read_ms(value)


_LAST_MS = 253_402_300_800_000  # the year 10000


def _unit(value: Any) -> str:
    text = value.strip()[:_LONGEST_UNIT] if isinstance(value, str) else ""
    return _SPELT.get(text.lower().rstrip("."), text) or "m"
