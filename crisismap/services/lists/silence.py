"""Populated areas without recent reports, which may be cut off rather than safe.

Population comes from a property of the areas themselves, or else from a context layer whose features (places, grid
cells) lie in them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import shapely

from crisismap.core.layer.layer import Feature, LayerVersion, Role, geometries
from crisismap.core.layer.population import people_of
from crisismap.core.privacy import Audience
from crisismap.situation.board.board import Board, Mask
from crisismap.situation.situation import Situation


@dataclass(frozen=True, slots=True)
class SilentArea:
    """An area without reports."""

    name: str
    code: str
    people: int


@dataclass(frozen=True, slots=True)
class SilenceReport:
    """Populated areas and those without reports. `source` is the title of the population layer, "" without one.

    `areas` are the populated ones, `quiet` those without a report, largest population first. `nowhere` counts reports
    of the same period that have no place and so may belong to any area.
    """

    source: str
    areas: int
    quiet: tuple[SilentArea, ...]
    nowhere: int

    @property
    def people(self) -> int:
        """Return the population of the quiet areas."""
        return sum(each.people for each in self.quiet)


def silence(situation: Situation, audience: Audience, since_ms: int) -> SilenceReport:
    """Return the areas without a report since then, as far as the audience may know."""
    board = situation.board(audience)
    recent = board["received_at"] >= since_ms
    nowhere = int(np.count_nonzero(recent & ~board.has_place))
    source, populated = _populated_areas([situation.layers[name] for name in sorted(situation.layers)])
    reported = _areas_with_reports([feature for feature, _ in populated], board, recent & board.has_place)
    quiet = [
        SilentArea(f.name or f.code or f.id, f.code, people)
        for at, (f, people) in enumerate(populated)
        if at not in reported
    ]
    quiet.sort(key=lambda each: (-each.people, each.name))
    return SilenceReport(source, len(populated), tuple(quiet), nowhere)


def _populated_areas(layers: list[LayerVersion]) -> tuple[str, list[tuple[Feature, int]]]:
    """Return the areas of the layer with most populated ones, and the population's source."""
    areas = [version for version in layers if version.layer.role is Role.AREA]
    with_property = [
        (version.layer.title, _with_people((f, people_of(f.properties)) for f in _area_shapes(version)))
        for version in areas
    ]
    best = max(with_property, key=lambda each: len(each[1]), default=("", []))
    if best[1] or not areas:
        return best
    finest = _area_shapes(max(areas, key=lambda version: len(version.features)))
    for version in layers:
        if version.layer.role is Role.CONTEXT:
            populated = _with_people(zip(finest, _population_sums(finest, _area_shapes(version)), strict=True))
            if populated:
                return version.layer.title, populated
    return "", []


def _with_people(pairs: Iterable[tuple[Feature, int | None]]) -> list[tuple[Feature, int]]:
    return [(feature, people) for feature, people in pairs if people]


def _area_shapes(version: LayerVersion) -> list[Feature]:
    return [f for f in version.features if f.geometry is not None and not f.geometry.is_empty]


def _population_sums(areas: list[Feature], places: list[Feature]) -> list[int]:
    """Return the population of the places whose inner point lies in each area."""
    sums = [0] * len(areas)
    populated = [(f, people) for f in places if (people := people_of(f.properties))]
    if not populated or not areas:
        return sums
    inner = shapely.point_on_surface(geometries(f for f, _ in populated))
    for place, area in shapely.STRtree(geometries(areas)).query(inner, predicate="intersects").T.tolist():
        sums[area] += populated[place][1]
    return sums


def _areas_with_reports(areas: list[Feature], board: Board, rows: Mask) -> set[int]:
    """Return the numbers of the areas that contain any of the rows."""
    if not areas or not rows.any():
        return set()
    points = np.unique(np.column_stack((board["lon"][rows], board["lat"][rows])), axis=0)
    _, area = shapely.STRtree(geometries(areas)).query(shapely.points(points), predicate="intersects")
    return set(np.unique(area).tolist())
