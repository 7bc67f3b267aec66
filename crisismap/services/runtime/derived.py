"""Data derived from official layers on first use and kept in memory: gauges, roads, population, earlier levels."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from crisismap.core.layer.gauge import Reading, gauge_of
from crisismap.core.layer.layer import LayerVersion
from crisismap.core.ports import Store
from crisismap.services.runtime.caches import Cache
from crisismap.situation.merge.gauges import Gauges
from crisismap.situation.merge.per_version import PerVersion
from crisismap.situation.merge.population import PopulationAreas
from crisismap.situation.merge.vicinity import Vicinity

_KEPT = 64  # number of layer versions whose levels are cached

Levels = Mapping[str, tuple[Reading, str]]  # feature id -> (reading, unit)


class EarlierLevels:
    """Water levels of older gauge layer versions. Versions are immutable, so each is read from the store once."""

    def __init__(self) -> None:
        self._held = Cache(_KEPT)

    def of(self, store: Store, layer_id: str, version: int) -> Levels:
        """Return the levels by feature id; readings without a time get the version's. Raises NotFound."""
        return self._held.get((layer_id, version), lambda: levels_of(store.layers.version(layer_id, version)))


def levels_of(version: LayerVersion) -> Levels:
    """Return the readings of all gauges in a version."""
    found = {f.id: gauge for f in version.features if (gauge := gauge_of(f.properties)) is not None}
    return {id_: (dated(gauge.reading, version), gauge.unit) for id_, gauge in found.items()}


def dated(reading: Reading, version: LayerVersion) -> Reading:
    """Return the reading with a time: its own, or else the version's."""
    return reading if reading.measured_ms is not None else replace(reading, measured_ms=version.moment_ms)


@dataclass(frozen=True, slots=True)
class DerivedData:
    """The derived data of one open deployment."""

    gauges: PerVersion[Gauges] = field(default_factory=lambda: PerVersion(Gauges))
    roads: PerVersion[Vicinity] = field(default_factory=lambda: PerVersion(Vicinity))
    people: PerVersion[PopulationAreas] = field(default_factory=lambda: PerVersion(PopulationAreas))
    levels: EarlierLevels = field(default_factory=EarlierLevels)
