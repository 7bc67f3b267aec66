"""GeoJSON, whole or newline-delimited, as raw rows."""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from crisismap.channels.file.lines import HEAD, Lines, western
from crisismap.channels.file.rows import RawRow
from crisismap.core.errors import Invalid, Malformed, TooLarge, shorten
from crisismap.core.report.read_draft import finite_or_text
from crisismap.core.text.encoding import wide_encoding

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
        return _parse_leniently(path.name, text, salvage, error)
    return [_raw_row(item) for item in _features(document, path.name)]


def read_geojson_lines(lines: Lines) -> Iterator[RawRow]:
    for line in lines:
        text = line.strip("\x1e \t\r\n")
        if not text:
            continue
        try:
            yield _raw_row(_line(text))
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
    crs = document.get("crs")
    if crs is not None and not re.search(r"CRS84|EPSG:+(?:[\d.]*:)?4326", json.dumps(crs)):
        raise Invalid("crs", crs, "not_wgs84")
    features: list[Any] = document["features"]
    return features


def _decode(data: bytes, notes: list[str]) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        notes.append(f"byte {error.start} is not UTF-8; the file was read as Windows-1252")
        return western(data)


def _parse_leniently(what: str, text: str, salvage: bool, error: Exception) -> list[RawRow]:
    """Parse what the strict parser refuses: NaN is text in one row; a truncated file is read when `salvage`."""
    try:
        return [_raw_row(item) for item in _features(_loads(text), what)]
    except RecursionError:
        raise Malformed("json_too_deep", what=what) from None
    except ValueError as broken:
        where = f"line {broken.lineno}, column {broken.colno}" if isinstance(broken, json.JSONDecodeError) else ""
    whole, rest = _whole_features(text)
    cut = "ends in the middle" if "truncated" in str(error) else f"is not JSON ({error})"
    if not salvage or not whole:
        raise Malformed("file_cut", what=what, cut=cut, where=where, whole=len(whole))
    return [*whole, RawRow(rest, problem=Malformed("feature_cut", cut=cut, where=where))]


def _loads(text: str) -> Any:
    return json.loads(text, parse_constant=str, parse_float=finite_or_text)


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
