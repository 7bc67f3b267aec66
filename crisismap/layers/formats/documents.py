"""Conversion of documents that are not plain geodata: CAP messages, NWS alerts, GeoRSS and workbooks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from crisismap.core import moment
from crisismap.core.errors import Invalid, Malformed
from crisismap.core.layer.alert import Alert
from crisismap.layers.formats import nws as nws_json
from crisismap.layers.formats import table
from crisismap.layers.formats.raw import RawFeature, RawLayer
from crisismap.layers.formats.strict_json import decode
from crisismap.layers.normalise.coordinates import BadGeometry, Builder
from crisismap.layers.normalise.mapping import LayerMapping
from crisismap.layers.normalise.warnings import WarningBatch
from crisismap.layers.sandbox import sandbox
from crisismap.problems import sentence

_NWS_MARK = b'"messageType"'  # avoids parsing every GeoJSON twice


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


class _Feed(msgspec.Struct, frozen=True):
    title: str
    entries: list[FeedEntry]


def cap(bodies: Sequence[bytes], what: str) -> WarningBatch:
    """Return the warnings of CAP messages, one per document. Raises Malformed when the only one is invalid."""
    parsed = sandbox.parse("cap", bodies, what)
    if len(parsed) == 1 and parsed[0].problem:
        raise Malformed("unreadable", what=what, problem=parsed[0].refusal)
    alerts = [msgspec.json.decode(one.found, type=Alert) for one in parsed if not one.problem]
    refused = [f"refused, message {row}: {sentence(why)}" for row, one in enumerate(parsed, 1) if (why := one.refusal)]
    return WarningBatch(alerts, tuple(refused))


def cap_each(bodies: Sequence[bytes], what: str) -> list[Alert | str]:
    """Return for each body its message, or the problem with it."""
    parsed = sandbox.parse("cap", bodies, what) if bodies else []
    return [sentence(why) if (why := one.refusal) else msgspec.json.decode(one.found, type=Alert) for one in parsed]


def nws(data: bytes, what: str) -> WarningBatch | None:
    """Return the alerts of the US National Weather Service; None for any other GeoJSON."""
    if _NWS_MARK not in data or not nws_json.is_nws(decode(data, what)):
        return None
    return nws_alerts(data, what)


def nws_alerts(data: bytes, what: str) -> WarningBatch:
    """Return the alerts of a document that is known to have them, so that an empty collection means no warnings."""
    alerts, refused = nws_json.parse(data, what)
    return WarningBatch(alerts, tuple(refused))


def entries(data: bytes, what: str) -> list[FeedEntry]:
    """Return the entries of an Atom or RSS feed. Raises Malformed."""
    (parsed,) = sandbox.parse("feed", [data], what)
    if parsed.problem:
        raise Malformed("unreadable", what=what, problem=parsed.refusal)
    return msgspec.json.decode(parsed.found, type=_Feed).entries


def georss(data: bytes, what: str) -> RawLayer:
    """Return a feed as features with its own elements as properties; entries without a place are kept."""
    return RawLayer([_feature(row, entry) for row, entry in enumerate(entries(data, what), 1)], None, True)


def _feature(row: int, entry: FeedEntry) -> RawFeature:
    properties = {
        "name": entry.title,
        "summary": entry.summary,
        "link": entry.link,
        "updated": None if entry.updated is None else moment.rfc3339(entry.updated),
        **entry.fields,
    }
    builder, geometry, problem = Builder(), None, ""
    try:
        geometry = builder.build(entry.geometry)
    except BadGeometry as error:
        problem = str(error)
    return RawFeature(row, entry.id or None, geometry, properties, problem, builder.mended, keep=True)


def sheet(data: bytes, what: str, mapping: LayerMapping) -> RawLayer:
    """Return the only sheet of a workbook that contains a table, or the one that the mapping names."""
    (parsed,) = sandbox.parse("sheet", [data], what)
    if parsed.problem:
        raise Malformed("unreadable", what=what, problem=parsed.refusal)
    tables = msgspec.json.decode(parsed.found, type=dict[str, list[list[str]]])
    if mapping.source_layer:
        tables = {name: rows for name, rows in tables.items() if name == mapping.source_layer}
    if len(tables) != 1:
        raise Invalid("source_layer", ", ".join(tables) or "none", "sheet_not_named")
    (rows,) = tables.values()
    kept = [row for row in rows if any(cell.strip() for cell in row)]
    return table.parse_rows(kept, what, mapping, [])
