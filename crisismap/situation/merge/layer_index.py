"""An index of one layer version for the merge, with its features' numbers in the shared lists."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from crisismap.core.layer.alert import CLEAR
from crisismap.core.layer.layer import LayerVersion, Role
from crisismap.situation.board.interned import Interned, InternedSets, Ints, Rows
from crisismap.situation.merge import disagreement as rules
from crisismap.situation.merge import shelters
from crisismap.situation.merge.area_grid import Polygons
from crisismap.situation.merge.batch_places import Places
from crisismap.situation.merge.disagreement import Roads
from crisismap.situation.merge.layer_frame import ALWAYS_FROM_MS, ALWAYS_TO_MS, layer_frame
from crisismap.situation.merge.shelters import Shelters

if TYPE_CHECKING:
    import geopandas as gpd

Floats = NDArray[np.float64]
Pairs = tuple[Rows, Rows, Rows]  # report, row of the layer, member of the report's set


class Statements(NamedTuple):
    """What reports say about a status: position in the batch, word, time."""

    position: Rows
    status: Rows
    at_ms: NDArray[np.int64]


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
    """The lists that the numbers in merged columns point into."""

    def __init__(self) -> None:
        self.areas: Interned[AreaRef] = Interned()
        self.hazards: InternedSets[HazardRef] = InternedSets()
        self.shelters: Interned[ShelterRef] = Interned()
        self.disagreements: InternedSets[Disagreement] = InternedSets()


# The statements of reports, as numbers; 0 is any that the rules do not use.
FLOODING = "flooding"  # implied by a report of that category, whatever its status
REPORT_STATUSES = (
    "",
    *sorted(
        rules.REPORT_SHELTER_OPEN
        | rules.REPORT_SHELTER_SHUT
        | rules.REPORT_ROAD_OPEN
        | rules.REPORT_ROAD_SHUT
        | {FLOODING}
    ),
)
REPORT_STATUS_NUMBERS = {status: number for number, status in enumerate(REPORT_STATUSES)}


def _status_mask(statuses: frozenset[str]) -> NDArray[np.bool_]:
    return np.array([status in statuses for status in REPORT_STATUSES])


_SHELTER_OPEN, _SHELTER_SHUT = _status_mask(rules.REPORT_SHELTER_OPEN), _status_mask(rules.REPORT_SHELTER_SHUT)
_ROAD_OPEN, _ROAD_SHUT = _status_mask(rules.REPORT_ROAD_OPEN), _status_mask(rules.REPORT_ROAD_SHUT | {FLOODING})


def _row_mask(n: int, rows: Rows) -> NDArray[np.bool_]:
    out = np.zeros(n, bool)
    out[rows] = True
    return out


class _IndexedLayer:
    """One layer version, its rows' numbers in the shared lists, and what the rules need of each row."""

    def __init__(self, version: LayerVersion, frame: gpd.GeoDataFrame) -> None:
        self.version = version
        self.feature: list[str] = frame["feature"].tolist()
        self.valid_from: NDArray[np.int64] = frame["valid_from"].to_numpy()
        self.valid_to: NDArray[np.int64] = frame["valid_to"].to_numpy()
        self.always = bool((self.valid_from == ALWAYS_FROM_MS).all() and (self.valid_to == ALWAYS_TO_MS).all())
        self.status: list[str] = frame["status"].tolist()
        ends = self.valid_to[self.valid_to < ALWAYS_TO_MS] + 1  # both ends are inclusive
        begins = self.valid_from[self.valid_from > ALWAYS_FROM_MS]
        self.turns: NDArray[np.int64] = np.unique(np.concatenate([begins, ends]))

    def counts(self, row: Rows, at_ms: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Return which rows are valid at these times; both ends are inclusive."""
        return (self.valid_from[row] <= at_ms) & (at_ms <= self.valid_to[row])

    def has_status(self, statuses: frozenset[str]) -> NDArray[np.bool_]:
        return np.array([status in statuses for status in self.status], bool)

    def _as_pairs(self, facts: InternedSets[Disagreement], report: Rows, row: Rows, status: Rows) -> Pairs | None:
        """Number each distinct (row, word) once; None for no pairs."""
        if not len(report):
            return None
        steps, inverse = np.unique(row * len(REPORT_STATUSES) + status, return_inverse=True)
        numbers = [facts.values.number(self._contradiction(*divmod(int(s), len(REPORT_STATUSES)))) for s in steps]
        return report, row, np.array(numbers, np.intp)[inverse]

    def _contradiction(self, row: int, status: int) -> Disagreement:
        why = rules.sentence(REPORT_STATUSES[status], self.status[row])
        return Disagreement(self.version.layer.id, self.feature[row], why)


class AreaLayer(_IndexedLayer):
    def __init__(self, version: LayerVersion, facts: Facts) -> None:
        frame = layer_frame(version, polygons_only=True)
        super().__init__(version, frame)
        rows = zip(frame["feature"], frame["code"], frame["name"], strict=True)
        numbers = [facts.areas.number(AreaRef(version.layer.id, *row)) for row in rows]
        self.number = np.array([*numbers, -1], np.int32)  # row -1, "none", reads the last
        self.index = Polygons(frame.geometry.to_numpy())

    def first(self, places: Places, at_ms: NDArray[np.int64]) -> Rows | Ints:
        """Return the lowest row that covers each place at its time; -1 for none."""
        if self.always:
            return self.index.first(places)
        out = np.full(len(places), -1, np.intp)
        point, row = self.index.pairs(places)
        valid = self.counts(row, at_ms[point])
        lowest = np.full(len(places), len(self.feature), np.intp)
        np.minimum.at(lowest, point[valid], row[valid])
        found = lowest < len(self.feature)
        out[found] = lowest[found]
        return out

    def reaches(self, places: Places) -> NDArray[np.bool_]:
        return _row_mask(len(places), self.index.pairs(places)[0])


class HazardLayer(_IndexedLayer):
    def __init__(self, version: LayerVersion, facts: Facts) -> None:
        frame = layer_frame(version, polygons_only=True)
        frame = frame[frame["status"] != CLEAR]
        super().__init__(version, frame)
        rows = zip(frame["feature"], frame["name"], strict=True)
        numbers = [facts.hazards.values.number(HazardRef(version.layer.id, *row)) for row in rows]
        self.number = np.array(numbers, np.intp)
        self.index = Polygons(frame.geometry.to_numpy())

    def reaches(self, places: Places) -> NDArray[np.bool_]:
        return _row_mask(len(places), self.index.pairs(places)[0])


class ShelterLayer(_IndexedLayer):
    def __init__(self, version: LayerVersion, facts: Facts) -> None:
        frame = layer_frame(version)
        super().__init__(version, frame)
        rows = zip(frame["feature"], frame["name"], strict=True)
        numbers = [facts.shelters.number(ShelterRef(version.layer.id, *row)) for row in rows]
        self.number = np.array(numbers, np.int32)
        self._open, self._shut = self.has_status(shelters.OPEN), self.has_status(shelters.SHUT)
        self.index = Shelters(frame)
        # One index per period in which the same shelters are valid; without dates there is one.
        self._spans: list[tuple[int, int, Rows, Shelters]] = []
        for start, end in sorted(set(zip(self.valid_from.tolist(), self.valid_to.tolist(), strict=True))):
            these = np.flatnonzero((self.valid_from == start) & (self.valid_to == end))
            part = self.index if len(these) == len(frame) else Shelters(frame.iloc[these])
            self._spans.append((start, end, these, part))

    def nearest_open(self, place: Floats, at_ms: NDArray[np.int64]) -> tuple[Rows, Floats]:
        """Return the row of the nearest shelter open at each time and the metres to it; -1 and inf for none."""
        out, best = np.full(len(place), -1, np.intp), np.full(len(place), np.inf)
        for start, end, rows, index in self._spans:
            in_span = np.flatnonzero((start <= at_ms) & (at_ms <= end))
            found, metres = index.nearest_open(place[in_span])
            row = np.where(found >= 0, rows[found], -1)
            closer = (metres < best[in_span]) | ((metres == best[in_span]) & (found >= 0) & (row < out[in_span]))
            out[in_span[closer]], best[in_span[closer]] = row[closer], metres[closer]
        return out, best

    def contradictions(self, facts: InternedSets[Disagreement], statements: Statements, places: Places) -> Pairs | None:
        """Return (report, row, member) for the statements that contradict a shelter."""
        relevant = _SHELTER_OPEN[statements.status] | _SHELTER_SHUT[statements.status]
        position, status, at_ms = statements.position[relevant], statements.status[relevant], statements.at_ms[relevant]
        point, row = self.index.within(places.centred[relevant], rules.SHELTER_M)
        statement = status[point]
        against = (_SHELTER_SHUT[statement] & self._open[row]) | (_SHELTER_OPEN[statement] & self._shut[row])
        against &= self.counts(row, at_ms[point])
        return self._as_pairs(facts, position[point[against]], row[against], statement[against])

    def reaches(self, places: Places) -> NDArray[np.bool_]:
        return self.index.any_within(places.centred, shelters.LIMIT_M)


class TransportLayer(_IndexedLayer):
    def __init__(self, version: LayerVersion) -> None:
        frame = layer_frame(version)
        claims = frame["status"].isin(list(rules.LAYER_ROAD_OPEN | rules.LAYER_ROAD_SHUT))
        frame = frame[claims]
        super().__init__(version, frame)
        self._open, self._shut = self.has_status(rules.LAYER_ROAD_OPEN), self.has_status(rules.LAYER_ROAD_SHUT)
        self.index = Roads(frame)

    def contradictions(self, facts: InternedSets[Disagreement], statements: Statements, places: Places) -> Pairs | None:
        """Return (report, row, member) for the statements that contradict a road."""
        relevant = _ROAD_OPEN[statements.status] | _ROAD_SHUT[statements.status]
        position, status, at_ms = statements.position[relevant], statements.status[relevant], statements.at_ms[relevant]
        reach = np.where(_ROAD_OPEN[status], rules.PASSABLE_M, rules.FLOODED_M)
        point, row = self.index.near(places.some(np.flatnonzero(relevant)), reach)
        statement = status[point]
        against = (_ROAD_OPEN[statement] & self._shut[row]) | (_ROAD_SHUT[statement] & self._open[row])
        against &= self.counts(row, at_ms[point])
        return self._as_pairs(facts, position[point[against]], row[against], statement[against])

    def reaches(self, places: Places) -> NDArray[np.bool_]:
        near, _ = self.index.near(places, np.full(len(places), max(rules.PASSABLE_M, rules.FLOODED_M)))
        return _row_mask(len(places), near)


MergedLayer = AreaLayer | HazardLayer | ShelterLayer | TransportLayer


def index_layer(version: LayerVersion, facts: Facts) -> MergedLayer | None:
    """Return the index for the layer's role; None for layers that are drawn and not merged."""
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
