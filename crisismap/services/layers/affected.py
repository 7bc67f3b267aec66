"""Estimates of how many people live in the features of a hazard layer, from a loaded population layer."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from crisismap.core.layer.alert import CLEAR
from crisismap.core.layer.layer import Feature, LayerVersion, Role
from crisismap.services.runtime.caches import IdentityKey
from crisismap.services.runtime.views import Views
from crisismap.situation.merge.layer_frame import id_order, polygons_of
from crisismap.situation.merge.population import PopulationAreas

MOST = 500  # features per call
FEW = 10  # smaller estimates are given only as fewer than this


@dataclass(frozen=True, slots=True)
class Affected:
    """The estimate for one feature and its source. `people` is rounded to two significant figures."""

    feature: str
    name: str
    people: int
    covered: float  # share of the feature that the population layer covers
    source: LayerVersion

    def wording(self) -> str:
        """Return 'about 12,000 people live here', with the share covered if that is not all."""
        if self.people == 0:
            people = "nobody lives here by the numbers"
        elif self.people < FEW:
            people = f"fewer than {FEW} people live here"
        else:
            people = f"about {self.people:,} people live here"
        part = "" if self.covered >= 0.995 else f", counted for {min(99, max(1, round(self.covered * 100)))} % of it"
        return f"{people}{part}"


@dataclass(frozen=True, slots=True)
class AffectedLayer:
    """Estimates, largest first. `unknown` counts features without population data, `left_out` those beyond MOST."""

    features: tuple[Affected, ...]
    unknown: int
    left_out: int


def affected(views: Views, layer_id: str, at_ms: int, *, only: str | None = None) -> AffectedLayer:
    """Return estimates for a hazard layer's polygons valid at a moment, or for the one named feature.

    Raises NotFound, and Invalid for a layer of another role.
    """
    version = views.situation.hazard_layer(layer_id)
    counted = [n for n, f in enumerate(version.features) if _is_counted(f, at_ms) and only in (None, f.id)]
    counted.sort(key=lambda n: id_order(version.features[n].id))
    populations, numbers = _population_layers(views), tuple(counted[:MOST])
    key = (IdentityKey(*populations), IdentityKey(version), numbers)
    estimates = views.caches.affected.get(key, lambda: _by_coverage(populations, version, numbers))
    features = [each for each in estimates if each is not None]
    features.sort(key=lambda each: (-each.people, each.name, id_order(each.feature)))
    return AffectedLayer(tuple(features), len(estimates) - len(features), max(0, len(counted) - MOST))


def _is_counted(feature: Feature, at_ms: int) -> bool:
    return feature.geometry is not None and feature.status != CLEAR and feature.counts_at(at_ms)


def _population_layers(views: Views) -> tuple[PopulationAreas, ...]:
    """Return the population layers by id."""
    versions = sorted(views.situation.layers_of(Role.AREA, Role.CONTEXT), key=lambda version: version.layer.id)
    return tuple(each for each in views.caches.population.of(versions) if len(each))


def _by_coverage(
    populations: tuple[PopulationAreas, ...], version: LayerVersion, numbers: tuple[int, ...]
) -> tuple[Affected | None, ...]:
    """Return each polygon's estimate from the layer that covers most of it; of equals the finest, then by id."""
    features = [version.features[n] for n in numbers]
    polygons = [(f, shape) for f in features if (shape := polygons_of(f.geometry)) is not None and not shape.is_empty]
    shapes = np.array([shape for _, shape in polygons], dtype=object)
    best: list[tuple[tuple[float, int], Affected] | None] = [None] * len(polygons)
    for each in populations:
        for row, estimate in enumerate(each.under(shapes)):
            if estimate is None:
                continue
            rank, current = (round(estimate.covered, 2), len(each)), best[row]
            if current is None or rank > current[0]:
                feature, people = polygons[row][0], rounded(estimate.people)
                name = feature.name or feature.id
                best[row] = rank, Affected(feature.id, name, people, estimate.covered, each.version)
    return tuple(each[1] if each else None for each in best)


def rounded(people: float) -> int:
    """Return the number with two significant figures (12,345 -> 12,000); half a person and more counts as one."""
    if people < 0.5:
        return 0
    return max(1, round(int(people + 0.5), 1 - max(1, math.floor(math.log10(people)))))
