"""Crowd reports on official features: who reported inside or beside each, since when, in agreement or contradiction.

Computed from one audience's own columns, so that it reveals no more than that audience's list. Agreement is: in a
hazard, a report of flooding; at a shelter or a road, a report with the same status as the layer. Contradictions are
those of the merge (`disagreement`). Areas have no status, so nothing agrees with them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from crisismap.core.layer.layer import LayerVersion, Role
from crisismap.core.place.geodesy import earth_centred
from crisismap.situation.board.board import Board
from crisismap.situation.merge import disagreement as rules
from crisismap.situation.merge.area_grid import Polygons
from crisismap.situation.merge.batch_places import Places
from crisismap.situation.merge.disagreement import Roads
from crisismap.situation.merge.layer_frame import layer_frame
from crisismap.situation.merge.layer_index import FLOODING, Disagreement
from crisismap.situation.merge.shelters import OPEN, SHUT, Shelters

if TYPE_CHECKING:
    import geopandas as gpd

_SHELTER_STATUSES = ((rules.REPORT_SHELTER_OPEN, OPEN), (rules.REPORT_SHELTER_SHUT, SHUT))
_ROAD_STATUSES = (
    (rules.REPORT_ROAD_OPEN, rules.LAYER_ROAD_OPEN),
    (rules.REPORT_ROAD_SHUT, rules.LAYER_ROAD_SHUT),
)


@dataclass(frozen=True, slots=True)
class Crowd:
    """What people report about one feature. Times are ms UTC; `agree` is None where the feature has no status."""

    feature: str
    name: str
    reports: int
    first_ms: int
    last_ms: int
    agree: int | None
    contradict: int


def crowd(
    version: LayerVersion,
    board: Board,
    categories: Sequence[str],
    statuses: Sequence[str],
    contradictions: Sequence[tuple[Disagreement, ...]],
) -> list[Crowd]:
    """Return the reports on each feature that has any during its validity, most reports first.

    `statuses` and `contradictions` are the lists that the columns of these names point into.
    """
    frame = layer_frame(version, polygons_only=version.layer.role in (Role.AREA, Role.HAZARD))
    located = np.flatnonzero(board.has_place)
    report, row = _pairs(version.layer.role, frame, board["lon"][located], board["lat"][located])
    report = located[report]
    when = board["at"][report]
    counts = (frame["valid_from"].to_numpy()[row] <= when) & (when <= frame["valid_to"].to_numpy()[row])
    report, row, when = report[counts], row[counts], when[counts]
    n = len(frame)
    first, last = np.full(n, np.iinfo(np.int64).max), np.full(n, np.iinfo(np.int64).min)
    np.minimum.at(first, row, when)
    np.maximum.at(last, row, when)
    total = np.bincount(row, minlength=n)
    against = _contradiction_counts(version, board, contradictions)
    agree = _agreement_counts(version.layer.role, frame, board, report, row, (categories, statuses))
    found = [
        Crowd(
            feature,
            name,
            int(total[i]),
            int(first[i]),
            int(last[i]),
            None if agree is None else agree[i],
            against[feature],
        )
        for i, (feature, name) in enumerate(zip(frame["feature"], frame["name"], strict=True))
        if total[i]
    ]
    return sorted(found, key=lambda each: (-each.reports, each.feature))


def _pairs(
    role: Role, frame: gpd.GeoDataFrame, lon: NDArray[np.float64], lat: NDArray[np.float64]
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return which report is inside or beside which row."""
    if role is Role.SHELTER:
        return Shelters(frame).within(earth_centred(lon, lat), rules.SHELTER_M)
    if role is Role.TRANSPORT:
        return Roads(frame).near(Places(lon, lat), np.full(len(lon), rules.PASSABLE_M))
    inside = frame.geometry.geom_type.isin(["Polygon", "MultiPolygon"]).to_numpy()
    report, row = Polygons(frame.geometry.to_numpy()[inside]).pairs(Places(lon, lat))
    return report, np.flatnonzero(inside)[row]


def _contradiction_counts(
    version: LayerVersion, board: Board, contradictions: Sequence[tuple[Disagreement, ...]]
) -> Counter[str]:
    numbers, times = np.unique(board["disagrees"][board["disagrees"] >= 0], return_counts=True)
    found: Counter[str] = Counter()
    for number, n in zip(numbers.tolist(), times.tolist(), strict=True):
        for each in contradictions[number]:
            if each.layer == version.layer.id:
                found[each.feature] += n
    return found


def _agreement_counts(
    role: Role,
    frame: gpd.GeoDataFrame,
    board: Board,
    report: NDArray[np.int64],
    row: NDArray[np.intp],
    vocabularies: tuple[Sequence[str], Sequence[str]],
) -> list[int] | None:
    """Return how many reports agree with each row; None where the layer gives no status."""
    categories, statuses = vocabularies
    category = np.array(categories, dtype=object)[board["category"][report]]
    reported = [statuses[number] for number in board["reported_status"][report].tolist()]
    status = frame["status"].to_numpy()
    if role is Role.HAZARD:
        agrees = category == FLOODING
    elif role in (Role.SHELTER, Role.TRANSPORT):
        pairs = _SHELTER_STATUSES if role is Role.SHELTER else _ROAD_STATUSES
        of_kind = category == str(role)
        alike = [
            any(a in mine and b in theirs for mine, theirs in pairs) for a, b in zip(reported, status[row], strict=True)
        ]
        agrees = of_kind & np.array(alike, bool)
    else:
        return None
    counts: list[int] = np.bincount(row[agrees], minlength=len(frame)).tolist()
    return counts
