"""The JSON of ArcGIS servers that do not answer GeoJSON (`f=json`), as GeoJSON members."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from shapely import LinearRing, Point, Polygon
from shapely.errors import ShapelyError

from crisismap.core.errors import Malformed

_WGS84 = 4326
_SIGNS = frozenset({"fields", "spatialReference", "geometryType", "objectIdFieldName", "displayFieldName"})


class _EsriFeature(msgspec.Struct):
    attributes: dict[str, Any] = {}
    geometry: dict[str, Any] | None = None


class _EsriSystem(msgspec.Struct):
    wkid: int | None = None
    latestWkid: int | None = None  # noqa: N815 - as the format spells it
    wkt: str = ""


class _EsriFeatures(msgspec.Struct):
    features: list[_EsriFeature]
    objectIdFieldName: str = ""  # noqa: N815
    spatialReference: _EsriSystem | None = None  # noqa: N815


def is_esri(members: Mapping[str, Any]) -> bool:
    """Return whether an object has the features of an ArcGIS server in its own JSON."""
    return "type" not in members and "features" in members and not _SIGNS.isdisjoint(members)


def as_geojson(body: bytes, what: str) -> dict[str, msgspec.Raw]:
    """Return the members of a FeatureCollection with the same features; other members as they are.

    Raises Malformed. A geometry that GeoJSON does not have, such as a curve, keeps its name as its type.
    """
    try:
        found = msgspec.json.decode(body, type=_EsriFeatures)
        others = msgspec.json.decode(body, type=dict[str, msgspec.Raw])
    except (msgspec.MsgspecError, RecursionError) as problem:
        raise Malformed("unreadable", what=what, problem=str(problem)) from None
    members: dict[str, Any] = {name: value for name, value in others.items() if name != "spatialReference"}
    features = [_feature(each, found.objectIdFieldName) for each in found.features]
    members |= {"type": "FeatureCollection", "features": features}
    system = _system(found.spatialReference)
    if system:
        members["crs"] = {"type": "name", "properties": {"name": system}}
    return {name: msgspec.Raw(msgspec.json.encode(value)) for name, value in members.items()}


def _feature(feature: _EsriFeature, id_field: str) -> dict[str, Any]:
    number = feature.attributes.get(id_field)
    identity = {"id": number} if isinstance(number, int | str) else {}
    return {"type": "Feature", **identity, "geometry": _geometry(feature.geometry), "properties": feature.attributes}


def _system(system: _EsriSystem | None) -> str:
    """Return the name of a system, "" for WGS 84 and for none."""
    if system is None:
        return ""
    number = system.latestWkid or system.wkid
    if number == _WGS84:
        return ""
    return f"EPSG:{number}" if number else system.wkt


def _geometry(shape: dict[str, Any] | None) -> dict[str, Any] | None:
    match shape:
        case None | {"x": None | "NaN"}:
            return None
        case {"x": x, "y": y}:
            return {"type": "Point", "coordinates": [x, y]}
        case {"points": points}:
            return {"type": "MultiPoint", "coordinates": points}
        case {"paths": paths}:
            return {"type": "MultiLineString", "coordinates": paths}
        case {"rings": rings}:
            return _polygons(rings)
        case {"xmin": west, "ymin": south, "xmax": east, "ymax": north}:
            ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
            return {"type": "Polygon", "coordinates": [ring]}
    return {"type": next(iter(shape), "?")} if shape else None


def _polygons(rings: Any) -> dict[str, Any] | None:
    """Return rings in any order as polygons: outer ones run clockwise, and each other one is a hole of one of them."""
    try:
        shapes = [(ring, LinearRing([position[:2] for position in ring])) for ring in rings if ring]
    except (ShapelyError, TypeError, ValueError):
        return {"type": "Polygon", "coordinates": rings}  # refused with the reason where GeoJSON is built
    if not shapes:
        return None
    outer = [(ring, Polygon(shape)) for ring, shape in shapes if not shape.is_ccw]
    holes = [(ring, shape) for ring, shape in shapes if shape.is_ccw]
    if not outer:  # written in the order of GeoJSON
        outer, holes = [(ring, Polygon(shape)) for ring, shape in holes], []
    polygons: list[list[Any]] = [[ring] for ring, _ in outer]
    for ring, shape in holes:
        at = _smallest_around(shape, [polygon for _, polygon in outer])
        if at is None:
            polygons.append([ring])
        else:
            polygons[at].append(ring)
    return {"type": "MultiPolygon", "coordinates": polygons}


def _smallest_around(hole: LinearRing, polygons: Sequence[Polygon]) -> int | None:
    first = Point(hole.coords[0])
    around = [(polygon.area, at) for at, polygon in enumerate(polygons) if polygon.covers(first)]
    return min(around)[1] if around else None
