"""GeoJSON, whole or newline-delimited, as raw rows."""

from __future__ import annotations

import codecs
import json
import math
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from crisismap.channels.file.lines import HEAD, Lines, western
from crisismap.channels.file.position import point_of_geometry
from crisismap.channels.file.rows import RawRow
from crisismap.core.errors import Invalid, Malformed, TooLarge, shorten
from crisismap.core.place.crs import crs_of_text, is_lon_lat, name_in_member, transformer_of
from crisismap.core.report.read_draft import finite_or_text
from crisismap.core.text.encoding import wide_encoding
from crisismap.problems import sentence

if TYPE_CHECKING:
    from pyproj import Transformer

_MOST_SYSTEMS = 20  # unknown ones that a note names
MAX_GEOJSON = 1 << 30  # limit of a file that is read as a whole


def read_geojson(path: Path, salvage: bool, notes: list[str]) -> list[RawRow]:
    if (size := path.stat().st_size) > MAX_GEOJSON:
        raise TooLarge("geojson_too_large", what=path.name, size=size, most=MAX_GEOJSON)
    data = path.read_bytes().removeprefix(codecs.BOM_UTF8)
    if wide := wide_encoding(data[:HEAD]):
        data = data.decode(wide, "replace").encode()
    try:
        document = msgspec.json.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        text = _decode(data, notes)
        return _parse_leniently(path.name, text, salvage, error, notes)
    return list(_rows(document, path.name, notes))


def read_geojson_lines(lines: Lines) -> Iterator[RawRow]:
    places = _Places(None, [])
    for line in lines:
        text = line.strip("\x1e \t\r\n")
        if not text:
            continue
        try:
            yield places.moved(_raw_row(_line(text)))
        except (ValueError, RecursionError) as error:
            yield RawRow(text, problem=Malformed("line_not_json", problem=shorten(str(error))))


def _line(text: str) -> Any:
    try:
        return msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeError):
        return _loads(text)


def _raw_row(item: Any) -> RawRow:
    """Return one item of a GeoJSON file: a Feature, or an object with the members of the API."""
    if not isinstance(item, dict):
        return RawRow(json.dumps(item), problem=Malformed("feature_not_an_object", given=shorten(item)))
    if item.get("type") != "Feature":
        return RawRow(item, item)
    properties = item.get("properties")
    if not isinstance(properties, dict | None):
        return RawRow(item, problem=Malformed("properties_not_an_object", given=shorten(properties)))
    return RawRow(item, properties or {}, item.get("geometry"))


def _features(document: Any, what: str) -> list[Any]:
    if isinstance(document, dict) and document.get("type") == "Feature":
        document = {"type": "FeatureCollection", "features": [document]}
    if not isinstance(document, dict) or not isinstance(document.get("features"), list):
        raise Malformed("not_a_collection", what=what)
    features: list[Any] = document["features"]
    return features


def _rows(document: Any, what: str, notes: list[str]) -> Iterator[RawRow]:
    """Yield the rows of a document, with places of another coordinate system in WGS 84, or as text."""
    features = _features(document, what)
    places = _Places(document.get("crs"), notes)
    for item in features:
        yield places.moved(_raw_row(item))


class _Places:
    """Moves places to WGS 84 by the old `crs` member of a file, a feature or a geometry."""

    def __init__(self, member: Any, notes: list[str]) -> None:
        self._member, self._notes = member, notes
        self._transformers: dict[str, Transformer | None] = {}  # by the member; None: already in WGS 84
        self._unknown: dict[str, Invalid] = {}
        if member is not None:
            with suppress(Invalid):
                self._transformer(member)

    def moved(self, row: RawRow) -> RawRow:
        """Return the row with its geometry in WGS 84; with one that is kept as text where that is not possible."""
        geometry = row.geometry
        if not isinstance(geometry, dict):
            return row
        own = geometry.get("crs", row.raw.get("crs") if isinstance(row.raw, dict) else None)
        member = self._member if own is None else own
        if member is None:
            return row
        try:
            transformer = self._transformer(member)
            point = None if transformer is None else point_of_geometry(geometry)
            if transformer is None or point is None:
                return row
            lon, lat = transformer.transform(*point)
            if math.isfinite(lon) and math.isfinite(lat):
                return replace(row, geometry={"type": "Point", "coordinates": [lon, lat]})
        except (Invalid, ValueError, TypeError, ArithmeticError):
            pass  # an unknown system, or no point of it: left as it is written
        return replace(row, geometry={"crs": member, "geometry": geometry})

    def _transformer(self, member: Any) -> Transformer | None:
        """Return the way to WGS 84, None where it is that; say once which systems there are. Raises Invalid."""
        key = json.dumps(member, sort_keys=True, default=str)
        if key in self._unknown:
            raise self._unknown[key]
        if key not in self._transformers:
            try:
                name = name_in_member(member)
                system = None if name is None else crs_of_text(name)
                is_known = system is None or is_lon_lat(system)
                self._transformers[key] = None if system is None or is_known else transformer_of(system)
            except Invalid as refusal:
                self._unknown[key] = refusal
                if len(self._unknown) <= _MOST_SYSTEMS:
                    self._notes.append(f"places are kept as text: {sentence(refusal)}")
                raise
            if system is not None and not is_known:
                self._notes.append(f"places reprojected from {system.name} to WGS 84")
        return self._transformers[key]


def _decode(data: bytes, notes: list[str]) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        notes.append(f"byte {error.start} is not UTF-8; the file was read as Windows-1252")
        return western(data)


def _parse_leniently(what: str, text: str, salvage: bool, error: Exception, notes: list[str]) -> list[RawRow]:
    """Parse what the strict parser refuses: NaN is text in one row; a truncated file is read when `salvage`."""
    try:
        return list(_rows(_loads(text), what, notes))
    except RecursionError:
        raise Malformed("json_too_deep", what=what) from None
    except ValueError as broken:
        where = f"line {broken.lineno}, column {broken.colno}" if isinstance(broken, json.JSONDecodeError) else ""
    whole, rest = _whole_features(text)
    cut = "ends in the middle" if "truncated" in str(error) else f"is not JSON ({error})"
    if not salvage or not whole:
        raise Malformed("file_cut", what=what, cut=cut, where=where, whole=len(whole))
    places = _Places(_member_before_features(text), notes)
    whole = [places.moved(row) for row in whole]
    return [*whole, RawRow(rest, problem=Malformed("feature_cut", cut=cut, where=where))]


def _loads(text: str) -> Any:
    return json.loads(text, parse_constant=str, parse_float=finite_or_text)


def _member_before_features(text: str) -> Any:
    """Return the `crs` member of a truncated file; None without one."""
    start = re.search(r'"crs"\s*:\s*', text.partition('"features"')[0])
    return json.JSONDecoder().raw_decode(text, start.end())[0] if start else None


def _whole_features(text: str) -> tuple[list[RawRow], str]:
    """Return the features before the first broken one, and the text from there on."""
    start = re.search(r'"features"\s*:\s*\[', text)
    place = start.end() if start else len(text)
    decoder = json.JSONDecoder(parse_constant=str, parse_float=finite_or_text)
    gap = re.compile(r"[\s,]*")
    found: list[RawRow] = []
    while place < len(text):
        if match := gap.match(text, place):
            place = match.end()
        try:
            item, place = decoder.raw_decode(text, place)
        except (ValueError, RecursionError):
            break
        found.append(_raw_row(item))
    return found, text[place:]
