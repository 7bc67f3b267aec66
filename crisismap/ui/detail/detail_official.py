"""The official context of a report as plain lines: gauge, road, and the validity of the warnings at its location."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import tzinfo

from crisismap.core import moment
from crisismap.core.layer.gauge import measured
from crisismap.services.around.gauges import NearestGauge
from crisismap.services.around.official_context import Hazard, Surroundings
from crisismap.services.around.roads import NearestRoad
from crisismap.ui.frame.local_time import short_time
from crisismap.ui.frame.wording import ago, count_phrase, distance


def lines(context: Surroundings, now_ms: int, zone: tzinfo) -> list[str]:
    """Return the lines about the nearest gauge and the nearest road."""
    return [
        *([gauge(context.gauge, now_ms, zone)] if context.gauge else []),
        *([road(context.road, now_ms)] if context.road else []),
    ]


def gauge(found: NearestGauge, now_ms: int, zone: tzinfo) -> str:
    """Return `Nearest gauge: Adyar bridge, 1.2 km: 4.31 m, above danger level (4.20 m), rising 12 cm/h, ...`."""
    station = found.gauge
    parts = [measured(station.reading.level, station.unit)]
    if marks := station.against_marks():
        parts.append(marks)
    parts.append(found.trend.wording(station.unit) if found.trend else "trend unknown")
    timing = "measured" if found.time_from_layer else "from the layer of"
    parts.append(f"{timing} {_when(found.measured_ms, zone)}, {ago(found.measured_ms, now_ms)}")
    if found.old:
        parts.append("too old to rely on")
    return f"Nearest gauge: {found.name} ({found.layer}), {distance(found.distance_m)}: {', '.join(parts)}"


def road(found: NearestRoad, now_ms: int) -> str:
    """Return `Nearest road: Anna Salai, 30 m: closed, as of 2 h ago · 1 report calls it blocked, the latest ...`."""
    status = found.status or "status not stated"
    first_part = f"Nearest road: {found.name} ({found.layer}), {distance(found.distance_m)}: {status}, "
    return " · ".join([f"{first_part}as of {ago(found.loaded_ms, now_ms)}", *_people(found, now_ms)])


def spans(context: Surroundings, now_ms: int, zone: tzinfo) -> dict[tuple[str, str], str]:
    """Return the level and validity of each hazard, by layer and feature."""
    by_hazard = {
        (each.layer, each.feature): ("" if each.warning else ", ".join(each.terms.values()), times(each, now_ms, zone))
        for each in context.hazards
    }
    return {key: " · ".join(part for part in parts if part) for key, parts in by_hazard.items() if any(parts)}


def times(hazard: Hazard, now_ms: int, zone: tzinfo) -> str:
    """Return the validity of a warning; "" for a hazard without dates."""
    if hazard.from_ms is None and hazard.until_ms is None:
        return ""
    since = f"from {_when(hazard.from_ms, zone)}" if hazard.from_ms is not None else ""
    until = f"until {_when(hazard.until_ms, zone)}" if hazard.until_ms is not None else ""
    ending = "" if hazard.in_force else ", ended" if (hazard.until_ms or now_ms) < now_ms else ", not in force now"
    return f"in force {' '.join(part for part in (since, until) if part)}{ending}"


def _people(found: NearestRoad, now_ms: int) -> Iterator[str]:
    for testimony, status in ((found.blocked, "blocked"), (found.passable, "passable")):
        if testimony.reports:
            count_text = count_phrase(testimony.reports, "report calls", "reports call")
            yield f"{count_text} it {status} near here, the latest {ago(testimony.last_ms, now_ms)}"


def _when(ms: int, zone: tzinfo) -> str:
    try:
        return short_time(ms, zone)
    except (OverflowError, ValueError, OSError):  # layers write the year 9999 for "no end"
        return moment.rfc3339(ms)[:10]
