"""River gauges of the generated city: places, and water levels at any moment.

Each level follows a wave with a period of some hours, so that at any time one gauge is above its danger level, another
falls and a third is steady. Levels depend only on seed and time, so they are repeatable.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import shapely

from crisismap.core.layer.layer import Layer, Role
from crisismap.core.moment import HOUR_MS, MINUTE_MS, rfc3339
from crisismap.demo.city.city import City, city
from crisismap.demo.dice import dice
from crisismap.demo.generator import GeoJson, demo_layer, feature, point_shape

INTERVAL_MS = 10 * MINUTE_MS  # between readings
PER_RIVER = 4


@dataclass(frozen=True, slots=True)
class DemoGauge:
    """One gauge: place and water level in metres. `period_h` is the time between crests."""

    name: str
    x: float
    y: float
    low: float
    rise: float
    period_h: float
    phase: float

    def level(self, at_ms: int) -> float:
        """Return the level in metres above the gauge's zero."""
        wave = math.sin(math.pi * (at_ms / HOUR_MS / self.period_h + self.phase)) ** 2
        return round(self.low + self.rise * wave, 2)

    @property
    def marks(self) -> tuple[float, float]:
        """Return the warning and the danger level."""
        return round(self.low + 0.5 * self.rise, 1), round(self.low + 0.75 * self.rise, 1)


def gauge_layer(seed: int, now_ms: int) -> tuple[Layer, GeoJson]:
    """Return the layer at a moment: each gauge with its last reading."""
    measured_ms = now_ms - now_ms % INTERVAL_MS
    features = [
        feature(
            f"G-{i:02}",
            gauge.name,
            point_shape(gauge.x, gauge.y),
            kind="gauge",
            water_level=gauge.level(measured_ms),
            water_level_unit="m",
            measured_at=rfc3339(measured_ms),
            warning_level=gauge.marks[0],
            danger_level=gauge.marks[1],
        )
        for i, gauge in enumerate(gauges(seed), 1)
    ]
    return demo_layer("gauges", "River gauges (made up)", Role.CONTEXT, features)


@lru_cache(maxsize=2)
def gauges(seed: int) -> tuple[DemoGauge, ...]:
    """Return gauges along each river and at the marsh, named after the nearest neighbourhood."""
    town, rng = city(seed), dice(seed, "gauges")
    points: list[tuple[str, float, float]] = []  # name and metres
    for water in town.ground.waters:
        if water.kind == "marsh":
            points.append((f"{water.name} gauge", water.shape.centroid.x, water.shape.centroid.y))
        elif water.kind == "river" and water.line is not None:
            inside = water.line[shapely.contains_xy(town.ground.land, water.line)]
            at = np.linspace(0, len(inside) - 1, PER_RIVER + 2).astype(int)[1:-1]
            points += [(f"{water.name} gauge {i}", float(x), float(y)) for i, (x, y) in enumerate(inside[at], 1)]
    return tuple(
        DemoGauge(
            f"{gauge}, {_nearest(town, x, y)}",
            x,
            y,
            low=round(rng.uniform(0.6, 1.8), 1),
            rise=round(rng.uniform(1.6, 3.4), 1),
            period_h=rng.uniform(6, 14),
            phase=rng.random(),
        )
        for gauge, x, y in points
    )


def _nearest(town: City, x: float, y: float) -> str:
    return min(town.hoods, key=lambda hood: math.hypot(hood.x - x, hood.y - y)).name
