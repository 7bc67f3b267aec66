"""Reports from files: GeoJSON, newline GeoJSON and CSV, row by row, by a mapping file or by the names of the API.

Long because a channel is one module: its mapping, its three formats and the file of refused rows belong together.
"""

from __future__ import annotations

import codecs
import csv
import hashlib
import json
import math
import os
import re
import shutil
import tomllib
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone, tzinfo
from pathlib import Path
from typing import IO, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec
import shapely
from shapely.errors import ShapelyError
from shapely.geometry import shape

from crisismap.core.errors import CrisismapError, Invalid, Malformed, Misconfigured, TooLarge, shorten
from crisismap.core.place.place import check_coordinates
from crisismap.problems import sentence

MAX_GEOJSON = 1 << 30  # bytes of a file that has to be read whole
MAX_LINE = 16 << 20  # bytes of one line
_MAX_CELL = 1 << 20  # characters; also how far an unclosed quote can run before it is noticed
_LINE_SUFFIXES = {".geojsonl", ".geojsons", ".ndjson", ".jsonl", ".ndgeojson"}
_FORMATS = ("geojson", "geojsonl", "csv")


# --- the mapping -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Pick:
    """Where one value comes from: a constant, the first field that has one, or a table of the field's values."""

    value: Any = None
    fields: tuple[str, ...] = ()
    values: Mapping[str, Any] = field(default_factory=dict)  # keys in lower case
    default: Any = None
    join: str = " "
    number: bool = False
    format: str = ""  # of a time, as strptime has it

    def one(self, row: Mapping[str, Any]) -> Any:
        """The value for a row, None where there is none."""
        for name in self.fields:
            found = _lookup(row, name)
            if found is None:
                continue
            if not self.values:
                return found
            key = _key(found)
            if key in self.values:
                return self.values[key]
        return self.default if self.value is None else self.value

    def joined(self, row: Mapping[str, Any], one_line: bool = False) -> str | None:
        """The texts of all fields, in order, each once; `one_line` takes runs of blanks as one."""
        texts = [_text(_lookup(row, name)) for name in self.fields]
        if one_line:
            texts = [text and " ".join(text.split()) for text in texts]
        words = self.join.join(dict.fromkeys(text for text in texts if text))
        return words or _text(self.value)


@dataclass(frozen=True, slots=True)
class ReportMapping:
    """How the rows of one source become reports. `name` begins the key of every report made with it."""

    name: str
    format: str = ""  # one of _FORMATS; "": told by the content
    encoding: str = ""  # "": UTF-8, and Windows-1252 for lines that are not
    lang: str | None = None
    zone: tzinfo | None = None  # of times that carry none
    bbox: tuple[float, float, float, float] | None = None  # west, south, east, north of the incident
    id: tuple[str, ...] = ()
    lon: str = ""
    lat: str = ""
    category: Pick = Pick()
    text: Pick = Pick()
    place: Pick = Pick()
    observed_at: Pick = Pick()
    people: Pick = Pick()
    asks: Pick = Pick()
    source: Pick = Pick()
    fields: Mapping[str, Pick] = field(default_factory=dict)
    consent: Mapping[str, Any] = field(default_factory=dict)

    def required(self) -> list[str]:
        """The names of fields without which no row makes sense."""
        category = [] if self.category.default or self.category.value else list(self.category.fields[:1])
        return [name for name in (*self.id, self.lon, self.lat, *category) if name]


_PICKS = ("category", "text", "place", "observed_at", "people", "asks", "source")
_TEXTS = ("name", "format", "encoding", "lang", "lon", "lat")
_CONSENT = {"publish": bool, "contact": bool, "version": str}


def load_mapping(path: Path) -> ReportMapping:
    """Read a mapping file. Raises Misconfigured, naming file and key."""
    try:
        with path.open("rb") as handle:
            table = tomllib.load(handle)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise Misconfigured("mapping_unreadable", file=path.name, problem=str(error)) from None
    try:
        return _mapping(table, path.stem)
    except (TypeError, ValueError, LookupError) as error:
        raise Misconfigured("unreadable", what=path.name, problem=error) from None


def _mapping(table: dict[str, Any], stem: str) -> ReportMapping:
    known = {*_TEXTS, *_PICKS, "id", "fields", "consent", "utc_offset", "timezone", "bbox"}
    if unknown := sorted(set(table) - known):
        raise ValueError(f"unknown key {unknown[0]}; there may be {', '.join(sorted(known))}")
    texts = {key: table[key] for key in _TEXTS if key in table}
    if wrong := [key for key, value in texts.items() if not isinstance(value, str) or not value]:
        raise ValueError(f"{wrong[0]} must be text")
    if texts.get("format", "csv") not in _FORMATS:
        raise ValueError(f"format must be one of {', '.join(_FORMATS)}")
    codecs.lookup(texts.get("encoding", "utf-8"))
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
        fields={name: _pick(spec, f"fields.{name}") for name, spec in table.get("fields", {}).items()},
        consent=_consent(table.get("consent", {})),
    )


def _pick(spec: Any, where: str) -> Pick:
    """A text is the name of a field; a table says more."""
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


def _consent(value: Any) -> dict[str, Any]:
    for key, one in value.items():
        if key not in _CONSENT or not isinstance(one, _CONSENT[key]):
            raise ValueError(f"consent.{key}: there may be publish, contact (true or false) and version (text)")
    return dict(value)


# --- rows ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a file: a report's body, or the reason why it is none.

    `number` counts data rows (features, lines) from 1. `body` has exactly the members POST /api/v1/reports takes.
    `raw` is the row as it stands in the file: a feature, the cells by column, or text that could not be parsed.
    `extras`: `asks` (true, false, or None: not said) and `geometry` (GeoJSON of a line or area, else None).
    """

    number: int
    body: dict[str, Any]
    lang: str | None
    source: str | None
    problem: str | None
    raw: dict[str, Any] | str
    extras: dict[str, Any]


class Reports(Iterator[Row]):
    """The rows of a file, one pass. `notes` fills while reading: remarks about the file as a whole."""

    def __init__(self, rows: Iterator[Row], notes: list[str]) -> None:
        self.notes = notes
        self._rows = rows

    def __next__(self) -> Row:
        return next(self._rows)


def read_reports(path: Path, mapping: ReportMapping | None = None, *, salvage: bool = False) -> Reports:
    """The rows of a file; without a mapping, columns and properties named like the members of the API are taken.

    CSV and newline GeoJSON stream; GeoJSON is read whole. `salvage` keeps the whole features of a GeoJSON file
    that was cut off. Raises, before the first row: Invalid (no plain file, a mapped column is absent), Malformed
    (empty, another format, broken as a whole), TooLarge.
    """
    kind = _format(path, mapping)
    notes: list[str] = []
    encoding = mapping.encoding if mapping else ""
    found: Iterable[_Found]
    if kind == "geojson":
        found = _checked(_geojson(path, salvage, notes), mapping, path.name)
    elif kind == "geojsonl":
        found = _geojsonl(_Lines(path, encoding, notes))
    else:
        found = _csv(_Lines(path, encoding, notes), mapping, path.name)
    return Reports(_rows(found, mapping), notes)


@dataclass(frozen=True, slots=True)
class _Found:
    """What a format hands on: properties and geometry, or why the row is broken; and the row as it was."""

    raw: dict[str, Any] | str
    properties: Mapping[str, Any] = field(default_factory=dict)
    geometry: Any = None
    problem: str | None = None


def _rows(found: Iterable[_Found], mapping: ReportMapping | None) -> Iterator[Row]:
    keys = _Keys(mapping)
    for number, one in enumerate(found, 1):
        body: dict[str, Any] = {}
        extras: dict[str, Any] = {"asks": None, "geometry": None}
        lang = source = None
        problem = one.problem
        if problem is None:
            try:
                point, extras["geometry"] = _position(one, mapping)
                body = _mapped(one.properties, mapping) if mapping else _plain(one.properties)
                body |= point
                extras["asks"] = mapping.asks.one(one.properties) if mapping else None
                lang = mapping.lang if mapping else _text(one.properties.get("lang"))
                source = _text(mapping.source.one(one.properties) if mapping else one.properties.get("source"))
                _check(body)
                body["client_id"] = body.get("client_id") or keys.next(one)
            except CrisismapError as error:
                problem = sentence(error)
        yield Row(number, body, lang, source, problem, one.raw, extras)


class _Keys:
    """Makes the keys by which a second import of the same file repeats nothing and equal rows stay two reports."""

    def __init__(self, mapping: ReportMapping | None) -> None:
        self._name = mapping.name if mapping else "file"
        self._fields = mapping.id if mapping else ()
        self._seen: Counter[int] = Counter()  # hashes of 8 bytes: small for files of millions of rows

    def next(self, found: _Found) -> str:
        parts = [_text(_lookup(found.properties, name)) for name in self._fields]
        if parts and all(parts):
            key = ":".join(part for part in parts if part)
        else:
            encoded = json.dumps(found.raw, sort_keys=True, separators=(",", ":"))
            key = hashlib.sha256(encoded.encode()).hexdigest()[:24]
        short = int.from_bytes(hashlib.blake2b(key.encode("utf-8", "replace"), digest_size=8).digest())
        self._seen[short] += 1
        nth = self._seen[short]
        return f"{self._name}:{key}" if nth == 1 else f"{self._name}:{key}#{nth}"


def _mapped(row: Mapping[str, Any], mapping: ReportMapping) -> dict[str, Any]:
    category = mapping.category.one(row)
    if category is None:
        said = [_lookup(row, name) for name in mapping.category.fields]
        raise Invalid("category", said[0] if said else None, "category_not_mapped")
    fields = {name: _scalar(name, pick.one(row), pick.number) for name, pick in mapping.fields.items()}
    body = {
        "category": category,
        "text": mapping.text.joined(row),
        "place": mapping.place.joined(row, one_line=True),
        "observed_at": _moment(mapping.observed_at, row, mapping.zone),
        "people": _whole("people", mapping.people.one(row)),
        "fields": {name: value for name, value in fields.items() if value is not None},
        "consent": dict(mapping.consent),
    }
    return {name: value for name, value in body.items() if value not in (None, {})}


def _plain(row: Mapping[str, Any]) -> dict[str, Any]:
    body: dict[str, Any] = {name: _text(row.get(name)) for name in ("category", "text", "place", "client_id")}
    body["observed_at"] = _moment(Pick(fields=("observed_at",)), row, None)
    body["people"] = _whole("people", row.get("people"))
    body["accuracy_m"] = _number("accuracy_m", row.get("accuracy_m"))
    for name in ("fields", "contact", "consent"):
        body[name] = _object(name, row)
    return {name: value for name, value in body.items() if value not in (None, {})}


def _check(body: dict[str, Any]) -> None:
    if "category" not in body:
        raise Invalid("category", None, "required")
    if not any(name in body for name in ("text", "fields", "lon", "place")):
        raise Invalid("text", None, "row_without_content")
    try:
        msgspec.json.encode(body)
    except UnicodeEncodeError:
        raise Invalid("text", ascii(body.get("text")), "half_a_character") from None


def _position(found: _Found, mapping: ReportMapping | None) -> tuple[dict[str, float], dict[str, Any] | None]:
    """lon and lat as members of the body, and the line or area they stand for."""
    if found.geometry is not None:
        lon, lat = _point(found.geometry)
        check_coordinates(lon, lat)
        drawn = None if found.geometry.get("type") == "Point" else found.geometry
        return {"lon": lon, "lat": lat}, drawn
    names = (mapping.lon, mapping.lat) if mapping and mapping.lon else ("lon", "lat")
    values = [_number(name, _lookup(found.properties, name)) for name in names]
    check_coordinates(*values)
    return {key: value for key, value in zip(("lon", "lat"), values, strict=True) if value is not None}, None


def _point(geometry: Any) -> tuple[float, float]:
    """The position of a point, a point on a line, a point inside an area."""
    if not isinstance(geometry, dict):
        raise Invalid("geometry", geometry, "not_a_geometry")
    if geometry.get("type") == "Point":
        match geometry.get("coordinates"):
            case [lon, lat, *_]:
                return _finite("lon", lon), _finite("lat", lat)
        raise Invalid("geometry", geometry, "point_needs_two")
    try:
        drawn = shape(geometry)
        if not drawn.is_valid:
            drawn = shapely.make_valid(drawn)
        point = drawn.representative_point()
        return float(point.x), float(point.y)
    except (ShapelyError, ArithmeticError, AttributeError, LookupError, TypeError, ValueError, RecursionError):
        raise Invalid("geometry", geometry, "geometry_unreadable") from None


# --- values ----------------------------------------------------------------------------------------------------


def _lookup(row: Mapping[str, Any], name: str) -> Any:
    """A field by its name, or by a path into nested objects; texts that are JSON objects are opened."""
    found: Any = row.get(name)
    if found is None and "." in name and name not in row:
        found = row
        for part in name.split("."):
            if isinstance(found, str) and found.lstrip().startswith("{"):
                try:
                    found = msgspec.json.decode(found)
                except (msgspec.DecodeError, RecursionError):
                    return None
            found = found.get(part) if isinstance(found, Mapping) else None
    return None if isinstance(found, str) and not found.strip() else found


def _key(value: Any) -> str:
    return ("true" if value else "false") if isinstance(value, bool) else str(value).strip().lower()


def _text(value: Any) -> str | None:
    """Text without padding; None for nothing at all and for blanks."""
    if value is None or isinstance(value, dict | list):
        return None
    text = _key(value) if isinstance(value, bool) else str(value)
    # As for every other way in: a NUL cannot be stored everywhere, and what it stood for is not guessed.
    return text.replace("\x00", "\ufffd").strip() or None


def _number(name: str, value: Any) -> float | None:
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    if isinstance(value, str):
        try:
            return _finite(name, float(value))
        except ValueError:
            pass
    return _finite(name, value)


def _finite(name: str, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Invalid(name, value, "not_a_number")
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise Invalid(name, number, "not_finite")
    return number


def _whole(name: str, value: Any) -> int | None:
    number = _number(name, value)
    if number is None or number == int(number):
        return None if number is None else int(number)
    raise Invalid(name, value, "not_a_whole_number")


def _scalar(name: str, value: Any, number: bool) -> str | float | bool | None:
    """One value of `fields`: numbers where the mapping says so, whole ones as whole ones; else as it is."""
    if number:
        figure = _number(f"fields.{name}", value)
        return int(figure) if figure is not None and figure == int(figure) else figure
    return value if isinstance(value, bool | int | float) else _text(value)


def _object(name: str, row: Mapping[str, Any]) -> dict[str, Any] | None:
    """A member that is an object: as it is, as JSON text, or from columns like contact.phone."""
    value = row.get(name)
    if isinstance(value, str) and value.strip():
        try:
            value = msgspec.json.decode(value)
        except (msgspec.DecodeError, RecursionError):
            raise Invalid(name, row.get(name), "not_a_json_object") from None
    if isinstance(value, dict):
        return value
    if value not in (None, ""):
        raise Invalid(name, value, "not_an_object")
    start = f"{name}."
    parts = {key.removeprefix(start): _text(cell) for key, cell in row.items() if key.startswith(start)}
    truth = {"true": True, "false": False} if name == "consent" else {}
    return {key: truth.get(cell.lower(), cell) for key, cell in parts.items() if cell} or None


def _moment(pick: Pick, row: Mapping[str, Any], zone: tzinfo | None) -> str | None:
    """The time as RFC 3339; without a zone in the row and in the mapping it stays without."""
    text = _text(pick.one(row))
    if text is None:
        return None
    try:
        moment = datetime.strptime(text, pick.format) if pick.format else datetime.fromisoformat(text)  # noqa: DTZ007
    except ValueError:
        raise Invalid("observed_at", text, "unreadable_time") from None
    if moment.tzinfo is None and zone is not None:
        moment = moment.replace(tzinfo=zone)
    return moment.isoformat()


# --- formats ---------------------------------------------------------------------------------------------------


def _format(path: Path, mapping: ReportMapping | None) -> str:
    """What the file is, told by its content. Raises Invalid and Malformed; the latter also when a mapping differs."""
    head = _head(path)
    text = head.removeprefix(codecs.BOM_UTF8).lstrip()
    if not text.strip(b"\x00 \r\n\t"):
        raise Malformed("file_empty", what=path.name)
    wide = head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    if text.startswith((b"<", b"PK\x03\x04", b"%PDF")) or (b"\x00" in head and not wide):
        raise Malformed("not_geojson_or_csv", what=path.name)
    table = text[:1] not in (b"{", b"[", b"\x1e")
    if mapping and mapping.format and (mapping.format == "csv") != table:
        raise Malformed("not_the_mapped_format", what=path.name, format=mapping.format, mapping=mapping.name)
    if table:
        return "csv"
    first, _, rest = text.partition(b"\n")
    lines = first.rstrip().endswith(b"}") and rest.lstrip(b"\x1e \r\n\t").startswith(b"{")
    marked = text[:1] == b"\x1e" or path.suffix.lower() in _LINE_SUFFIXES
    return "geojsonl" if lines or marked else "geojson"


def _head(path: Path) -> bytes:
    if path.is_dir():
        raise Invalid("file", path.name, "file_is_folder")
    if not path.is_file():
        raise Invalid("file", path.name, "no_file")
    try:
        with path.open("rb") as handle:
            return handle.read(1 << 16)
    except OSError as error:
        raise Invalid("file", path.name, "file_not_opened", problem=error.strerror) from None


def _feature(item: Any) -> _Found:
    """One item of a GeoJSON file: a Feature, or an object with the members of the API."""
    if not isinstance(item, dict):
        return _Found(json.dumps(item), problem=f"a feature must be an object (got {shorten(item)})")
    if item.get("type") != "Feature":
        return _Found(item, item)
    properties = item.get("properties")
    if not isinstance(properties, dict | None):
        return _Found(item, problem=f"properties: must be an object (got {shorten(properties)})")
    return _Found(item, properties or {}, item.get("geometry"))


def _geojson(path: Path, salvage: bool, notes: list[str]) -> list[_Found]:
    if (size := path.stat().st_size) > MAX_GEOJSON:
        raise TooLarge("geojson_too_large", what=path.name, size=size, most=MAX_GEOJSON)
    data = path.read_bytes().removeprefix(codecs.BOM_UTF8)
    try:
        document = msgspec.json.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        text = _decoded(data, notes)
        return _second_look(path.name, text, salvage, error)
    return [_feature(item) for item in _features(document, path.name)]


def _features(document: Any, what: str) -> list[Any]:
    if isinstance(document, dict) and document.get("type") == "Feature":
        document = {"type": "FeatureCollection", "features": [document]}
    if not isinstance(document, dict) or not isinstance(document.get("features"), list):
        raise Malformed("not_a_collection", what=what)
    crs = document.get("crs")
    if crs is not None and not re.search(r"CRS84|EPSG:+(?:[\d.]*:)?4326", json.dumps(crs)):
        raise Invalid("crs", crs, "not_wgs84")
    features: list[Any] = document["features"]
    return features


def _decoded(data: bytes, notes: list[str]) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        notes.append(f"byte {error.start} is not UTF-8; the file was read as Windows-1252")
        return _western(data)


def _second_look(what: str, text: str, salvage: bool, error: Exception) -> list[_Found]:
    """What the strict parser refuses: NaN costs one row, not the file; a file cut off is read when told to."""
    try:
        return [_feature(item) for item in _features(json.loads(text), what)]
    except RecursionError:
        raise Malformed("json_too_deep", what=what) from None
    except ValueError as broken:
        where = f"line {broken.lineno}, column {broken.colno}" if isinstance(broken, json.JSONDecodeError) else ""
    whole, rest = _whole_features(text)
    cut = "ends in the middle" if "truncated" in str(error) else f"is not JSON ({error})"
    if not salvage or not whole:
        raise Malformed("file_cut", what=what, cut=cut, where=where, whole=len(whole))
    return [*whole, _Found(rest, problem=f"the file {cut} at {where}")]


def _whole_features(text: str) -> tuple[list[_Found], str]:
    """The features before the first broken one, and the text from there on."""
    start = re.search(r'"features"\s*:\s*\[', text)
    place = start.end() if start else len(text)
    decoder, gap = json.JSONDecoder(), re.compile(r"[\s,]*")
    found: list[_Found] = []
    while place < len(text):
        if match := gap.match(text, place):
            place = match.end()
        try:
            item, place = decoder.raw_decode(text, place)
        except (ValueError, RecursionError):
            break
        found.append(_feature(item))
    return found, text[place:]


class _Lines(Iterator[str]):
    """The lines of a file, decoded one by one, so that one bad byte costs one line; lines can be given back."""

    def __init__(self, path: Path, encoding: str, notes: list[str]) -> None:
        self.back: deque[str] = deque()
        self._encoding, self._notes, self._name = encoding, notes, path.name
        self._handle = _open(path)
        self._number = 0
        self._fallback = ""

    def __del__(self) -> None:
        self._handle.close()  # also when the reader stops in the middle

    def __next__(self) -> str:
        if self.back:
            return self.back.popleft()
        line = self._handle.readline(MAX_LINE)
        if not line:
            raise StopIteration
        self._number += 1
        if len(line) >= MAX_LINE:
            raise Malformed("line_too_long", what=self._name, line=self._number, most=MAX_LINE)
        if self._number == 1:
            line = line.removeprefix(codecs.BOM_UTF8)
        if self._encoding:
            return line.decode(self._encoding, "surrogateescape")
        try:
            return line.decode()
        except UnicodeDecodeError:
            if not self._fallback:
                self._fallback = f"line {self._number} is not UTF-8; such lines were read as Windows-1252"
                self._notes.append(self._fallback)
            return _western(line)


def _open(path: Path) -> IO[bytes]:
    handle = path.open("rb")
    if handle.peek(2)[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        return codecs.EncodedFile(handle, "utf-8", "utf-16")
    return handle


def _western(line: bytes) -> str:
    """Windows-1252; Latin-1 for the five bytes it lacks."""
    try:
        return line.decode("cp1252")
    except UnicodeDecodeError:
        return line.decode("latin-1")


def _geojsonl(lines: _Lines) -> Iterator[_Found]:
    for line in lines:
        text = line.strip("\x1e \t\r\n")
        if not text:
            continue
        try:
            yield _feature(msgspec.json.decode(text))
        except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
            yield _Found(text, problem=f"the line is not JSON ({shorten(str(error))})")


def _csv(lines: _Lines, mapping: ReportMapping | None, what: str) -> Iterator[_Found]:
    cells, delimiter = _header(lines, what)
    header = _unique([name.strip() if mapping else name.strip().lower() for name in cells])
    _require(header, mapping, what)
    return _table(lines, header, delimiter)


def _header(lines: _Lines, what: str) -> tuple[list[str], str]:
    """The column names as they are written, and the sign between the cells."""
    first = next(lines, "")
    delimiter = max(",;\t|", key=first.count)
    lines.back.appendleft(first)
    cells, _ = next(_records(lines, delimiter), (None, []))
    if cells is None:
        raise Malformed("no_header", what=what)
    return cells, delimiter


def _table(lines: _Lines, header: list[str], delimiter: str) -> Iterator[_Found]:
    for cells, taken in _records(lines, delimiter):
        while cells and len(cells) > len(header) and not cells[-1].strip():
            cells.pop()
        problem = None
        if cells is None or _left_open(taken):
            problem = "a quotation mark is opened and never closed, or the row is cut off"
        elif len(cells) != len(header):
            problem = f"{len(cells)} cells under {len(header)} column names"
        if problem or cells is None:
            # The lines after the first may be good rows that a stray quotation mark swallowed.
            lines.back.extendleft(reversed(taken[1:]))
            yield _Found(taken[0].rstrip("\r\n"), problem=problem)
            continue
        row = dict(zip(header, cells, strict=True))
        yield _Found(row, row, problem=_undecoded(row))


def _records(lines: _Lines, delimiter: str) -> Iterator[tuple[list[str] | None, list[str]]]:
    """Rows of cells (None: cannot be told apart), each with the lines it was made of; blank ones are skipped."""
    csv.field_size_limit(_MAX_CELL)
    while True:
        taken: list[str] = []

        def tapped(taken: list[str] = taken) -> Iterator[str]:
            for line in lines:
                taken.append(line)
                yield line

        try:
            cells = next(csv.reader(tapped(), delimiter=delimiter), None)
        except csv.Error:
            yield None, taken
            continue
        if cells is None:
            return
        if any(cell.strip() for cell in cells):
            yield cells, taken


def _left_open(taken: list[str]) -> bool:
    """Whether the file ended inside a quoted cell: only then can the marks of a row be odd in number."""
    ended = len(taken) > 1 or not taken[-1].endswith(("\r", "\n"))
    return ended and sum(line.count('"') for line in taken) % 2 == 1


def _undecoded(row: dict[str, str]) -> str | None:
    """Names the first cell with bytes that are not in the mapping's encoding."""
    for name, cell in row.items():
        bad = next((letter for letter in cell if "\udc80" <= letter <= "\udcff"), None)
        if bad:
            return f"{name}: byte 0x{ord(bad) - 0xDC00:02X} is not in the encoding the mapping names"
    return None


def _unique(names: list[str]) -> list[str]:
    seen: Counter[str] = Counter()
    unique = []
    for name in names:
        seen[name] += 1
        unique.append(name if seen[name] == 1 else f"{name}_{seen[name]}")
    return unique


def _checked(found: list[_Found], mapping: ReportMapping | None, what: str) -> list[_Found]:
    good = [one for one in found if one.problem is None]
    if good:
        _require(list(dict.fromkeys(name for one in good for name in one.properties)), mapping, what)
    return found


def _require(names: list[str], mapping: ReportMapping | None, what: str) -> None:
    there = ", ".join(name for name in names if name) or "none"
    for name in mapping.required() if mapping else ["category"]:
        if name not in names and name.partition(".")[0] not in names:
            hint = f"; the mapping {mapping.name} needs it" if mapping else "; a mapping file can say what is what"
            raise Invalid("columns", name, "no_column", what=what, known=shorten(there, 400), hint=hint)


# --- refused rows ----------------------------------------------------------------------------------------------


def write_rejects(path: Path, rejects: Iterable[Row], folder: Path | None = None) -> Path | None:
    """Write refused rows beside the file (or into `folder`) as FILE.rejects.csv or .geojsonl, with the reason.

    The rows keep their content, so that they can be mended and imported again. None when there are none.
    """
    rows = iter(rejects)
    first = next(rows, None)
    if first is None:
        return None
    table = _format(path, None) == "csv"
    target = (folder or path.parent) / f"{path.name}.rejects.{'csv' if table else 'geojsonl'}"
    part = target.with_name(target.name + ".part")
    with part.open("w", encoding="utf-8", errors="surrogateescape", newline="") as sink:
        write = _write_table if table else _write_lines
        write(sink, _again(first, rows), path)
    shutil.copymode(path, part)  # as private as the original
    os.replace(part, target)
    return target


def _again(first: Row, rest: Iterator[Row]) -> Iterator[Row]:
    yield first
    yield from rest


def _write_table(sink: IO[str], rows: Iterator[Row], path: Path) -> None:
    lines = _Lines(path, "", [])
    cells, delimiter = _header(lines, path.name)
    writer = csv.writer(sink, delimiter=delimiter, lineterminator="\n")
    writer.writerow(["reason", "row", *cells])
    for row in rows:
        kept = [row.raw] if isinstance(row.raw, str) else list(row.raw.values())
        writer.writerow([row.problem, row.number, *kept])


def _write_lines(sink: IO[str], rows: Iterator[Row], path: Path) -> None:
    for row in rows:
        item = {"type": "Feature", "geometry": None, "properties": {"raw": row.raw}}
        kept = item if isinstance(row.raw, str) else row.raw
        marked = {**kept, "reason": row.problem, "row": row.number}
        line = json.dumps(marked, ensure_ascii=False)
        try:
            line.encode("utf-8", "surrogateescape")
        except UnicodeEncodeError:  # half a character: only its escape can be written
            line = json.dumps(marked)
        sink.write(line + "\n")
