"""Rows of a format as the bodies of reports, by a mapping or by the names of the API.

A report has a point. A line or an area is replaced by a point on or inside it and is not stored: a second geometry
would have to be redacted, merged and exported with every report, and no other channel has one.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec
import shapely
from shapely.errors import ShapelyError
from shapely.geometry import shape

from crisismap.channels.file.mapping import ReportMapping
from crisismap.channels.file.values import (
    finite,
    lookup,
    number_of,
    object_of,
    scalar_of,
    text_of,
    time_of,
    whole_number_of,
)
from crisismap.core.errors import CrisismapError, Invalid, Malformed
from crisismap.core.own_channels import FILE
from crisismap.core.place.place import check_coordinates
from crisismap.core.report.report import NothingSaid, require_content
from crisismap.problems import sentence


@dataclass(frozen=True, slots=True)
class RawRow:
    """A row before its mapping: its properties and geometry, or why it is broken; and the row as it is in the file."""

    raw: dict[str, Any] | str
    properties: Mapping[str, Any] = field(default_factory=dict)
    geometry: Any = None
    problem: Malformed | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a file: a report's body, or the reason why it has none.

    `number` counts data rows (features, lines) from 1. `body` has exactly the members of POST /api/v1/reports.
    `raw` is the row as it is in the file: a feature, the cells by column, or text that could not be parsed.
    """

    number: int
    body: dict[str, Any]
    lang: str | None
    source: str | None
    problem: str | None  # the sentence of `code`, in English: the people who mend files read it beside the row
    raw: dict[str, Any] | str
    asks: bool | None = None  # as the mapping says; None: not given
    code: str | None = None  # why the row has no report


def rows_of(raw_rows: Iterable[RawRow], mapping: ReportMapping | None) -> Iterator[Row]:
    """Yield a row for each raw row; one that is no report has the reason and affects no other row."""
    keys = _ClientIds(mapping)
    for number, one in enumerate(raw_rows, 1):
        body: dict[str, Any] = {}
        lang = source = asks = None
        problem: CrisismapError | None = one.problem
        if problem is None:
            try:
                point = position_of(one, mapping)
                body = _body_by_mapping(one.properties, mapping) if mapping else _body_by_names(one.properties)
                body |= point
                asks = mapping.asks.one(one.properties) if mapping else None
                lang = mapping.lang if mapping else text_of(one.properties.get("lang"))
                source = text_of(mapping.source.one(one.properties) if mapping else one.properties.get("source"))
                _check(body)
                body["client_id"] = body.get("client_id") or keys.next(one)
            except CrisismapError as error:
                problem = error
        reason, code = (sentence(problem), problem.code) if problem is not None else (None, None)
        yield Row(number, body, lang, source, reason, one.raw, asks, code)


class _ClientIds:
    """Generates client ids, so that a second import of a file repeats nothing and equal rows stay separate reports."""

    def __init__(self, mapping: ReportMapping | None) -> None:
        self._name = mapping.name if mapping else FILE
        self._fields = mapping.id if mapping else ()
        self._counts: Counter[int] = Counter()  # hashes of 8 bytes: small for files of millions of rows

    def next(self, row: RawRow) -> str:
        parts = [text_of(lookup(row.properties, name)) for name in self._fields]
        if parts and all(parts):
            key = ":".join(part for part in parts if part)
        else:
            text = json.dumps(row.raw, sort_keys=True, separators=(",", ":"))
            key = hashlib.sha256(text.encode()).hexdigest()[:24]
        short = int.from_bytes(hashlib.blake2b(key.encode("utf-8", "replace"), digest_size=8).digest())
        self._counts[short] += 1
        nth = self._counts[short]
        return f"{self._name}:{key}" if nth == 1 else f"{self._name}:{key}#{nth}"


def _body_by_mapping(row: Mapping[str, Any], mapping: ReportMapping) -> dict[str, Any]:
    category = mapping.category.one(row)
    if category is None:
        values = [lookup(row, name) for name in mapping.category.fields]
        raise Invalid("category", values[0] if values else None, "category_not_mapped")
    fields = {name: scalar_of(name, pick.one(row), pick.number) for name, pick in mapping.fields.items()}
    body = {
        "category": category,
        "text": mapping.text.joined_text(row),
        "place": mapping.place.joined_text(row, one_line=True),
        "observed_at": time_of(mapping.observed_at.one(row), mapping.zone, mapping.observed_at.format),
        "people": whole_number_of("people", mapping.people.one(row)),
        "fields": {name: value for name, value in fields.items() if value is not None},
        "consent": dict(mapping.consent),
    }
    return {name: value for name, value in body.items() if value not in (None, {})}


def _body_by_names(row: Mapping[str, Any]) -> dict[str, Any]:
    body: dict[str, Any] = {name: text_of(row.get(name)) for name in ("category", "text", "place", "client_id")}
    body["observed_at"] = time_of(lookup(row, "observed_at"))
    body["people"] = whole_number_of("people", row.get("people"))
    body["accuracy_m"] = number_of("accuracy_m", row.get("accuracy_m"))
    for name in ("fields", "contact", "consent"):
        body[name] = object_of(name, row)
    return {name: value for name, value in body.items() if value not in (None, {})}


def _check(body: dict[str, Any]) -> None:
    if "category" not in body:
        raise Invalid("category", None, "required")
    try:
        require_content(*(body.get(name) for name in ("text", "fields", "lon", "place")))
    except NothingSaid:
        raise Invalid("text", None, "row_without_content") from None
    try:
        msgspec.json.encode(body)
    except UnicodeEncodeError:
        raise Invalid("text", ascii(body.get("text")), "half_a_character") from None


def position_of(row: RawRow, mapping: ReportMapping | None) -> dict[str, float]:
    """Return lon and lat as members of the body, nothing for a row without a place. Raises Invalid."""
    if row.geometry is not None:
        lon, lat = _point(row.geometry)
        check_coordinates(lon, lat)
        return {"lon": lon, "lat": lat}
    names = (mapping.lon, mapping.lat) if mapping and mapping.lon else ("lon", "lat")
    values = [number_of(name, lookup(row.properties, name)) for name in names]
    check_coordinates(*values)
    return {key: value for key, value in zip(("lon", "lat"), values, strict=True) if value is not None}


def _point(geometry: Any) -> tuple[float, float]:
    """Return the position of a point, a point on a line, a point inside an area."""
    if not isinstance(geometry, dict):
        raise Invalid("geometry", geometry, "not_a_geometry")
    if geometry.get("type") == "Point":
        match geometry.get("coordinates"):
            case [lon, lat, *_]:
                return finite("lon", lon), finite("lat", lat)
        raise Invalid("geometry", geometry, "point_needs_two")
    try:
        area = shape(geometry)
        if not area.is_valid:
            area = shapely.make_valid(area)
        point = area.representative_point()
        return float(point.x), float(point.y)
    except (ShapelyError, ArithmeticError, AttributeError, LookupError, TypeError, ValueError, RecursionError):
        raise Invalid("geometry", geometry, "geometry_unreadable") from None
