"""Which features of a transport layer are roads for people and cars, and which of those are closed; pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

KINDS = ("kind", "type", "class", "fclass", "mode", "highway", "route", "transport")
_OTHER = frozenset({"rail", "railway", "train", "tram", "metro", "subway", "monorail", "ferry", "bus", "bus_route"})
_RAIL = "railway"  # the OpenStreetMap key: such a feature is no road, unless it is a level crossing


def is_road(properties: Mapping[str, Any]) -> bool:
    """Return whether a feature is a road: anything not marked as something else, such as rails, ferries, bus lines."""
    known = {str(name).strip().lower(): str(value).strip().lower() for name, value in properties.items() if value}
    if known.get(_RAIL, "level_crossing") not in ("level_crossing", "no", "abandoned", "razed"):
        return False
    return not any(known.get(name) in _OTHER for name in KINDS)
