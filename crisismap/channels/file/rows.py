"""Rows of a format as the bodies of reports, by a mapping or by the names that people use.

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

from crisismap.channels.file.columns import FileColumns
from crisismap.channels.file.mapping import ReportMapping
from crisismap.channels.file.position import geometry_text, point_of_geometry
from crisismap.channels.file.values import answer_of, lookup, number_of, object_of, text_of, time_of
from crisismap.core.errors import CrisismapError, Invalid, Malformed
from crisismap.core.place.cell import point_of_cell
from crisismap.core.place.degrees import degrees
from crisismap.core.report.accept import with_unread
from crisismap.core.report.report import NothingSaid, require_content
from crisismap.core.text.folding import fold
from crisismap.core.text.number import read_count
from crisismap.core.text.storable import whole_characters
from crisismap.problems import sentence


@dataclass(frozen=True, slots=True)
class RawRow:
    """A row before its mapping: its properties and geometry, or why it is broken; and the row as it is in the file.

    `more` are cells that no column name stands above.
    """

    raw: dict[str, Any] | str
    properties: Mapping[str, Any] = field(default_factory=dict)
    geometry: Any = None
    problem: Malformed | None = None
    more: tuple[str, ...] = ()


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


def rows_of(raw_rows: Iterable[RawRow], columns: FileColumns) -> Iterator[Row]:
    """Yield a row for each raw row; one that is no report has the reason and affects no other row."""
    mapping = columns.mapping
    keys = _ClientIds(mapping)
    for number, one in enumerate(raw_rows, 1):
        body: dict[str, Any] = {}
        lang = source = asks = None
        problem: CrisismapError | None = one.problem
        if problem is None:
            columns.count(one.properties)
            try:
                body, asks = _body(one, mapping)
                lang = mapping.lang or _language(one.properties, mapping)
                source = text_of(mapping.source.one(one.properties))
                _check(body)
                body["client_id"] = body.get("client_id") or keys.next(one, body)
            except CrisismapError as error:
                problem = error
        reason, code = (sentence(problem), problem.code) if problem is not None else (None, None)
        yield Row(number, body, lang, source, reason, one.raw, asks, code)


class _ClientIds:
    """Generates client ids, so that a second import of a file repeats nothing and equal rows stay separate reports.

    Without an id in the row the key follows from all of the row, or from what is read of it, whatever its case, spaces
    and other columns.
    """

    def __init__(self, mapping: ReportMapping) -> None:
        self._name, self._fields = mapping.name, mapping.id
        self._by_content = mapping.key == "content"
        self._counts: Counter[int] = Counter()  # hashes of 8 bytes: small for files of millions of rows

    def next(self, row: RawRow, body: Mapping[str, Any]) -> str:
        parts = [text_of(lookup(row.properties, name)) for name in self._fields]
        if parts and all(parts):
            key = ":".join(part for part in parts if part)
        else:
            key = hashlib.sha256(self._text(row, body).encode("utf-8", "replace")).hexdigest()[:24]
        short = int.from_bytes(hashlib.blake2b(key.encode("utf-8", "replace"), digest_size=8).digest())
        self._counts[short] += 1
        nth = self._counts[short]
        return f"{self._name}:{key}" if nth == 1 else f"{self._name}:{key}#{nth}"

    def _text(self, row: RawRow, body: Mapping[str, Any]) -> str:
        if self._by_content:
            return fold(msgspec.json.encode(body, order="sorted").decode())
        return json.dumps(row.raw, sort_keys=True, separators=(",", ":"))


def _body(raw: RawRow, mapping: ReportMapping) -> tuple[dict[str, Any], bool | None]:
    """Return the body of a row and whether it asks. Odd values stand in it as they are, or are written down."""
    row = raw.properties
    unread: dict[str, Any] = {}
    body = {name: object_of(name, row) for name in mapping.objects}
    body |= {
        "category": _category(row, mapping),
        "text": mapping.text.joined_text(row),
        "place": mapping.place.joined_text(row, one_line=True),
        "accuracy_m": mapping.accuracy_m.one(row),
        "observed_at": time_of(mapping.observed_at.one(row), mapping.zone, mapping.observed_at.format),
        "people": _count(mapping.people.one(row)),
        "client_id": text_of(mapping.client_id.one(row)),
    }
    _add_parts(body, "consent", mapping.consent, unread)
    _add_parts(body, "fields", _fields(row, mapping, unread), unread)
    _add_parts(body, "contact", _contact(row, mapping, body), unread)
    _add_position(body, raw, mapping, unread)
    asks = _asks(mapping.asks.one(row), unread)
    if raw.more:
        unread["more cells"] = "; ".join(whole_characters(cell) for cell in raw.more)
    if unread:
        body["fields"] = with_unread(body["fields"] if isinstance(body.get("fields"), dict) else {}, unread)
    return {name: value for name, value in body.items() if value not in (None, {}, "")}, asks


def _language(row: Mapping[str, Any], mapping: ReportMapping) -> str | None:
    return text_of(lookup(row, mapping.lang_field)) if mapping.lang_field else None


def _category(row: Mapping[str, Any], mapping: ReportMapping) -> Any:
    category = mapping.category.one(row)
    if category is None:
        values = (lookup(row, name) for name in mapping.category.fields)
        value = next((value for value in values if value is not None), None)
        if value is None:
            raise Invalid("category", None, "required")
        raise Invalid("category", value, "category_not_mapped")
    return text_of(category) if isinstance(category, str) else category


def _fields(row: Mapping[str, Any], mapping: ReportMapping, unread: dict[str, Any]) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    for name, pick in mapping.fields.items():
        value = pick.one(row)
        if not isinstance(value, bool | int | float):
            value = text_of(value)
        if value is not None and pick.number and (number := number_of(value)) is None:
            unread[f"fields.{name}"] = value
            continue
        if value is not None:
            fields[name] = number if pick.number else value
    return fields


def _contact(row: Mapping[str, Any], mapping: ReportMapping, body: Mapping[str, Any]) -> dict[str, Any]:
    """Return the contact details that have columns of their own; one called contact may have the whole object."""
    has_whole = isinstance(body.get("contact"), dict)
    picks = {name: pick for name, pick in mapping.contact.items() if not (has_whole and pick.fields == ("contact",))}
    return {name: text_of(pick.one(row)) for name, pick in picks.items()}


def _add_parts(body: dict[str, Any], name: str, parts: Mapping[str, Any], unread: dict[str, Any]) -> None:
    """Add the members of an object that have columns of their own; a column with the whole object comes first."""
    given = {key: value for key, value in parts.items() if value is not None}
    whole = body.get(name)
    if given and isinstance(whole, dict | None):
        body[name] = given | (whole or {})
    elif given:
        body[name] = given
        if whole not in given.values():
            unread[name] = whole


def _count(value: Any) -> Any:
    read = read_count(value) if isinstance(value, str) else None
    return value if read is None else read


def _asks(value: Any, unread: dict[str, Any]) -> bool | None:
    if value is None:
        return None
    asks = answer_of(value)
    if asks is None:
        unread["asks"] = value
    return asks


def _add_position(body: dict[str, Any], raw: RawRow, mapping: ReportMapping, unread: dict[str, Any]) -> None:
    """Add the position of a row: of its geometry, its coordinates, or the first cell that describes one.

    What a cell says beside that position are words of the place.
    """
    point = None
    try:
        point = None if raw.geometry is None else point_of_geometry(raw.geometry)
    except ValueError:
        unread["geometry"] = geometry_text(raw.geometry)
    if point is None and mapping.lon:
        lon, lat = (lookup(raw.properties, name) for name in (mapping.lon, mapping.lat))
        point = None if lon is None and lat is None else (_angle(lon, "lon"), _angle(lat, "lat"))
    words = [body["place"]] if body.get("place") else []
    for text in filter(None, (text_of(_cell(raw.properties, name)) for name in mapping.position)):
        found, says_more = point_of_cell(text, mapping.bbox)
        point = found if point is None else point
        if says_more or found != point:
            words.append(" ".join(text.split()))
    if words:
        body["place"] = ", ".join(dict.fromkeys(words))
    if point is not None:
        body["lon"], body["lat"] = point


def _cell(row: Mapping[str, Any], name: str) -> Any:
    value = lookup(row, name)
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else value


def _angle(value: Any, axis: str) -> Any:
    if not isinstance(value, str):
        return value
    read = degrees(value, axis)
    return value.strip() if read is None else read


def _check(body: dict[str, Any]) -> None:
    try:
        lon = body.get("lon", body.get("lat"))
        require_content(body.get("text"), body.get("fields"), lon, body.get("place"))
    except NothingSaid:
        raise Invalid("text", None, "row_without_content") from None
    try:
        msgspec.json.encode(body)
    except (UnicodeEncodeError, TypeError, OverflowError):
        body |= json.loads(whole_characters(json.dumps(body, ensure_ascii=False, default=str)))
