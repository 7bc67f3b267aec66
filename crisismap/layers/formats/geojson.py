"""A GeoJSON parser of our own: general readers open other files and guess where they should report an error."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from crisismap.core.errors import Invalid, Malformed, shorten
from crisismap.layers.formats.raw import RawFeature, RawLayer
from crisismap.layers.formats.strict_json import decode
from crisismap.layers.normalise.coordinates import build

_GEOMETRIES = {
    "Point",
    "MultiPoint",
    "LineString",
    "MultiLineString",
    "Polygon",
    "MultiPolygon",
    "GeometryCollection",
}


class _Collection(msgspec.Struct):
    """Features as raw JSON, decoded one by one: a complete object tree takes nine times the file's size in memory."""

    type: Literal["FeatureCollection"]
    features: list[msgspec.Raw]
    crs: Any = msgspec.UNSET


def parse(data: bytes, what: str) -> RawLayer:
    """Return the features of a FeatureCollection, a Feature, a bare geometry, or newline-delimited Features.

    Raises Malformed (not GeoJSON) and Invalid (an unusable `crs` member).
    """
    lines = _lines(data)
    if lines is not None:
        items = [decode(line, f"{what}, line {number}") for number, line in lines]
        return RawLayer([_feature(row, item) for row, item in enumerate(items, 1)], None, True)
    collection = _collection(data)
    if collection is not None:
        crs = _crs(collection.crs)
        raw = enumerate(collection.features, 1)
        features = [_feature(row, decode(bytes(item), f"{what}, feature {row}")) for row, item in raw]
        return RawLayer(features, crs, collection.crs is msgspec.UNSET)
    document = decode(data, what)
    if not isinstance(document, dict):
        raise Malformed("not_a_geojson_object", what=what, given=_article(document))
    kind = document.get("type")
    if kind == "FeatureCollection":
        raise Malformed("no_list_of_features", what=what)
    if kind != "Feature" and not (isinstance(kind, str) and kind in _GEOMETRIES):
        raise Malformed("not_geojson", what=what, given=shorten(kind))
    return RawLayer([_feature(1, document)], _crs(document.get("crs")), "crs" not in document)


def _collection(data: bytes) -> _Collection | None:
    """Return the collection with its features as bytes; None for anything else, also for invalid JSON."""
    try:
        return msgspec.json.decode(data.removeprefix(b"\xef\xbb\xbf"), type=_Collection)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def _lines(data: bytes) -> list[tuple[int, bytes]] | None:
    """Return the numbered lines of newline-delimited JSON (record separators allowed); None for a single document."""
    first, _, rest = data.removeprefix(b"\xef\xbb\xbf").lstrip().partition(b"\n")
    if not first.rstrip().endswith(b"}") or not rest.lstrip(b" \t\r\n\x1e").startswith(b"{"):
        return None
    pieces = ((number, line.strip(b"\x1e \t\r")) for number, line in enumerate(data.split(b"\n"), 1))
    return [(number, line) for number, line in pieces if line]


def _feature(row: int, item: Any) -> RawFeature:
    if not isinstance(item, dict):
        return RawFeature(row, None, None, {}, f"a feature must be an object, not {_article(item)}")
    is_feature = item.get("type") == "Feature"
    properties = item.get("properties") if is_feature else {}
    geometry, problem, repaired = build(item.get("geometry") if is_feature else item)
    if not isinstance(properties, dict):
        properties = {}
    return RawFeature(row, _id(item.get("id")) if is_feature else None, geometry, properties, problem, repaired)


def _id(value: Any) -> str | None:
    return str(value) if isinstance(value, str | int | float) and not isinstance(value, bool) else None


def _crs(member: object) -> str | None:
    """Return the name in the old `crs` member, which many publishers still write; None without one or for null."""
    if member is None or member is msgspec.UNSET:
        return None
    properties = member.get("properties") if isinstance(member, dict) else None
    name = properties.get("name") if isinstance(properties, dict) else None
    if not isinstance(name, str):
        raise Invalid("crs", member, "crs_without_name")
    return name


def _article(value: Any) -> str:
    names = {list: "a list", str: "text", bool: "true or false", type(None): "null", dict: "an object"}
    return names.get(type(value), "a number")
