"""The print sheet of all areas: its requests in one section for each area, and the map of numbered areas."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from crisismap.core.layer.layer import Feature, Role, geometries
from crisismap.core.text.folding import fold
from crisismap.exports.sheet import Sheet, SheetSection
from crisismap.exports.sheet_map import Shape
from crisismap.services.exports.area import area_title, box_of, map_names
from crisismap.situation.board.board import Board
from crisismap.situation.board.column import NONE
from crisismap.situation.situation import Situation

ELSEWHERE = "Elsewhere, or location needed"
_Place = tuple[str, str]  # layer, feature
_DIGITS = re.compile(r"(\d+)")


def by_area(sheet: Sheet, situation: Situation, listed: Board, overdue: NDArray[np.bool_]) -> Sheet:
    """Return the sheet of all requests with its sections, in order of the names, and the map of the areas.

    `listed` are all requests, the most urgent first, of which the sheet has the first as entries.
    """
    if not listed.n:
        return sheet
    titles = _titles(situation)
    numbers = listed["area"]
    groups: list[tuple[str, _Place | None, NDArray[np.intp]]] = []
    for number in np.unique(numbers).tolist():
        area = None if number == NONE else situation.areas[number]
        place = None if area is None else (area.layer, area.feature)
        title = ELSEWHERE if area is None else titles.get((area.layer, area.feature), area.name or area.code)
        groups.append((title, place, np.flatnonzero(numbers == number)))
    groups.sort(key=lambda group: (group[1] is None, natural_order(group[0])))
    sections = tuple(
        SheetSection(
            title=title,
            entries=tuple(sheet.entries[at] for at in found.tolist() if at < len(sheet.entries)),
            waiting=len(found),
            urgent=int(np.count_nonzero(listed.priority[found] == 1)),
            overdue=int(np.count_nonzero(overdue[found])),
        )
        for title, _, found in groups
    )
    numbered = {place: at for at, (_, place, _) in enumerate(groups) if place is not None}
    # Where districts lie over wards, the requests count in the first layer: another one's areas only seem empty.
    layers = {layer for layer, _ in numbered} or {version.layer.id for version in situation.layers_of(Role.AREA)[:1]}
    empty = [title for place, title in titles.items() if place[0] in layers and place not in numbered]
    return replace(
        sheet,
        sections=sections,
        empty=tuple(sorted(empty, key=natural_order)),
        box=_box(situation, layers) or sheet.box,
        shapes=(*_background(sheet), *_areas(situation, layers, numbered, sections)),
    )


def natural_order(text: str) -> list[tuple[int, str]]:
    """Return a key that sorts `Ward 2` before `Ward 10`."""
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in _DIGITS.split(fold(text)) if part]


def _titles(situation: Situation) -> dict[_Place, str]:
    return {
        (version.layer.id, feature.id): area_title(feature)
        for version in situation.layers_of(Role.AREA)
        for feature in version.features
    }


def _box(situation: Situation, layers: set[str]) -> tuple[float, float, float, float] | None:
    features: list[Feature] = [
        feature
        for version in situation.layers_of(Role.AREA)
        if version.layer.id in layers
        for feature in version.features
    ]
    return box_of(geometries(features))


def _background(sheet: Sheet) -> list[Shape]:
    """Return rivers and the like; places are no help among numbers."""
    return [each for each in sheet.shapes if each.kind == "context" and each.geometry.geom_type != "Point"]


def _areas(
    situation: Situation, layers: set[str], numbered: Mapping[_Place, int], sections: Sequence[SheetSection]
) -> list[Shape]:
    shapes = []
    for version in situation.layers_of(Role.AREA):
        if version.layer.id not in layers:
            continue
        for feature, name in zip(version.features, map_names(version), strict=True):
            at = numbered.get((version.layer.id, feature.id))
            if feature.geometry is None:
                continue
            if at is None:
                shapes.append(Shape("area", feature.geometry))
            else:
                kind = "urgent" if sections[at].urgent else "waiting"
                shapes.append(Shape(kind, feature.geometry, name, number=str(at + 1)))
    return shapes
