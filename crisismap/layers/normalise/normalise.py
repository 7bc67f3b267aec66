"""Normalisation of a file's features to a version of a layer: WGS 84, valid, with ids, names, codes, status."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from crisismap.core import moment
from crisismap.core.errors import Invalid, Misconfigured, shorten
from crisismap.core.layer.layer import Feature, Layer, LayerVersion
from crisismap.core.layer.position import box_text, touches
from crisismap.core.moment import MINUTE_MS
from crisismap.core.place import crs
from crisismap.core.place.place import Extent
from crisismap.layers.formats.raw import RawFeature, RawLayer, row_numbers
from crisismap.layers.normalise import repair
from crisismap.layers.normalise.column_use import column_facts, column_use
from crisismap.layers.normalise.field_guesses import FieldChoice, as_text, choose_fields
from crisismap.layers.normalise.mapping import LayerMapping, find

if TYPE_CHECKING:
    from pyproj import CRS

# Our names for the numbers of shelters, gauges and populations, and the mapping's key for each.
_OURS = {
    "capacity": "capacity_field",
    "occupancy": "occupancy_field",
    "free_places": "free_field",
    "needs": "needs_field",
    "as_of": "as_of_field",
    "water_level": "level_field",
    "measured_at": "measured_field",
    "warning_level": "warning_field",
    "danger_level": "danger_field",
    "previous_level": "previous_level_field",
    "previous_at": "previous_measured_field",
    "population_count": "population_field",
}
_TIMES = {"as_of", "measured_at", "previous_at"}
_FAR, _NEARER = 5.0, 4.0  # degrees from the layer's centre; how many times nearer the swapped position must be


_NOWHERE = shapely.Point(0.0, 0.0)


class _Remarks:
    """Counts rows by kind of remark and makes one sentence per kind."""

    def __init__(self) -> None:
        self._rows: dict[str, list[int]] = {}

    def add(self, what: str, row: int) -> None:
        self._rows.setdefault(what, []).append(row)

    def sentences(self) -> list[str]:
        return [f"{what}: {row_numbers(rows)}" for what, rows in self._rows.items()]


def normalise(raw: RawLayer, layer: Layer, mapping: LayerMapping, *, now_ms: int) -> LayerVersion:
    """Return a version of `layer`, not numbered yet, from a file's features.

    Raises Invalid for an empty layer, a layer without a usable feature, a coordinate system that is unknown or
    missing where coordinates are not degrees, and a mapping that names missing fields.
    """
    if not raw.features:
        raise Invalid("features", 0, "layer_empty")
    choice = choose_fields(raw, mapping)
    placed = _in_wgs84(raw, mapping)
    results = repair.check(placed.geometries)
    remarks = _Remarks()
    rows: list[tuple[RawFeature, BaseGeometry | None]] = []
    repaired = 0
    for feature, result in zip(raw.features, results, strict=True):
        problem = feature.problem or result.problem
        if problem and (feature.keep or problem == repair.ZERO):
            if feature.problem or feature.geometry is not None:
                remarks.add(f"listed without its place, {problem}", feature.row)
            rows.append((feature, None))
            continue
        if problem or result.geometry is None:
            remarks.add(f"refused, {problem}", feature.row)
            continue
        if result.turned:
            remarks.add("spans more than 180 degrees, taken the short way, across 180", feature.row)
        repaired += result.repaired or feature.repaired
        rows.append((feature, result.geometry))
    refused = len(raw.features) - len(rows)
    if not any(geometry is not None or feature.keep for feature, geometry in rows):
        raise Invalid("features", len(raw.features), "no_usable_feature", problem="; ".join(remarks.sentences()))
    _note_swapped_axes(rows, remarks)
    features = tuple(_features(rows, choice, mapping, remarks))
    used = [feature for feature, _ in rows]
    columns = None
    if raw.own_fields:
        columns = column_use(column_facts(raw, used, choice, _our_fields(used, mapping)), features, layer.role)
    sentences = (*raw.notes, *placed.notes, *remarks.sentences(), *(columns.notes if columns else ()))
    counts = refused, repaired, sentences
    return LayerVersion(layer, 0, now_ms, features, *counts, columns=columns, turned=placed.turned)


@dataclass(frozen=True, slots=True)
class _Placed:
    """All geometries in WGS 84, None where there is none; the assumptions made; where they lie with axes exchanged."""

    geometries: NDArray[np.object_]
    notes: list[str]
    turned: Extent | None = None


def _in_wgs84(raw: RawLayer, mapping: LayerMapping) -> _Placed:
    geometries = np.empty(len(raw.features), dtype=object)
    geometries[:] = [feature.geometry for feature in raw.features]
    geometries = shapely.force_2d(geometries)
    notes = []
    if mapping.swaps:
        geometries = crs.turned(geometries)
        notes.append("the two axes of the coordinates were exchanged, as the mapping says")
    if raw.crs_problem is not None and not mapping.crs:
        raise raw.crs_problem
    crs_name = mapping.crs or raw.crs
    if crs_name:
        system = crs.crs_of_text(crs_name)
        if not crs.is_lon_lat(system):
            placed, turned = _reprojected(geometries, system)
            return _Placed(placed, [*notes, f"reprojected from {system.name} to WGS 84"], turned)
    _require_degrees(geometries, crs_name)
    if not crs_name and not raw.degrees_by_rule:
        notes.append("the file names no coordinate system; its coordinates look like degrees, taken as WGS 84")
    return _Placed(geometries, notes)


def _reprojected(geometries: NDArray[np.object_], system: CRS) -> tuple[NDArray[np.object_], Extent | None]:
    """Return the geometries in WGS 84, and the box where they lie with the axes of their system exchanged.

    Raises Invalid where only that box is where the system is meant for.
    """
    nowhere = (shapely.bounds(geometries) == 0).all(axis=1)  # in metres, before that becomes a place on the map
    present = geometries[~nowhere & ~shapely.is_missing(geometries)]
    transformed = crs.to_wgs84(geometries, system)
    transformed[nowhere] = _NOWHERE
    if not len(present):
        return transformed, None
    turned = crs.to_wgs84(crs.turned(np.array([shapely.box(*shapely.total_bounds(present))], dtype=object)), system)
    bounds, box = shapely.total_bounds(transformed[~nowhere]), shapely.total_bounds(turned)
    if not np.isfinite(box).all():
        return transformed, None
    area = crs.area_of_use(system)
    if area is not None and _meets(box, area) and not _meets(bounds, area):
        raise Invalid("layer", box_text(bounds), "layer_swapped", count=len(present))
    return transformed, (float(box[0]), float(box[1]), float(box[2]), float(box[3]))


def _meets(bounds: NDArray[np.float64], area: Extent) -> bool:
    return bool(np.isfinite(bounds).all() and touches(bounds[np.newaxis], area, 0.0)[0])


def _require_degrees(geometries: NDArray[np.object_], crs_name: str | None) -> None:
    """Raise Invalid for coordinates that are no degrees, with the likely cause."""
    present = geometries[~shapely.is_missing(geometries)]
    if not len(present) or repair.runs_past_180(present).mean() >= 0.5:
        return
    bounds = shapely.total_bounds(present)
    if repair.in_degrees(crs.turned(present)).all():
        raise Invalid("layer", box_text(bounds), "layer_swapped", count=len(present))
    west, south, east, north = bounds
    value = f"coordinates {west:.0f} {south:.0f} to {east:.0f} {north:.0f}"
    if crs_name:
        raise Invalid("crs", value, "crs_not_degrees", name=shorten(crs_name, 60))
    raise Invalid("crs", value, "crs_missing")


def _features(
    rows: list[tuple[RawFeature, BaseGeometry | None]], choice: FieldChoice, mapping: LayerMapping, remarks: _Remarks
) -> Iterator[Feature]:
    ids = list(_ids([feature for feature, _ in rows], choice, mapping, remarks))
    offset = _offset_minutes(mapping.utc_offset)
    ours = _our_fields([feature for feature, _ in rows], mapping)
    for (raw, geometry), identifier in zip(rows, ids, strict=True):
        code = as_text(raw.properties.get(choice.code)) if choice.code else ""
        name = as_text(raw.properties.get(choice.name)) if choice.name else ""
        yield Feature(
            id=identifier,
            name=name or (f"{choice.label} {code}".strip() if code else ""),
            code=code,
            geometry=geometry,
            properties=_with_our_names(raw, ours, mapping, offset, remarks),
            status=_status(raw, choice, mapping),
            valid_from_ms=_moment(raw, choice.valid_from, offset, remarks),
            valid_to_ms=_moment(raw, choice.valid_to, offset, remarks),
        )


def _our_fields(features: list[RawFeature], mapping: LayerMapping) -> dict[str, str]:
    """Return our names of the numbers with the file's. Raises Invalid for a missing field."""
    fields = {ours: getattr(mapping, field) for ours, field in _OURS.items()}
    names = RawLayer(features).field_names() if any(fields.values()) else []
    return {ours: theirs for ours, name in fields.items() if (theirs := find(names, name)) is not None}


def _with_our_names(
    raw: RawFeature, fields: dict[str, str], mapping: LayerMapping, offset: int, remarks: _Remarks
) -> dict[str, Any]:
    """Return the properties with the mapped ones under our names as well, with a zone added to times."""
    extra: dict[str, Any] = {ours: raw.properties.get(theirs) for ours, theirs in fields.items()}
    for name in extra.keys() & _TIMES:
        if not isinstance(extra[name], int | float):  # numbers are seconds or milliseconds, which have no zone
            ms = _moment(raw, fields[name], offset, remarks)
            extra[name] = None if ms is None else moment.rfc3339(ms)
    if mapping.level_unit:
        extra["water_level_unit"] = mapping.level_unit
    return {**raw.properties, **extra} if extra else raw.properties


def _ids(features: list[RawFeature], choice: FieldChoice, mapping: LayerMapping, remarks: _Remarks) -> Iterator[str]:
    """Yield one text per feature, all different: "12", "12#2"."""
    source_ids = [_source_id(feature, choice, mapping) or str(feature.row) for feature in features]
    used_ids, counts = set(source_ids), Counter[str]()
    for feature, identifier in zip(features, source_ids, strict=True):
        counts[identifier] += 1
        if counts[identifier] > 1:
            remarks.add("repeated id, a number was added", feature.row)
            ordinal = counts[identifier]
            while f"{identifier}#{ordinal}" in used_ids:
                ordinal += 1
            identifier = f"{identifier}#{ordinal}"
            used_ids.add(identifier)
        yield identifier


def _source_id(feature: RawFeature, choice: FieldChoice, mapping: LayerMapping) -> str:
    by_field = as_text(feature.properties.get(choice.id)) if choice.id else ""
    return by_field if mapping.id_field else (feature.id or by_field)


def _status(feature: RawFeature, choice: FieldChoice, mapping: LayerMapping) -> str:
    if choice.status is None:
        return ""
    value = feature.properties.get(choice.status)
    text = as_text(value).lower()
    if text in mapping.status:
        return mapping.status[text].lower()
    if re.fullmatch(r"is_?open", choice.status.strip(), re.IGNORECASE):
        return {"true": "open", "1": "open", "yes": "open", "false": "closed", "0": "closed", "no": "closed"}.get(
            text, text
        )
    return text


def _moment(feature: RawFeature, field: str | None, offset: int, remarks: _Remarks) -> int | None:
    text = as_text(feature.properties.get(field)) if field else ""
    if not text:
        return None
    try:
        ms, zoned = moment.parse(text.replace("/", "-"))
        return ms if zoned else ms - offset * MINUTE_MS
    except (ValueError, OverflowError):
        remarks.add(f"{field} is no date and was left out", feature.row)
        return None


def _offset_minutes(text: str) -> int:
    if not text:
        return 0
    match = re.fullmatch(r"([+-])(\d\d):(\d\d)", text)
    if match is None:
        raise Misconfigured("utc_offset_wrong", given=text)
    minutes = int(match[2]) * 60 + int(match[3])
    return -minutes if match[1] == "-" else minutes


def _note_swapped_axes(rows: list[tuple[RawFeature, BaseGeometry | None]], remarks: _Remarks) -> None:
    """Note features that lie far from the layer's centre and near it with longitude and latitude swapped."""
    located = [(feature, geometry) for feature, geometry in rows if geometry is not None]
    if len(located) < 3:
        return
    centres = shapely.get_coordinates(shapely.centroid(np.array([geometry for _, geometry in located], dtype=object)))
    middle = np.median(centres, axis=0)
    distance = np.hypot(*(centres - middle).T)
    swapped_distance = np.hypot(*(centres[:, ::-1] - middle).T)
    for index in np.flatnonzero((distance > _FAR) & (swapped_distance * _NEARER < distance)):
        remarks.add("longitude and latitude look swapped, left as they are", located[index][0].row)
