"""One layer version ready to be asked by the merge: its index, and its features' numbers in the shared lists."""

from __future__ import annotations

from typing import NamedTuple

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray

from crisismap.core.layer import LayerVersion, Role
from crisismap.situation import disagreement as rules
from crisismap.situation import shelters
from crisismap.situation.area_grid import Polygons
from crisismap.situation.disagreement import Roads
from crisismap.situation.interned import Interned, InternedSets, Rows
from crisismap.situation.layer_frame import layer_frame
from crisismap.situation.shelters import Shelters, earth_centred

Floats = NDArray[np.float64]
Pairs = tuple[Rows, Rows, Rows]  # report, row of the layer, member of the report's set


class AreaRef(NamedTuple):
    """A feature of an area layer."""

    layer: str
    feature: str
    code: str
    name: str


class HazardRef(NamedTuple):
    """A feature of a hazard layer."""

    layer: str
    feature: str
    name: str


class ShelterRef(NamedTuple):
    """A feature of a shelter layer."""

    layer: str
    feature: str
    name: str


class Disagreement(NamedTuple):
    """An official feature that a report contradicts; `why` is a short English sentence."""

    layer: str
    feature: str
    why: str


class Facts:
    """What the numbers in merged columns stand for."""

    def __init__(self) -> None:
        self.areas: Interned[AreaRef] = Interned()
        self.hazards: InternedSets[HazardRef] = InternedSets()
        self.shelters: Interned[ShelterRef] = Interned()
        self.disagreements: InternedSets[Disagreement] = InternedSets()


# What a report can say, as numbers; 0 is everything the rules know nothing about.
FLOODING = "flooding"  # said by a report of that category, whatever its status
WORDS = (
    "",
    *sorted(
        rules.REPORT_SHELTER_OPEN
        | rules.REPORT_SHELTER_SHUT
        | rules.REPORT_ROAD_OPEN
        | rules.REPORT_ROAD_SHUT
        | {FLOODING}
    ),
)
WORD = {word: number for number, word in enumerate(WORDS)}


def _among(words: frozenset[str]) -> NDArray[np.bool_]:
    return np.array([word in words for word in WORDS])


_SHELTER_OPEN, _SHELTER_SHUT = _among(rules.REPORT_SHELTER_OPEN), _among(rules.REPORT_SHELTER_SHUT)
_ROAD_OPEN, _ROAD_SHUT = _among(rules.REPORT_ROAD_OPEN), _among(rules.REPORT_ROAD_SHUT | {FLOODING})


class _Indexed:
    """One layer version, its rows' numbers in the shared lists, and what the rules ask of each row."""

    def __init__(self, version: LayerVersion, frame: gpd.GeoDataFrame) -> None:
        self.version = version
        self.feature: list[str] = frame["feature"].tolist()
        self.status: list[str] = frame["status"].tolist()

    def says(self, statuses: frozenset[str]) -> NDArray[np.bool_]:
        return np.array([status in statuses for status in self.status], bool)

    def _as_pairs(self, facts: InternedSets[Disagreement], report: Rows, row: Rows, word: Rows) -> Pairs | None:
        """Number each distinct (row, word) once; None when there is nothing."""
        if not len(report):
            return None
        steps, inverse = np.unique(row * len(WORDS) + word, return_inverse=True)
        numbers = [facts.values.number(self._contradiction(*divmod(int(s), len(WORDS)))) for s in steps]
        return report, row, np.array(numbers, np.intp)[inverse]

    def _contradiction(self, row: int, word: int) -> Disagreement:
        why = rules.sentence(WORDS[word], self.status[row])
        return Disagreement(self.version.layer.id, self.feature[row], why)


class AreaLayer(_Indexed):
    def __init__(self, version: LayerVersion, facts: Facts) -> None:
        frame = layer_frame(version, polygons_only=True)
        super().__init__(version, frame)
        rows = zip(frame["feature"], frame["code"], frame["name"], strict=True)
        numbers = [facts.areas.number(AreaRef(version.layer.id, *row)) for row in rows]
        self.number = np.array([*numbers, -1], np.int32)  # row -1, "none", reads the last
        self.index = Polygons(frame.geometry.to_numpy())

    def reaches(self, lon: Floats, lat: Floats) -> NDArray[np.bool_]:
        reached: NDArray[np.bool_] = self.index.first(lon, lat) >= 0
        return reached


class HazardLayer(_Indexed):
    def __init__(self, version: LayerVersion, facts: Facts) -> None:
        frame = layer_frame(version, polygons_only=True)
        super().__init__(version, frame)
        rows = zip(frame["feature"], frame["name"], strict=True)
        numbers = [facts.hazards.values.number(HazardRef(version.layer.id, *row)) for row in rows]
        self.number = np.array(numbers, np.intp)
        self.valid_from = frame["valid_from"].to_numpy()
        self.valid_to = frame["valid_to"].to_numpy()
        self.index = Polygons(frame.geometry.to_numpy())

    def reaches(self, lon: Floats, lat: Floats) -> NDArray[np.bool_]:
        reached: NDArray[np.bool_] = self.index.first(lon, lat) >= 0
        return reached


class ShelterLayer(_Indexed):
    def __init__(self, version: LayerVersion, facts: Facts) -> None:
        frame = layer_frame(version)
        super().__init__(version, frame)
        rows = zip(frame["feature"], frame["name"], strict=True)
        numbers = [facts.shelters.number(ShelterRef(version.layer.id, *row)) for row in rows]
        self.number = np.array(numbers, np.int32)
        self._open, self._shut = self.says(shelters.OPEN), self.says(shelters.SHUT)
        self.index = Shelters(frame)

    def contradicted(self, facts: InternedSets[Disagreement], told: Rows, word: Rows, place: Floats) -> Pairs | None:
        """Pairs for reports `told` (positions) that use `word` at `place`."""
        says = _SHELTER_OPEN[word] | _SHELTER_SHUT[word]
        told, word = told[says], word[says]
        point, row = self.index.within(place[says], rules.SHELTER_M)
        said = word[point]
        against = (_SHELTER_SHUT[said] & self._open[row]) | (_SHELTER_OPEN[said] & self._shut[row])
        return self._as_pairs(facts, told[point[against]], row[against], said[against])

    def reaches(self, lon: Floats, lat: Floats) -> NDArray[np.bool_]:
        return self.index.any_within(earth_centred(lon, lat), shelters.LIMIT_M)


class TransportLayer(_Indexed):
    def __init__(self, version: LayerVersion) -> None:
        frame = layer_frame(version)
        claims = frame["status"].isin(list(rules.LAYER_ROAD_OPEN | rules.LAYER_ROAD_SHUT))
        frame = frame[claims]
        super().__init__(version, frame)
        self._open, self._shut = self.says(rules.LAYER_ROAD_OPEN), self.says(rules.LAYER_ROAD_SHUT)
        self.index = Roads(frame)

    def contradicted(
        self, facts: InternedSets[Disagreement], told: Rows, word: Rows, lon: Floats, lat: Floats
    ) -> Pairs | None:
        """Pairs for reports `told` (positions) that use `word` at (lon, lat)."""
        says = _ROAD_OPEN[word] | _ROAD_SHUT[word]
        told, word = told[says], word[says]
        reach = np.where(_ROAD_OPEN[word], rules.PASSABLE_M, rules.FLOODED_M)
        point, row = self.index.near(lon[says], lat[says], reach)
        said = word[point]
        against = (_ROAD_OPEN[said] & self._shut[row]) | (_ROAD_SHUT[said] & self._open[row])
        return self._as_pairs(facts, told[point[against]], row[against], said[against])

    def reaches(self, lon: Floats, lat: Floats) -> NDArray[np.bool_]:
        out = np.zeros(len(lon), bool)
        point, _ = self.index.near(lon, lat, np.full(len(lon), max(rules.PASSABLE_M, rules.FLOODED_M)))
        out[point] = True
        return out


MergedLayer = AreaLayer | HazardLayer | ShelterLayer | TransportLayer


def index_layer(version: LayerVersion, facts: Facts) -> MergedLayer | None:
    """The index that fits the layer's role; None for layers that are drawn and not merged."""
    match version.layer.role:
        case Role.AREA:
            return AreaLayer(version, facts)
        case Role.HAZARD:
            return HazardLayer(version, facts)
        case Role.SHELTER:
            return ShelterLayer(version, facts)
        case Role.TRANSPORT:
            return TransportLayer(version)
        case _:
            return None
