"""Who reported a flooded place first, people or the official layer, for each feature a hazard layer ever had."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from crisismap.core.layer.alert import CLEAR
from crisismap.core.layer.layer import Feature, LayerVersion
from crisismap.core.ports import Store
from crisismap.core.privacy import Audience
from crisismap.situation.merge.area_grid import Polygons
from crisismap.situation.merge.batch_places import Places
from crisismap.situation.merge.crowd import Crowd, crowd
from crisismap.situation.merge.layer_frame import layer_frame
from crisismap.situation.situation import Situation

_CATEGORY = "flooding"


@dataclass(frozen=True, slots=True)
class FirstReport:
    """One place: when the layer first showed it, and when flooding was first reported there. ms UTC."""

    feature: str
    name: str
    official_ms: int
    reported_ms: int | None  # None: never reported
    reports: int  # of flooding inside, before and after

    @property
    def ahead_ms(self) -> int | None:
        """Return by how much people were earlier; negative if the layer was, None if nobody reported."""
        return None if self.reported_ms is None else self.official_ms - self.reported_ms


@dataclass(frozen=True, slots=True)
class FirstReports:
    """All places, those where people were earliest first."""

    layer: str
    versions: int
    places: tuple[FirstReport, ...]

    @property
    def people_first(self) -> int:
        """Return the number of places reported before the first version that shows them."""
        return sum(place.ahead_ms is not None and place.ahead_ms > 0 for place in self.places)

    @property
    def reported(self) -> int:
        """Return the number of places with a report at any time."""
        return sum(place.reported_ms is not None for place in self.places)


def first_reports(store: Store, situation: Situation, audience: Audience, layer_id: str) -> FirstReports:
    """Return the comparison of all stored versions with the flood reports that the audience may know.

    Raises NotFound, and Invalid for a layer of another role.
    """
    situation.hazard_layer(layer_id)
    versions = [store.layers.version(layer_id, head.version) for head in store.layers.versions(layer_id)]
    board = situation.board(audience)
    of_kind = board.has_place & (board["category"] == tuple(situation.rules.categories).index(_CATEGORY))
    return compare(versions, board["lon"][of_kind], board["lat"][of_kind], board["at"][of_kind])


def compare(
    versions: Sequence[LayerVersion], lon: NDArray[np.float64], lat: NDArray[np.float64], at_ms: NDArray[np.int64]
) -> FirstReports:
    """Compare versions, in any order, with reports given as columns: degrees, ms."""
    first_shown: dict[str, tuple[int, Feature]] = {}
    for version in sorted(versions, key=lambda v: (v.moment_ms, v.version)):
        for feature in version.features:
            if feature.status != CLEAR and feature.geometry is not None:
                first_shown.setdefault(feature.id, (version.moment_ms, feature))
    if not first_shown:
        return FirstReports(versions[0].layer.id if versions else "", len(versions), ())
    layer = versions[0].layer
    frame = layer_frame(LayerVersion(layer, 0, 0, tuple(f for _, f in first_shown.values())), polygons_only=True)
    report, row = Polygons(frame.geometry.to_numpy()).pairs(Places(lon, lat))
    earliest = np.full(len(frame), np.iinfo(np.int64).max)
    np.minimum.at(earliest, row, at_ms[report])
    total = np.bincount(row, minlength=len(frame))
    places = [
        FirstReport(feature, name, first_shown[feature][0], int(earliest[i]) if total[i] else None, int(total[i]))
        for i, (feature, name) in enumerate(zip(frame["feature"], frame["name"], strict=True))
    ]
    ordered = sorted(places, key=lambda p: (p.ahead_ms is None, -(p.ahead_ms or 0), p.feature))
    return FirstReports(layer.id, len(versions), tuple(ordered))


def crowd_of(situation: Situation, audience: Audience, layer_id: str) -> list[Crowd]:
    """Return what people report about each feature of a layer, most reports first. Raises NotFound."""
    version, sets = situation.layer(layer_id), situation.disagreement_sets
    categories, statuses = tuple(situation.rules.categories), situation.reported_statuses
    return crowd(version, situation.board(audience), categories, statuses, sets)
