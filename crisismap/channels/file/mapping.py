"""Mappings: a TOML file that defines how the rows of one source become reports."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta, timezone, tzinfo
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from crisismap.channels.file.values import lookup, table_key, text_of
from crisismap.core.errors import Invalid, Misconfigured, shorten
from crisismap.core.text.encoding import UTF8, python_encoding

FORMATS = ("geojson", "geojsonl", "csv")
KEYS = ("row", "content")

_PICKS = ("category", "text", "place", "accuracy_m", "observed_at", "people", "asks", "source", "client_id")

_TEXTS = ("name", "key", "format", "encoding", "sheet", "lang", "lang_field", "lon", "lat")

CONTACT = ("phone", "email", "name")
OBJECTS = ("fields", "contact", "consent")

_CONSENT = {"publish": bool, "contact": bool, "version": str}


@dataclass(frozen=True, slots=True)
class Pick:
    """The source of one value: a constant, the first field that has one, or a table of the field's values."""

    value: Any = None
    fields: tuple[str, ...] = ()
    values: Mapping[str, Any] = field(default_factory=dict)  # keys in lower case
    default: Any = None
    join: str = " "
    number: bool = False
    format: str = ""  # of a time, in strptime notation

    def one(self, row: Mapping[str, Any]) -> Any:
        """Return the value for a row, None where there is none."""
        for name in self.fields:
            found = lookup(row, name)
            if found is None:
                continue
            if not self.values:
                return found
            key = table_key(found)
            if key in self.values:
                return self.values[key]
        return self.default if self.value is None else self.value

    def joined_text(self, row: Mapping[str, Any], one_line: bool = False) -> str | None:
        """Return the texts of all fields, in order, each once; `one_line` collapses whitespace."""
        texts = [text_of(lookup(row, name)) for name in self.fields]
        if one_line:
            texts = [text and " ".join(text.split()) for text in texts]
        value = self.join.join(dict.fromkeys(text for text in texts if text))
        return value or text_of(self.value)


@dataclass(frozen=True, slots=True)
class ReportMapping:
    """The mapping of one source. `name` begins the key of every report made with it."""

    name: str
    key: str = "row"  # one of KEYS: a row without an id is known by all its cells, or by what is read of it
    format: str = ""  # one of FORMATS; "": detected by content
    encoding: str = ""  # "": detected by content
    sheet: str = ""  # of a workbook with several
    lang: str | None = None
    lang_field: str = ""
    zone: tzinfo | None = None  # of times without a zone
    bbox: tuple[float, float, float, float] | None = None  # west, south, east, north of the incident
    id: tuple[str, ...] = ()
    lon: str = ""
    lat: str = ""
    position: tuple[str, ...] = ()  # with a place as WKT, GeoJSON, "lat, lon", a link; other text is its words
    category: Pick = Pick()
    text: Pick = Pick()
    place: Pick = Pick()
    accuracy_m: Pick = Pick()
    observed_at: Pick = Pick()
    people: Pick = Pick()
    asks: Pick = Pick()
    source: Pick = Pick()
    client_id: Pick = Pick()
    fields: Mapping[str, Pick] = field(default_factory=dict)
    contact: Mapping[str, Pick] = field(default_factory=dict)
    consent: Mapping[str, Any] = field(default_factory=dict)
    objects: tuple[str, ...] = ()  # of OBJECTS: taken from columns of these names, as the API takes them

    def required(self) -> list[str]:
        """Return the names of the required fields."""
        category = [] if self.category.default or self.category.value else list(self.category.fields[:1])
        return [name for name in (*self.id, self.lon, self.lat, *category) if name]

    def columns(self) -> dict[str, str]:
        """Return the member of a report, or "id", by the name of the field or path that it is read from."""
        members = dict.fromkeys(self.id, "id")
        members |= dict.fromkeys(self.position, "position")
        members |= {self.lon: "lon", self.lat: "lat", self.lang_field: "lang"}
        for member in _PICKS:
            members |= dict.fromkeys(getattr(self, member).fields, member)
        for table in ("fields", "contact"):
            for member, pick in getattr(self, table).items():
                members |= dict.fromkeys(pick.fields, f"{table}.{member}")
        members |= {name: name for name in self.objects}
        members.pop("", None)
        return members


def load_mapping(path: Path) -> ReportMapping:
    """Return the mapping of a file. Raises Misconfigured, naming file and key."""
    try:
        with path.open("rb") as handle:
            table = tomllib.load(handle)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise Misconfigured("mapping_unreadable", file=path.name, problem=str(error)) from None
    try:
        return _mapping(table, path.stem)
    except (TypeError, ValueError, LookupError) as error:
        raise Misconfigured("unreadable", what=path.name, problem=str(error)) from None


def require_columns(names: Iterable[str], mapping: ReportMapping, what: str) -> None:
    """Raise Invalid naming a required column that is not there."""
    known = list(names)
    there = ", ".join(name for name in known if name) or "none"
    by_hand = mapping.category != Pick()
    for name in mapping.required() if by_hand else ["category"]:
        if name not in known and name.partition(".")[0] not in known:
            hint = f"; the mapping {mapping.name} needs it" if by_hand else "; a mapping file can say what is what"
            raise Invalid("columns", name, "no_column", what=what, known=shorten(there, 400), hint=hint)


def mapping_text(mapping: ReportMapping, remark: str) -> str:
    """Return a guessed mapping as a mapping file: fields by member, no tables of values."""

    def quoted(names: Iterable[str]) -> str:
        texts = [json.dumps(name, ensure_ascii=False) for name in names]
        return texts[0] if len(texts) == 1 else f"[{', '.join(texts)}]"

    lines = [f"# {line}" for line in remark.splitlines()]
    lines += [f"{name} = {quoted([value])}" for name in _TEXTS if (value := getattr(mapping, name))]
    for name in ("position", "objects"):
        if names := getattr(mapping, name):
            lines.append(f"{name} = [{', '.join(quoted([each]) for each in names)}]")
    picks = [(name, pick) for name in _PICKS if (pick := getattr(mapping, name)).fields]
    lines += [f"{name} = {_pick_text(pick, quoted)}" for name, pick in picks]
    for table in ("fields", "contact"):
        entries: Mapping[str, Pick] = getattr(mapping, table)
        if entries:
            lines += ["", f"[{table}]", *(f"{quoted([name])} = {_pick_text(p, quoted)}" for name, p in entries.items())]
    return "\n".join(lines) + "\n"


def _pick_text(pick: Pick, quoted: Callable[[Iterable[str]], str]) -> str:
    if len(pick.fields) == 1:
        return quoted(pick.fields)
    return f"{{ fields = {quoted(pick.fields)}, join = {quoted([pick.join])} }}"


def _mapping(table: dict[str, Any], stem: str) -> ReportMapping:
    keys = {*_TEXTS, *_PICKS, "id", "position", "fields", "contact", "consent", "objects"}
    keys |= {"utc_offset", "timezone", "bbox"}
    if unknown := sorted(set(table) - keys):
        raise ValueError(f"unknown key {unknown[0]}; there may be {', '.join(sorted(keys))}")
    texts = {key: table[key] for key in _TEXTS if key in table}
    if wrong := [key for key, value in texts.items() if not isinstance(value, str) or not value]:
        raise ValueError(f"{wrong[0]} must be text")
    if texts.get("format", "csv") not in FORMATS:
        raise ValueError(f"format must be one of {', '.join(FORMATS)}")
    if texts.get("key", "row") not in KEYS:
        raise ValueError(f"key must be one of {', '.join(KEYS)}")
    if python_encoding(texts.get("encoding", UTF8)) is None:
        raise ValueError(f"encoding: there is none of the name {texts['encoding']}")
    if ("lon" in texts) != ("lat" in texts):
        raise ValueError("lon and lat come together")
    if "category" not in table:
        raise ValueError("category is missing")
    picks: dict[str, Any] = {name: _pick(table[name], name) for name in _PICKS if name in table}
    return ReportMapping(
        **{"name": stem} | texts,
        **picks,
        zone=_zone(table),
        bbox=_bbox(table.get("bbox")),
        id=_names(table.get("id", []), "id"),
        position=_names(table.get("position", []), "position"),
        contact=_contact(table.get("contact", {})),
        objects=_objects(table.get("objects", [])),
        fields={name: _pick(spec, f"fields.{name}") for name, spec in table.get("fields", {}).items()},
        consent=_consent(table.get("consent", {})),
    )


def _pick(spec: Any, where: str) -> Pick:
    """Return the value source of a spec: a text is the name of a field, a table has more options."""
    if isinstance(spec, str):
        return Pick(fields=(spec,))
    if not isinstance(spec, dict):
        raise ValueError(f"{where} must be the name of a field or a table")
    allowed = {"value", "field", "fields", "values", "default", "join", "number", "format"}
    if unknown := sorted(set(spec) - allowed):
        raise ValueError(f"{where} has an unknown key {unknown[0]}; it may have {', '.join(sorted(allowed))}")
    names = _names(spec.get("fields", spec.get("field", [])), where)
    if not names and "value" not in spec:
        raise ValueError(f"{where} names neither a field nor a value")
    kept = {key: spec[key] for key in ("value", "default", "join", "number", "format") if key in spec}
    values = {str(key).strip().lower(): value for key, value in spec.get("values", {}).items()}
    return Pick(fields=names, values=values, **kept)


def _names(value: Any, where: str) -> tuple[str, ...]:
    names = [value] if isinstance(value, str) else value
    if not isinstance(names, list) or not all(isinstance(name, str) and name for name in names):
        raise ValueError(f"{where} must name fields")
    return tuple(names)


def _zone(table: dict[str, Any]) -> tzinfo | None:
    if "timezone" in table:
        try:
            return ZoneInfo(table["timezone"])
        except (ZoneInfoNotFoundError, ValueError, TypeError):
            raise ValueError(f"there is no timezone {table['timezone']}") from None
    if "utc_offset" not in table:
        return None
    match = re.fullmatch(r"([+-])([01]\d):([0-5]\d)", str(table["utc_offset"]))
    if match is None:
        raise ValueError(f"utc_offset: write it like +07:00 (got {table['utc_offset']})")
    offset = timedelta(hours=int(match[2]), minutes=int(match[3]))
    return timezone(-offset if match[1] == "-" else offset)


def _bbox(value: Any) -> tuple[float, float, float, float] | None:
    if value is None:
        return None
    west, south, east, north = (float(number) for number in value)
    if not (-180 <= west <= 180 and -180 <= east <= 180 and -90 <= south < north <= 90):
        raise ValueError("bbox must be west, south, east, north in degrees")
    return west, south, east, north


def _contact(table: dict[str, Any]) -> dict[str, Pick]:
    if unknown := sorted(set(table) - set(CONTACT)):
        raise ValueError(f"contact.{unknown[0]}: there may be {', '.join(CONTACT)}")
    return {name: _pick(spec, f"contact.{name}") for name, spec in table.items()}


def _objects(value: Any) -> tuple[str, ...]:
    names = _names(value, "objects")
    if unknown := sorted(set(names) - set(OBJECTS)):
        raise ValueError(f"objects: there is no {unknown[0]}; there may be {', '.join(OBJECTS)}")
    return names


def _consent(value: Any) -> dict[str, Any]:
    for key, one in value.items():
        if key not in _CONSENT or not isinstance(one, _CONSENT[key]):
            raise ValueError(f"consent.{key}: there may be publish, contact (true or false) and version (text)")
    return dict(value)
