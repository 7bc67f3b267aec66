"""The words of the desk for what layers have: roles, uses of columns, and properties of features."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import tzinfo
from types import MappingProxyType
from typing import Any

from crisismap.core import moment
from crisismap.core.layer.layer import ColumnFacts, Role
from crisismap.layers.normalise.column_use import column_use
from crisismap.layers.normalise.locate import BY_CODE, MISSING
from crisismap.ui.frame.local_time import short_time
from crisismap.ui.frame.wording import number

ROLES: Mapping[Role, str] = MappingProxyType(
    {
        Role.AREA: "Areas: give every report its district or ward",
        Role.HAZARD: "Hazard: flooded or flood-prone ground",
        Role.SHELTER: "Shelters: the nearest open one is shown with each report",
        Role.TRANSPORT: "Transport: roads, bridges and lines, open or closed",
        Role.CONTEXT: "Context: drawn on the map; gauges and population figures are shown with the reports",
    }
)
_USES: Mapping[str, str] = MappingProxyType(
    {
        "id": "id",
        "name": "name",
        "code": "code",
        "status": "status",
        "valid_from": "in force from",
        "valid_to": "in force until",
        "place": "location",
        "capacity": "capacity",
        "occupancy": "people there",
        "free_places": "free places",
        "needs": "needs",
        "as_of": "time of these numbers",
        "water_level": "water level",
        "water_level_unit": "unit of the level",
        "measured_at": "time of measurement",
        "warning_level": "warning level",
        "danger_level": "danger level",
        "previous_level": "earlier level",
        "previous_at": "time of the earlier level",
        "population_count": "number of people",
        "level": "level of the hazard",
    }
)
_TIMES = frozenset({"valid_from", "valid_to", "as_of", "measured_at", "previous_at"})
_OTHERS: Mapping[str, str] = MappingProxyType({BY_CODE: "located by code", MISSING: "codes that no area layer has"})


def role_name(role: Role) -> str:
    """Return a role as one word, such as `Shelters`."""
    return ROLES[role].partition(":")[0]


def use_label(use: str) -> str:
    """Return what a column is used for, in words."""
    return _USES.get(use, use.replace("_", " "))


def property_lines(properties: Mapping[str, Any], role: Role | None, zone: tzinfo) -> Iterator[tuple[str, str]]:
    """Yield a label and a text of each property of a feature, those that are used with the role of its layer first."""
    filled = {
        str(name): value
        for name, value in properties.items()
        if value not in (None, "") and not isinstance(value, dict | list)
    }
    uses = _uses(tuple(filled), role)
    order = list(_USES)
    found: dict[tuple[str, str], None] = {}
    for name in sorted(filled, key=lambda name: min((order.index(u) for u in uses[name] if u in order), default=99)):
        label = use_label(uses[name][0]) if uses[name] else _OTHERS.get(name, " ".join(name.split("_")).strip() or name)
        found[label[:1].upper() + label[1:], _value(filled[name], uses[name], zone)] = None
    yield from found


def _uses(names: tuple[str, ...], role: Role | None) -> dict[str, tuple[str, ...]]:
    """Return what each property is used for: our own by their names, others as the columns of a file."""
    given: dict[str, str] = {
        name: name for name in ("id", "name", "code", "status", "valid_from", "valid_to") if name in names
    }
    if role is None:
        return {name: (name,) if name in _USES else () for name in names}
    return column_use(ColumnFacts(names, given, (), ()), (), role).uses


def _value(value: object, uses: tuple[str, ...], zone: tzinfo) -> str:
    """Return a number with its thousands, a time in the reader's zone, and anything else as it is."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int) and not {"id", "code", "name"}.intersection(uses):
        return number(value) if uses else str(value)
    ms = moment.read_ms(value) if _TIMES.intersection(uses) else None
    return str(value) if ms is None else short_time(ms, zone)
