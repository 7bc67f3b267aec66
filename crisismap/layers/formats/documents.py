"""Conversion of documents that are not plain geodata: feeds and workbooks."""

from __future__ import annotations

from typing import Any

import msgspec

from crisismap.core import moment
from crisismap.core.errors import Invalid
from crisismap.layers.formats import table
from crisismap.layers.formats.raw import RawFeature, RawLayer, first_notes, left_out
from crisismap.layers.normalise.coordinates import build
from crisismap.layers.normalise.mapping import LayerMapping
from crisismap.layers.sandbox import sandbox


class FeedEntry(msgspec.Struct, frozen=True):
    """One entry of a feed."""

    id: str
    title: str
    summary: str
    link: str
    alert_link: str  # URL of the entry's CAP message, if it has one
    updated: int | None  # ms
    geometry: dict[str, Any] | None
    fields: dict[str, str]
    problems: list[str] = []  # places that cannot be read


class _Feed(msgspec.Struct, frozen=True):
    title: str
    entries: list[FeedEntry]


def entries(data: bytes, what: str) -> list[FeedEntry]:
    """Return the entries of an Atom or RSS feed. Raises Malformed."""
    return sandbox.parse_one("feed", data, _Feed, what).entries


def georss(data: bytes, what: str) -> RawLayer:
    """Return a feed as features with its own elements as properties; entries without a place are kept.

    A place that cannot be read is named in the notes; the others of its entry count.
    """
    found = list(enumerate(entries(data, what), 1))
    problems = [f"a place cannot be used, row {row}: {problem}" for row, entry in found for problem in entry.problems]
    features = [_feature(row, entry) for row, entry in found]
    return RawLayer(features, None, True, first_notes(problems), own_fields=False)


def _feature(row: int, entry: FeedEntry) -> RawFeature:
    geometry, problem, repaired = build(entry.geometry)
    properties = {
        "name": entry.title,
        "summary": entry.summary,
        "link": entry.link,
        "updated": None if entry.updated is None else moment.rfc3339(entry.updated),
        **entry.fields,
    }
    return RawFeature(row, entry.id or None, geometry, properties, problem, repaired, keep=True)


def sheet(data: bytes, what: str, mapping: LayerMapping) -> RawLayer:
    """Return the sheet of a workbook that the mapping names, or the only one that is a table with places."""
    tables = sandbox.parse_one("sheet", data, dict[str, list[list[str]]], what)
    wanted = {name: rows for name, rows in tables.items() if name == mapping.source_layer} or tables
    if len(wanted) > 1:
        wanted = {name: rows for name, rows in wanted.items() if table.has_place(rows, mapping)}
    if len(wanted) != 1 or (mapping.source_layer and mapping.source_layer not in wanted):
        raise Invalid("source_layer", ", ".join(tables) or "none", "sheet_not_named", choices=list(tables))
    ((chosen, rows),) = wanted.items()
    filled = [row for row in rows if any(cell.strip() for cell in row)]
    others = [f"{name}: {len(rows)} rows" for name, rows in tables.items() if name != chosen]
    return table.parse_rows(filled, what, mapping, [left_out("sheets", others)] if others else [])
