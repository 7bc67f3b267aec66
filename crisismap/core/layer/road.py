"""Which features of a transport layer are roads that people walk and drive along, and which of them are shut; pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_KINDS = ("kind", "type", "class", "fclass", "mode", "highway", "route", "transport")
_OTHER = frozenset({"rail", "railway", "train", "tram", "metro", "subway", "monorail", "ferry", "bus", "bus_route"})
_RAIL = "railway"  # OpenStreetMap's own key: whatever it says, it is no road, but for a crossing of one


def is_road(properties: Mapping[str, Any]) -> bool:
    """Whether it does not say that it is something else: rails, ferries, bus lines. What says nothing is a road."""
    known = {str(name).strip().lower(): str(value).strip().lower() for name, value in properties.items() if value}
    if known.get(_RAIL, "level_crossing") not in ("level_crossing", "no", "abandoned", "razed"):
        return False
    return not any(known.get(name) in _OTHER for name in _KINDS)
