"""The account of a file's columns: what each was used for, which were not used, and which of those look important.

Every column stays with the features as it is. Used is what the merge, the lists or the maps read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from crisismap.core.layer import facility, gauge, population, road
from crisismap.core.layer.layer import WARNING, ColumnUse, Role
from crisismap.core.text.table_names import column_by_name
from crisismap.layers.formats.raw import RawFeature, RawLayer, left_out
from crisismap.layers.normalise.column_words import ColumnKind, column_kind, is_other_name
from crisismap.layers.normalise.field_guesses import FieldChoice

# What each role reads by the name that a column has, beside what the mapping names.
_SHELTER = {
    "capacity": facility.CAPACITY,
    "occupancy": facility.OCCUPANCY,
    "free_places": facility.FREE,
    "needs": facility.NEEDS,
    "as_of": facility.AS_OF,
}
_CONTEXT = {
    "water_level": gauge.LEVEL,
    "water_level_unit": gauge.UNIT,
    "measured_at": gauge.MEASURED,
    "warning_level": gauge.WARNING,
    "danger_level": gauge.DANGER,
    "previous_level": gauge.PREVIOUS,
    "previous_at": gauge.PREVIOUS_AT,
}
_HAZARD = {name: (name,) for name in ("severity", "certainty", "urgency", "level")}
_BY_ROLE: dict[Role, Mapping[str, Sequence[str]]] = {
    Role.SHELTER: _SHELTER,
    Role.CONTEXT: _CONTEXT,
    Role.HAZARD: _HAZARD,
    Role.TRANSPORT: {"kind": road.KINDS},
}
_READERS: dict[str, Callable[[Any], object]] = {
    **dict.fromkeys(("capacity", "occupancy", "free_places"), facility.people_count),
    "water_level": str,  # `_is_no_gauge` decides, as the unit and the marks count too
    "as_of": facility.as_moment,
}
_OF_KML = frozenset({"tessellate", "extrude", "visibility", "draworder", "altitudemode", "icon", "timestamp"})
_PLACES = frozenset({ColumnKind.LON, ColumnKind.LAT, ColumnKind.POINT, ColumnKind.SHAPE})


def column_use(
    raw: RawLayer, features: Sequence[RawFeature], choice: FieldChoice, ours: Mapping[str, str], role: Role
) -> ColumnUse:
    """Return which columns of the used features are used for what, and which are not; empty ones do not count.

    `ours`: our names of the columns that the mapping names.
    """
    names = _filled(features)
    chosen = {"id": choice.id, "name": choice.name, "code": choice.code, "status": choice.status}
    chosen |= {"valid_from": choice.valid_from, "valid_to": choice.valid_to}
    used = {what: name for what, name in chosen.items() if name in names} | dict(ours)
    for what, known in _BY_ROLE.get(role, {}).items():
        if what not in used and (found := column_by_name(names, known)) is not None:
            used[what] = found
    counts = [name for name in names if role in (Role.AREA, Role.CONTEXT) and population.is_population(name)]
    if counts:
        used.setdefault("population_count", " and ".join(counts))
    if raw.place_columns:
        used["place"] = " and ".join(raw.place_columns)
    known_names = {*used.values(), *raw.place_columns, *counts}
    unused = tuple(name for name in names if name not in known_names and not is_other_name(name))
    doubtful = {name: kind for name in unused if (kind := _doubt(name, role, used)) is not None}
    return ColumnUse(used, unused, doubtful)


def column_notes(use: ColumnUse) -> list[str]:
    """Return the sentences on the columns that were not used, those that look important first, as a warning."""
    notes = []
    if use.doubtful:
        named = [f"“{name}”: {kind}" for name, kind in use.doubtful.items()]
        notes.append(f"{WARNING}{left_out('columns that look important', named)}")
    plain = [name for name in use.unused if name not in use.doubtful]
    if plain:
        notes.append(left_out("other columns, kept with the features", plain))
    return notes


def unread_rows(features: Iterable[RawFeature], use: ColumnUse) -> dict[str, list[int]]:
    """Return for each used column with values that cannot be read, as a phrase, the rows of those values."""
    readers = {what: (use.used[what], read) for what, read in _READERS.items() if what in use.used}
    found: dict[str, list[int]] = {}
    for feature in features:
        for what, (name, read) in readers.items():
            value = feature.properties.get(name)
            if value not in (None, "") and (read(value) is None or _is_no_gauge(what, value, feature)):
                found.setdefault(_phrase(what, name), []).append(feature.row)
    return found


def _is_no_gauge(what: str, value: Any, feature: RawFeature) -> bool:
    return what == "water_level" and gauge.gauge_of({**feature.properties, what: value}) is None


def _phrase(what: str, name: str) -> str:
    if what == "water_level":
        return f"“{name}” is no reading"
    if what == "as_of":
        return f"{WARNING}“{name}” is no time that can be read, left as text"
    return f"{WARNING}“{name}” is no whole number of people, left as text, so that {what} is unknown"


def _filled(features: Sequence[RawFeature]) -> list[str]:
    """Return the names of the columns that have a value in some feature, in order of first occurrence."""
    names = dict.fromkeys(name for feature in features for name in feature.properties)
    empty = {name for name in names if name.lower() not in _OF_KML}
    found = set()
    for feature in features:
        if not empty:
            break
        present = {name for name in empty if feature.properties.get(name) not in (None, "")}
        found |= present
        empty -= present
    return [name for name in names if name in found]


def _doubt(name: str, role: Role, used: Mapping[str, str]) -> str | None:
    """Return what an unused column looks like; None for nothing that matters in a layer of this role."""
    kind = column_kind(name)
    if kind is None or (kind in _PLACES and "place" not in used):
        return None  # the geometry of the file itself is the place, and columns often repeat it
    if kind is ColumnKind.PLACE and role in (Role.AREA, Role.CONTEXT):
        return None  # areas have the names of the areas around them
    return str(kind)
