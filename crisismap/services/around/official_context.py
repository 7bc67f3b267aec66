"""The official context of one report: warnings in force at its time, flood zones, gauge and road.

Computed when somebody opens the report, from the place that their audience knows: for the public that is the centre of
the cell.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

from crisismap.core import moment
from crisismap.core.layer.layer import Feature
from crisismap.core.ports import Store
from crisismap.core.privacy import Audience
from crisismap.rule_files import RuleFiles
from crisismap.services.around.feature_wording import feature_of
from crisismap.services.around.gauges import NearestGauge, nearest_gauge
from crisismap.services.around.roads import NearestRoad, Testimony, nearest_road
from crisismap.services.runtime.views import Views
from crisismap.situation.record.record import Record
from crisismap.situation.record.record_types import RecordHazard
from crisismap.situation.situation import Situation

_WARNS = ("severity", "certainty", "urgency")


@dataclass(frozen=True, slots=True)
class Hazard:
    """A hazard that contains a report. `warning` is False for flood zones; times are ms UTC, None for no end."""

    layer: str
    feature: str
    name: str
    warning: bool
    terms: Mapping[str, str]  # verbatim severity, certainty, urgency of a warning; level and status of a zone
    from_ms: int | None
    until_ms: int | None
    in_force: bool  # now; at the time of the report it was in force in any case
    names: Mapping[str, str] = field(default_factory=dict)  # of a warning, by the languages in force with this one


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The context beyond the area and nearest shelter, which are in the record."""

    hazards: tuple[Hazard, ...] = ()
    gauge: NearestGauge | None = None
    road: NearestRoad | None = None


def official_context(
    store: Store, views: Views, rules: RuleFiles, now_ms: int, audience: Audience, record: Record
) -> Surroundings:
    """Return the context of a record as this audience knows it."""
    hazards = tuple(_hazard(views.situation, each, now_ms) for each in record.hazards)
    if record.point is None:
        return Surroundings(hazards)
    lon, lat = record.point
    gauge = nearest_gauge(store, views, rules, lon, lat, now_ms)
    road = None
    if record.place_kind == "exact" and (record.accuracy_m or 0) <= rules.surroundings.road.within_m:
        road = nearest_road(views, rules, audience, lon, lat, now_ms, besides=record.id)
    return Surroundings(hazards, gauge, road)


def official_json(surroundings: Surroundings, record: Record, now_ms: int) -> dict[str, Any]:
    """Return the API's `official` member."""
    return {
        "area": msgspec.to_builtins(record.area),
        "warnings": [_hazard_json(each) for each in surroundings.hazards if each.warning],
        "flood_zones": [_hazard_json(each) for each in surroundings.hazards if not each.warning],
        "gauge": _gauge_json(surroundings.gauge, now_ms) if surroundings.gauge else None,
        "road": _road_json(surroundings.road, now_ms) if surroundings.road else None,
    }


def _hazard(situation: Situation, ref: RecordHazard, now_ms: int) -> Hazard:
    feature = feature_of(situation, ref.layer, ref.feature)
    raw = feature.properties if feature else {}
    warning = any(isinstance(raw.get(name), str) and raw[name] for name in ("certainty", "urgency"))
    terms = {name: raw[name] for name in (_WARNS if warning else ("level",)) if isinstance(raw.get(name), str)}
    if feature is not None and not warning and feature.status:
        terms["status"] = feature.status
    from_ms, until_ms = _span(feature) if feature else (None, None)
    started = feature is not None and (from_ms is None or from_ms <= now_ms)
    in_force = started and (until_ms is None or now_ms <= until_ms)
    names = _names(raw) if warning else {}
    return Hazard(ref.layer, ref.feature, ref.name, warning, terms, from_ms, until_ms, in_force, names)


def _span(feature: Feature) -> tuple[int | None, int | None]:
    """Return when it counts; of a warning whose languages end at different times, when it counts in any."""
    start, end = (moment.read_ms(feature.properties.get(name)) for name in ("event_from", "event_until"))
    return start or feature.valid_from_ms, end or feature.valid_to_ms


def _names(properties: Mapping[str, Any]) -> dict[str, str]:
    others = properties.get("other_languages")
    languages = {str(properties.get("language", "")): properties, **(others if isinstance(others, dict) else {})}
    return {language: str(texts.get("event", "")) for language, texts in languages.items() if language}


def _hazard_json(each: Hazard) -> dict[str, Any]:
    return {
        **_feature_json(each),
        **each.terms,
        **({"names": dict(each.names)} if each.names else {}),
        "from": _text(each.from_ms),
        "until": _text(each.until_ms),
        "in_force": each.in_force,
    }


def _feature_json(each: Hazard | NearestGauge | NearestRoad) -> dict[str, Any]:
    return {"layer": each.layer, "feature": each.feature, "name": each.name}


def _gauge_json(each: NearestGauge, now_ms: int) -> dict[str, Any]:
    gauge, trend = each.gauge, each.trend
    return {
        **_feature_json(each),
        "distance_m": round(each.distance_m),
        "level": gauge.reading.level,
        "unit": gauge.unit,
        "warning_level": gauge.warning,
        "danger_level": gauge.danger,
        "state": gauge.state,
        "trend": trend.direction if trend else None,
        "per_hour": round(trend.per_hour, 4) if trend else None,
        "trend_over_s": trend.over_ms // 1000 if trend else None,
        "measured_at": _text(each.measured_ms),
        "measured_said": each.time_from_layer,
        "age_s": max(0, now_ms - each.measured_ms) // 1000,
        "old": each.old,
    }


def _road_json(each: NearestRoad, now_ms: int) -> dict[str, Any]:
    return {
        **_feature_json(each),
        "distance_m": round(each.distance_m),
        "status": each.status or None,
        "as_of": _text(each.loaded_ms),
        "age_s": max(0, now_ms - each.loaded_ms) // 1000,
        "reported_blocked": _testimony_json(each.blocked),
        "reported_passable": _testimony_json(each.passable),
    }


def _testimony_json(testimony: Testimony) -> dict[str, Any]:
    return {"reports": testimony.reports, "last_at": _text(testimony.last_ms) if testimony.reports else None}


def _text(ms: int | None) -> str | None:
    return None if ms is None else moment.rfc3339(ms)
