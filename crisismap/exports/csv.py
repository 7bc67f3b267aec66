"""CSV in UTF-8: one row a report, the members of the GeoJSON features as columns."""

from __future__ import annotations

import csv as table
import io
from collections.abc import Iterator
from typing import Any

import msgspec

from crisismap.exports.format import Reports

COLUMNS = (
    *("id", "lon", "lat", "category", "text", "lang", "status", "observed_at", "received_at", "updated_revision"),
    *("place_kind", "accuracy_m", "area_code", "area_name", "hazards", "nearest_shelter_id", "nearest_shelter_name"),
    *("nearest_shelter_m", "disagrees", "flags", "asks", "state", "priority", "reasons", "due_at", "overdue"),
    *("channel", "verification", "made_up", "handling"),
)
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")  # the last four: full-width


def csv(reports: Reports) -> Iterator[bytes]:
    """Rows with a header. Words that a spreadsheet would run as a formula get an apostrophe; numbers stay numbers."""
    buffer = io.StringIO()
    writer = table.writer(buffer)
    writer.writerow(COLUMNS)
    for part in reports.features():
        for feature in part:
            writer.writerow(_row(msgspec.json.decode(feature), reports))
        yield _taken(buffer)
    yield _taken(buffer)


def _taken(buffer: io.StringIO) -> bytes:
    text = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return text.encode()


def _row(feature: dict[str, Any], reports: Reports) -> list[Any]:
    seen = feature["properties"]
    point = feature["geometry"]["coordinates"] if feature["geometry"] else (None, None)
    area, shelter = seen["area"] or {}, seen["nearest_shelter"] or {}
    flat = {
        **seen,
        "id": feature["id"],
        "lon": point[0],
        "lat": point[1],
        "area_code": area.get("code"),
        "area_name": area.get("name"),
        "hazards": "; ".join(f"{h['layer']}/{h['feature']}" for h in seen["hazards"]),
        "nearest_shelter_id": shelter.get("id"),
        "nearest_shelter_name": shelter.get("name"),
        "nearest_shelter_m": shelter.get("distance_m"),
        "disagrees": "; ".join(f"{d['layer']}/{d['feature']}: {d['why']}" for d in seen["disagrees"]),
        "flags": " ".join(seen["flags"]),
        "reasons": "; ".join(seen["reasons"]),
        "made_up": reports.made_up,
        "handling": reports.care,
    }
    return [_cell(flat[name]) for name in COLUMNS]


def _cell(value: Any) -> Any:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str) and value.startswith(_FORMULA):
        return "'" + value
    return value
