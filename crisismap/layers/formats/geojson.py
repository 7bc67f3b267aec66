"""A GeoJSON parser of our own: general readers open other files and guess where they should report an error."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from crisismap.core.errors import Invalid, Malformed, shorten
from crisismap.core.place.crs import name_in_member, plain_name
from crisismap.layers.formats import esri_json
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

    Raises Malformed (not GeoJSON).
    """
    systems = _Systems()
    lines = _lines(data)
    if lines is not None:
        items = [decode(line, f"{what}, line {number}") for number, line in lines]
        return systems.layer([_feature(row, item, systems) for row, item in enumerate(items, 1)])
    collection = _collection(data)
    if collection is not None:
        systems.add(collection.crs)
        raw = enumerate(collection.features, 1)
        return systems.layer(
            [_feature(row, decode(bytes(item), f"{what}, feature {row}"), systems) for row, item in raw]
        )
    document = decode(data, what)
    if not isinstance(document, dict):
        raise Malformed("not_a_geojson_object", what=what, given=_article(document))
    kind = document.get("type")
    if kind is None and esri_json.is_esri(document):
        return parse(msgspec.json.encode(esri_json.as_geojson(data.removeprefix(b"\xef\xbb\xbf"), what)), what)
    if kind == "FeatureCollection":
        raise Malformed("no_list_of_features", what=what)
    if kind != "Feature" and not (isinstance(kind, str) and kind in _GEOMETRIES):
        raise Malformed("not_geojson", what=what, given=shorten(kind))
    return systems.layer([_feature(1, document, systems)])


class _Systems:
    """The old `crs` members of a file, which many publishers still write: of the collection, features or geometries."""

    def __init__(self) -> None:
        self._members: dict[bytes, Any] = {}

    def add(self, member: Any) -> None:
        """Take a member, each once; UNSET for none."""
        if member is not msgspec.UNSET:
            self._members[msgspec.json.encode(member, order="sorted")] = member

    def layer(self, features: list[RawFeature]) -> RawLayer:
        """Return the layer in the system that the members name."""
        try:
            given = [name_in_member(member) for member in self._members.values()]
        except Invalid as refusal:
            return RawLayer(features, crs_problem=refusal)
        names = {None if name is None else plain_name(name) for name in given}
        problem = Invalid("crs", ", ".join(map(str, given)), "crs_mixed") if len(names) > 1 else None
        return RawLayer(features, given[0] if given else None, not self._members, crs_problem=problem)


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


def _feature(row: int, item: Any, systems: _Systems) -> RawFeature:
    if not isinstance(item, dict):
        return RawFeature(row, None, None, {}, f"a feature must be an object, not {_article(item)}")
    is_feature = item.get("type") == "Feature"
    properties = item.get("properties") if is_feature else {}
    shape = item.get("geometry") if is_feature else item
    geometry, problem, repaired = build(shape)
    for each in (item, shape):
        if isinstance(each, dict) and "crs" in each:
            systems.add(each["crs"])
    if not isinstance(properties, dict):
        properties = {}
    return RawFeature(row, _id(item.get("id")) if is_feature else None, geometry, properties, problem, repaired)


def _id(value: Any) -> str | None:
    return str(value) if isinstance(value, str | int | float) and not isinstance(value, bool) else None


def _article(value: Any) -> str:
    names = {list: "a list", str: "text", bool: "true or false", type(None): "null", dict: "an object"}
    return names.get(type(value), "a number")
