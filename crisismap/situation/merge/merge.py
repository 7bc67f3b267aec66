"""The merge: gives every report its area, its hazards, the nearest open shelter and its disagreements.

Layers are held as GeoDataFrames (`layer_frame`) and queried through indexes built once per layer version; reports are
queried as columns, one or a million. The results are those of `geopandas.sjoin` (the tests compare them) without its
cost per call. Rules, so that the same layers always give the same result, in whatever order they were loaded:

- time: a feature with dates applies only when they include the time of the report, whatever its layer's role. A
  missing date leaves that end open; both ends are inclusive.
- area: of all polygons of all `area` layers that cover the point, the one of the lowest layer id, and in it of
  the lowest feature id (`layer_frame.id_order`). A point on a boundary is covered by both sides.
- hazards: every polygon of every `hazard` layer that covers the point, except those with an all clear; lines and
  points of such a layer contain nothing.
- shelter: the nearest open one of any `shelter` layer up to shelters.LIMIT_M; of equal distances the lowest id.
- disagreements: see `disagreement`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence, Set
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from crisismap.core.layer.layer import Feature, LayerVersion, Role
from crisismap.situation.board.interned import InternedSets, Ints, Rows
from crisismap.situation.merge.batch_places import Places, alike
from crisismap.situation.merge.layer_frame import changed_features, plain_status
from crisismap.situation.merge.layer_index import (
    FLOODING,
    REPORT_STATUS_NUMBERS,
    AreaLayer,
    AreaRef,
    Disagreement,
    Facts,
    HazardLayer,
    HazardRef,
    MergedLayer,
    Pairs,
    ShelterLayer,
    ShelterRef,
    Statements,
    TransportLayer,
    index_layer,
)

Floats = NDArray[np.float64]

_FEW = 64  # smaller batches are not deduplicated
_NO_TURNS = np.empty(0, np.int64)

__all__ = ["AreaRef", "MergeBatch", "Disagreement", "HazardRef", "MergeResult", "Merger", "ShelterRef"]


@dataclass(frozen=True, slots=True)
class MergeBatch:
    """A batch of n reports as columns."""

    lon: Floats  # (n,) degrees WGS 84; NaN, infinite or out of range = no usable place, and no facts
    lat: Floats  # (n,)
    category: NDArray[np.uint8]  # (n,) positions in `categories`
    at_ms: NDArray[np.int64]  # (n,) observed_at
    status: Sequence[str]  # n texts, the reported status ("full", "open", "flooded"); "" = none
    categories: Sequence[str]  # the vocabulary, for example ("flooding", "shelter", ...)


@dataclass(frozen=True, slots=True)
class MergeResult:
    """Facts of n reports: indexes into lists that a Merger and all derived from it share and only extend."""

    area: Ints  # (n,) into facts.areas.items, -1 = none
    hazards: Ints  # (n,) into facts.hazards.sets, -1 = none
    shelter: Ints  # (n,) into facts.shelters.items, -1 = none
    shelter_m: NDArray[np.float32]  # (n,) metres along the ground, NaN = none
    disagrees: Ints  # (n,) into facts.disagreements.sets, -1 = none
    facts: Facts


class Merger:
    """A set of indexed layer versions. Merging is for one thread; readers of its lists need no lock."""

    def __init__(self, versions: Sequence[LayerVersion], *, like: Merger | None = None) -> None:
        """Index the layers; of several versions of one layer the last counts.

        The lists of `like` are shared, so that existing numbers keep their meaning, and its indexes of versions that
        are given again are reused.
        """
        self._facts: Facts = like._facts if like else Facts()
        previous = like._layers if like else {}
        self._layers: dict[str, MergedLayer] = {}
        for version in sorted({v.layer.id: v for v in versions}.values(), key=lambda v: v.layer.id):
            cached = previous.get(version.layer.id)
            index = cached if cached and cached.version is version else index_layer(version, self._facts)
            if index:
                self._layers[version.layer.id] = index
        layers = self._layers.values()
        self._areas = [layer for layer in layers if isinstance(layer, AreaLayer)]
        self._hazards = [layer for layer in layers if isinstance(layer, HazardLayer)]
        self._shelters = [layer for layer in layers if isinstance(layer, ShelterLayer)]
        self._transport = [layer for layer in layers if isinstance(layer, TransportLayer)]
        # Times at which a feature becomes valid or invalid: between two of them all times are equivalent.
        self._turns = np.unique(np.concatenate([_NO_TURNS, *(layer.turns for layer in layers)]))

    @property
    def facts(self) -> Facts:
        """Return the lists that merged columns' numbers point into; shared with every merger made `like` this one."""
        return self._facts

    def has_dates(self, layer_id: str) -> bool:
        """Return whether a layer has features with limited validity."""
        layer = self._layers.get(layer_id)
        return layer is not None and not layer.always

    def without(self, layer_id: str) -> Merger:
        """Return a merger without a layer; unknown ids change nothing."""
        return Merger([lay.version for key, lay in self._layers.items() if key != layer_id], like=self)

    def merge(self, batch: MergeBatch) -> MergeResult:
        """Return all facts of all reports; the columns are new arrays of the batch's length."""
        n = len(batch.lon)
        where = np.flatnonzero(_usable(batch.lon, batch.lat))
        places, at_ms = Places(batch.lon[where], batch.lat[where]), batch.at_ms[where]
        one, same = self._distinct(places, at_ms)
        distinct_places, moments = places.some(one), at_ms[one]
        shelter, metres = self._nearest(distinct_places, moments)
        columns = (
            self._area_of(distinct_places, moments)[same],
            self._hazards_at(distinct_places, moments)[same],
            shelter[same],
            metres[same],
            self._disagreements(batch, where, places),
        )
        if len(where) < n:
            columns = tuple(_expand(column, where, n) for column in columns)  # type: ignore[assignment]
        return MergeResult(*columns, self._facts)

    def again(
        self, batch: MergeBatch, hazards: Ints, changes: Collection[tuple[str, Role]], places: Places | None = None
    ) -> dict[str, NDArray[np.generic]]:
        """Return the columns that a change of these layers (id and role, before and after) can alter, for placed
        reports.

        `hazards`: the previous values of the reports, in numbers of these very facts. The part of the other layers is
        reused; the results are those of `merge`. `places`: the places of the reports, if already computed.
        """
        roles = {role for _, role in changes}
        places, at_ms = places or Places(batch.lon, batch.lat), batch.at_ms
        one, same = self._distinct(places, at_ms)
        distinct_places, moments = places.some(one), at_ms[one]
        out: dict[str, NDArray[np.generic]] = {}
        if Role.AREA in roles:
            out["area"] = self._area_of(distinct_places, moments)[same]
        if Role.HAZARD in roles:
            ids = {layer_id for layer_id, role in changes if role is Role.HAZARD}
            out["hazards"] = self._replace_members(hazards, self._hazards_at(distinct_places, moments, ids)[same], ids)
        if Role.SHELTER in roles:
            shelter, metres = self._nearest(distinct_places, moments)
            out["shelter"], out["shelter_m"] = shelter[same], metres[same]
        if roles & {Role.SHELTER, Role.TRANSPORT}:
            out["disagrees"] = self._disagreements(batch, np.arange(len(places)), places)
        return out

    @staticmethod
    def affected_mask(old: LayerVersion | None, new: LayerVersion | None, places: Places) -> NDArray[np.bool_]:
        """Return a mask of the places that a change of a layer can affect, so that only these are merged again.

        Only features that differ between the versions count. It may include too many but never too few: all within
        shelters.LIMIT_M of a changed shelter, all within disagreement.PASSABLE_M of a changed road.
        `old` None: the layer is new; `new` None: it was withdrawn.
        """
        out = np.zeros(len(places), bool)
        usable = _usable(places.lon, places.lat)
        if not usable.any():
            return out
        usable_places = places if usable.all() else places.some(np.flatnonzero(usable))
        for version in _changes(old, new):
            layer = index_layer(version, Facts())
            if layer:
                out[usable] |= layer.reaches(usable_places)
        return out

    def _distinct(self, places: Places, at_ms: NDArray[np.int64]) -> tuple[Rows, Rows]:
        """Return which places to query, and for each place its index among those; times count for dated features."""
        if len(places) < _FEW:
            everyone = np.arange(len(places))
            return everyone, everyone
        return alike(places.lon, places.lat, np.searchsorted(self._turns, at_ms, side="right"))

    def _area_of(self, places: Places, at_ms: NDArray[np.int64]) -> Ints:
        out = np.full(len(places), -1, np.int32)
        for layer in self._areas:
            rest = np.flatnonzero(out < 0)
            if len(rest) == len(places):
                row = layer.first(places, at_ms)
            else:
                row = layer.first(places.some(rest), at_ms[rest])
            out[rest] = layer.number[row]
        return out

    def _replace_members(self, previous: Ints, fresh: Ints, changed_ids: Set[str]) -> Ints:
        """Return the existing sets, with the members of the changed layers replaced by those of the fresh sets."""
        facts = self._facts.hazards
        # There are few distinct pairs of an old and a new set: each is combined once.
        step = len(facts.sets) + 1
        pairs, inverse = np.unique((previous.astype(np.int64) + 1) * step + fresh + 1, return_inverse=True)
        old_row, old = facts.members((pairs // step - 1).tolist())
        new_row, new = facts.members((pairs % step - 1).tolist())
        distinct, at = np.unique(np.concatenate([old, new]), return_inverse=True)
        layers = [facts.values.items[member].layer for member in distinct.tolist()]
        rank = {layer_id: number for number, layer_id in enumerate(sorted(set(layers)))}
        layer = np.array([rank[layer_id] for layer_id in layers], np.intp)[at]
        keep = np.ones(len(at), bool)
        keep[: len(old)] = np.isin(layer[: len(old)], [rank[name] for name in changed_ids if name in rank], invert=True)
        row, member, layer = np.concatenate([old_row, new_row])[keep], np.concatenate([old, new])[keep], layer[keep]
        order = np.lexsort((layer, row))  # stable: the order inside a layer stays
        return facts.column(len(pairs), row[order], member[order])[inverse]

    def _hazards_at(self, places: Places, at_ms: NDArray[np.int64], only: Set[str] | None = None) -> Ints:
        parts: list[Pairs] = []
        for layer in self._hazards:
            if only is not None and layer.version.layer.id not in only:
                continue
            report, row = layer.index.pairs(places)
            if len(report):
                valid = layer.counts(row, at_ms[report])
                parts.append((report[valid], row[valid], layer.number[row[valid]]))
        return _column(self._facts.hazards, len(places), parts)

    def _nearest(self, places: Places, at_ms: NDArray[np.int64]) -> tuple[Ints, NDArray[np.float32]]:
        n = len(at_ms)
        out, best = np.full(n, -1, np.int32), np.full(n, np.inf)
        for layer in self._shelters:
            row, metres = layer.nearest_open(places.centred, at_ms)
            closer = metres < best
            out[closer] = layer.number[row[closer]]
            best[closer] = metres[closer]
        best[out < 0] = np.nan
        return out, best.astype(np.float32)

    def _disagreements(self, batch: MergeBatch, where: Rows, places: Places) -> Ints:
        """Return the sets of disagreements. `where`: the row in `batch` of each place."""
        facts = self._facts.disagreements
        parts: list[Pairs] = []
        if self._shelters:
            positions, status = _status_numbers(batch, where, "shelter")
            statements = Statements(positions, status, batch.at_ms[where[positions]])
            spots = places.some(positions)
            parts += [pairs for lay in self._shelters if (pairs := lay.contradictions(facts, statements, spots))]
        if self._transport:
            positions, status = _status_numbers(batch, where, "transport")
            wet, _ = _of_category(batch, where, FLOODING)
            positions, status = (
                np.concatenate([positions, wet]),
                np.concatenate([status, np.full(len(wet), REPORT_STATUS_NUMBERS[FLOODING])]),
            )
            statements, spots = Statements(positions, status, batch.at_ms[where[positions]]), places.some(positions)
            parts += [pairs for lay in self._transport if (pairs := lay.contradictions(facts, statements, spots))]
        return _column(facts, len(where), parts)


def _changes(old: LayerVersion | None, new: LayerVersion | None) -> Iterator[LayerVersion]:
    """Yield both versions reduced to what differs; all of both where the layer itself differs in id or role."""
    before: Sequence[Feature] = old.features if old else ()
    after: Sequence[Feature] = new.features if new else ()
    same_layer = old and new and (old.layer.id, old.layer.role) == (new.layer.id, new.layer.role)
    if same_layer and new:
        yield replace(new, features=tuple(changed_features(before, after)))
    else:
        yield from (version for version in (old, new) if version)


def _usable(lon: Floats, lat: Floats) -> NDArray[np.bool_]:
    return (np.abs(lon) <= 180) & (np.abs(lat) <= 90)


def _of_category(batch: MergeBatch, where: Rows, category: str) -> tuple[Rows, Rows]:
    """Return the reports of a category: (position among the usable points, row in `batch`)."""
    if category not in batch.categories:
        return np.empty(0, np.intp), np.empty(0, np.intp)
    position = np.flatnonzero(batch.category[where] == batch.categories.index(category))
    return position, where[position]


def _status_numbers(batch: MergeBatch, where: Rows, category: str) -> tuple[Rows, Rows]:
    """Return the reports of a category and the number of each one's status word."""
    position, row = _of_category(batch, where, category)
    numbers = (REPORT_STATUS_NUMBERS.get(plain_status(batch.status[i]), 0) for i in row.tolist())
    return position, np.fromiter(numbers, np.intp, len(row))


def _column(facts: InternedSets[HazardRef] | InternedSets[Disagreement], n: int, parts: list[Pairs]) -> Ints:
    """Return the sets of pairs of several layers, which are in the order of their ids; inside a layer by row."""
    if not parts:
        return np.full(n, -1, np.int32)
    report = np.concatenate([pairs[0] for pairs in parts])
    row = np.concatenate([pairs[1] for pairs in parts])
    layer = np.repeat(np.arange(len(parts)), [len(pairs[0]) for pairs in parts])
    order = np.lexsort((row, layer, report))
    return facts.column(n, report[order], np.concatenate([pairs[2] for pairs in parts])[order])


def _expand(column: NDArray[np.generic], where: Rows, n: int) -> NDArray[np.generic]:
    """Return a column of the usable points as one of all n; the others are empty."""
    out = np.full(n, np.nan if column.dtype.kind == "f" else -1, column.dtype)
    out[where] = column
    return out
