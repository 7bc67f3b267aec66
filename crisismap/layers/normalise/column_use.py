"""The account of a file's columns: what each was used for, which were not used, and which of those look important.

Every column stays with the features as it is. Used is what the merge, the lists or the maps read, which depends on the
role of the layer: `with_role` makes the account anew.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from crisismap.core.layer import facility, gauge, population, road
from crisismap.core.layer.layer import WARNING, ColumnFacts, ColumnUse, Feature, LayerVersion, Role
from crisismap.core.text.table_names import columns_by_name
from crisismap.layers.formats.raw import RawFeature, RawLayer, left_out, row_numbers
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


def column_facts(
    raw: RawLayer, features: Sequence[RawFeature], choice: FieldChoice, ours: Mapping[str, str]
) -> ColumnFacts:
    """Return what is known of a file's columns before its role is; empty ones do not count.

    `features`: those that are used. `ours`: our names of the columns that the mapping names.
    """
    names = _filled(features)
    chosen = {"id": choice.id, "name": choice.name, "code": choice.code, "status": choice.status}
    chosen |= {"valid_from": choice.valid_from, "valid_to": choice.valid_to}
    given = {what: name for what, name in chosen.items() if name in names} | dict(ours)
    return ColumnFacts(tuple(names), given, raw.place_columns, tuple(feature.row for feature in features))


def with_role(version: LayerVersion, role: Role) -> LayerVersion:
    """Return a version that was read before with this role, and with the account of its columns made for it."""
    layer, columns = replace(version.layer, role=role), version.columns
    if columns is None or role is version.layer.role:
        return replace(version, layer=layer)
    new = column_use(columns.file, version.features, role)
    notes = tuple(note for note in version.notes if note not in columns.notes)
    return replace(version, layer=layer, columns=new, notes=(*notes, *new.notes))


def column_use(file: ColumnFacts, features: Sequence[Feature], role: Role) -> ColumnUse:
    """Return which columns of the features of a file are used for what with a role, which are not, and the notes."""
    by_use: dict[str, tuple[str, ...]] = {what: (name,) for what, name in file.given.items()}
    for what, known in _BY_ROLE.get(role, {}).items():
        # The merge reads the terms of warnings under exactly these names, all others however they are written.
        found = (
            [name for name in file.names if name in known]
            if role is Role.HAZARD
            else columns_by_name(file.names, known)
        )
        by_use[what] = tuple(dict.fromkeys((*by_use.get(what, ()), *found)))
    if role in (Role.AREA, Role.CONTEXT):
        counts = tuple(name for name in file.names if population.is_population(name))
        by_use["population_count"] = by_use.get("population_count", ()) or counts
    else:
        counts = ()
    by_use = {what: columns for what, columns in {**by_use, "place": file.place}.items() if columns}
    uses: dict[str, list[str]] = {name: [] for name in dict.fromkeys((*file.names, *file.place))}
    for what, columns in by_use.items():
        for name in columns:
            uses.setdefault(name, []).append(what)
    unused = tuple(n for n, what in uses.items() if not what and n not in counts and not is_other_name(n))
    doubtful = {name: kind for name in unused if (kind := _doubt(name, role, by_use)) is not None}
    return ColumnUse(
        {what: " and ".join(columns) for what, columns in by_use.items()},
        {name: tuple(what) for name, what in uses.items()},
        unused,
        doubtful,
        (*_unread(features, file.rows, by_use), *_left(unused, doubtful)),
        file,
    )


def _left(unused: Sequence[str], doubtful: Mapping[str, str]) -> Iterator[str]:
    """Yield the sentences on the columns that were not used, those that look important first, as a warning."""
    if doubtful:
        named = [f"“{name}”: {kind}" for name, kind in doubtful.items()]
        yield f"{WARNING}{left_out('columns that look important', named)}"
    plain = [name for name in unused if name not in doubtful]
    if plain:
        yield left_out("other columns, kept with the features", plain)


def _unread(features: Sequence[Feature], rows: Sequence[int], by_use: Mapping[str, Sequence[str]]) -> list[str]:
    """Return sentences on the values of used columns that cannot be read, with their rows."""
    readers = [(what, by_use[what], read) for what, read in _READERS.items() if what in by_use]
    found: dict[str, list[int]] = {}
    for feature, row in zip(features, rows, strict=True) if readers else ():
        for what, names, read in readers:
            filled = [name for name in names if feature.properties.get(name) not in (None, "")]
            values = [feature.properties[name] for name in filled]
            if filled and (all(read(value) is None for value in values) or _is_no_gauge(what, values[0], feature)):
                found.setdefault(_phrase(what, filled[0]), []).append(row)
    return [f"{phrase}: {row_numbers(numbers)}" for phrase, numbers in found.items()]


def _is_no_gauge(what: str, value: Any, feature: Feature) -> bool:
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


def _doubt(name: str, role: Role, used: Mapping[str, Sequence[str]]) -> str | None:
    """Return what an unused column looks like; None for nothing that matters in a layer of this role."""
    kind = column_kind(name)
    if kind is None or (kind in _PLACES and "place" not in used):
        return None  # the geometry of the file itself is the place, and columns often repeat it
    if kind is ColumnKind.PLACE and role in (Role.AREA, Role.CONTEXT):
        return None  # areas have the names of the areas around them
    return str(kind)
