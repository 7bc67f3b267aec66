"""GeoJSON (RFC 7946): reports as one collection or one feature per line, and layers with right-hand rings."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
import shapely
from shapely.geometry import mapping
from shapely.geometry.base import BaseGeometry

from crisismap.core import moment
from crisismap.core.layer.layer import Feature, LayerVersion
from crisismap.exports.format import ReportTable

GRID = 1e-6  # degrees, about 0.1 m


def geojson(reports: ReportTable) -> Iterator[bytes]:
    """Yield a FeatureCollection with the members revision, `handling` and in the demo `made_up`."""
    members = b"".join(b"%b," % member for member in _members(reports, f"{reports.care} {reports.taken_by}".strip()))
    yield b'{"type":"FeatureCollection","revision":%d,%b"features":[\n' % (reports.revision, members)
    separator = b""
    for part in filter(None, reports.features()):
        yield separator + b",\n".join(part)
        separator = b",\n"
    yield b"\n]}\n"


def geojsonl(reports: ReportTable) -> Iterator[bytes]:
    """Yield one feature per line; each has `made_up` and `handling`, because the format has no head."""
    end = b"".join(b",%b" % member for member in _members(reports, reports.care)) + b"}\n"
    for part in reports.features():
        yield b"".join(feature[:-1] + end for feature in part)


def _members(reports: ReportTable, handling: str) -> Iterator[bytes]:
    """Yield members of the whole file, as foreign members that RFC 7946 (6.1) allows."""
    if reports.made_up:
        yield b'"made_up":true'
    if handling:
        yield b'"handling":%b' % msgspec.json.encode(handling)


def layer_geojson(version: LayerVersion, made_up: bool) -> bytes:
    """Return a FeatureCollection; features without geometry have null."""
    layer = version.layer
    head: dict[str, Any] = {
        "type": "FeatureCollection",
        "title": layer.title,
        "role": str(layer.role),
        "version": version.version,
        "loaded_at": moment.rfc3339(version.loaded_at_ms),
        "licence": layer.licence,
        "attribution": layer.attribution,
        "made_up": made_up,
    }
    return msgspec.json.encode({**head, "features": [_feature(feature) for feature in version.features]})


def _feature(feature: Feature) -> dict[str, Any]:
    members = {"name": feature.name, "code": feature.code, "status": feature.status}
    validity = {
        name: moment.rfc3339(ms)
        for name, ms in (("valid_from", feature.valid_from_ms), ("valid_to", feature.valid_to_ms))
        if ms is not None
    }
    return {
        "type": "Feature",
        "id": feature.id,
        "geometry": geometry_json(feature.geometry),
        "properties": {**feature.properties, **members, **validity},
    }


def geometry_json(geometry: BaseGeometry | None) -> dict[str, Any] | None:
    """Return a geometry as GeoJSON by RFC 7946; None stays None."""
    if geometry is None:
        return None
    rounded = shapely.set_precision(geometry, GRID, mode="pointwise")
    # RFC 7946 section 3.1.6: exterior rings counter-clockwise.
    oriented = shapely.orient_polygons(rounded, exterior_cw=False)
    result: dict[str, Any] = mapping(oriented)
    return result
