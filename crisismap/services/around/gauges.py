"""The gauge nearest to a place, its water level and its trend."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from crisismap.core.errors import NotFound
from crisismap.core.layer.gauge import Gauge, GaugeTrend, Reading, gauge_of, trend
from crisismap.core.layer.layer import LayerVersion, Role
from crisismap.core.moment import MINUTE_MS
from crisismap.core.place.surroundings import GaugeRules
from crisismap.core.ports import Store
from crisismap.rule_files import RuleFiles
from crisismap.services.runtime.caches import Caches
from crisismap.services.runtime.views import Views
from crisismap.situation.merge.gauges import NearGauge

_MOST_READ = 6  # versions read for one trend, those nearest to the wanted time
_NEWEST = 500  # versions considered; eight hours of a layer updated each minute
Levels = Mapping[str, tuple[Reading, str]]  # feature id -> (reading, unit)


@dataclass(frozen=True, slots=True)
class NearestGauge:
    """A gauge near a place. `measured_ms` is the time of its level.

    `time_from_layer`: the layer gives that time, else it is the version's; `old`: it is too long ago to rely on.
    """

    layer: str
    title: str
    feature: str
    name: str
    distance_m: float
    gauge: Gauge
    measured_ms: int
    time_from_layer: bool
    old: bool
    trend: GaugeTrend | None


def nearest_gauge(
    store: Store, views: Views, rule_files: RuleFiles, lon: float, lat: float, now_ms: int
) -> NearestGauge | None:
    """Return the nearest gauge of all context layers; None if none is within the rule's distance."""
    rules = rule_files.surroundings.gauge
    indexes = views.caches.gauges.of(views.situation.layers_of(Role.CONTEXT))
    hits = [(near, each) for each in indexes if (near := each.nearest(lon, lat, now_ms, rules.within_m)) is not None]
    if not hits:
        return None
    near, index = min(hits, key=lambda each: (each[0].distance_m, each[0].version.layer.id))
    reading = with_time(near.gauge.reading, near.version)
    measured_ms = reading.measured_ms or 0
    return NearestGauge(
        layer=near.version.layer.id,
        title=near.version.layer.title,
        feature=near.feature.id,
        name=near.feature.name or near.feature.id,
        distance_m=near.distance_m,
        gauge=near.gauge,
        measured_ms=measured_ms,
        time_from_layer=near.gauge.reading.measured_ms is not None,
        old=now_ms - measured_ms > rules.old_minutes * MINUTE_MS,
        trend=index.trend_of(near, lambda: _trend(store, views.caches, near, reading, rules)),
    )


def _trend(store: Store, caches: Caches, near: NearGauge, now: Reading, rules: GaugeRules) -> GaugeTrend | None:
    """Return the trend since the layer's previous level, else since older versions; None if neither is early enough."""
    before = near.gauge.previous
    if before is None or not _matches(now, before, rules):
        before = _earlier(store, caches, near, now, rules)
    return trend(now, before, near.gauge.unit, rules.steady_m_per_h) if before is not None else None


def _earlier(store: Store, caches: Caches, near: NearGauge, now: Reading, rules: GaugeRules) -> Reading | None:
    """Return the reading of the stored versions that is nearest to the best time for a trend."""
    layer_id = near.version.layer.id
    best_ms = (now.measured_ms or 0) - rules.trend_minutes * MINUTE_MS
    heads = [h for h in store.layers.versions(layer_id, _NEWEST) if h.version != near.version.version]
    heads.sort(key=lambda h: abs(h.moment_ms - best_ms))
    readings = []
    for head in heads[:_MOST_READ]:
        try:
            reading, unit = levels_of(store, caches, layer_id, head.version)[near.feature.id]
        except (NotFound, KeyError):  # pruned just now, or the gauge was not there yet
            continue
        if unit == near.gauge.unit and _matches(now, reading, rules):
            readings.append(reading)
    return min(readings, key=lambda each: abs((each.measured_ms or 0) - best_ms), default=None)


def levels_of(store: Store, caches: Caches, layer_id: str, version: int) -> Levels:
    """Return the readings of all gauges in a stored version, which is read once. Raises NotFound."""

    def read() -> Levels:
        stored = store.layers.version(layer_id, version)
        gauges = {f.id: gauge for f in stored.features if (gauge := gauge_of(f.properties)) is not None}
        return {id_: (with_time(gauge.reading, stored), gauge.unit) for id_, gauge in gauges.items()}

    return caches.levels.get((layer_id, version), read)


def with_time(reading: Reading, version: LayerVersion) -> Reading:
    """Return the reading with a time: its own, or else the version's."""
    return reading if reading.measured_ms is not None else replace(reading, measured_ms=version.moment_ms)


def _matches(now: Reading, before: Reading, rules: GaugeRules) -> bool:
    if now.measured_ms is None or before.measured_ms is None:
        return False
    minutes = (now.measured_ms - before.measured_ms) / MINUTE_MS
    return rules.trend_least_minutes <= minutes <= rules.trend_most_minutes
