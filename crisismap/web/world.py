"""The offline basemap: TopoJSON of npm `world-atlas` (Natural Earth, public domain) read into GeoJSON.

A TopoJSON file holds quantised arcs shared by neighbours; a ring is a list of arc numbers, `~n` meaning arc n
backwards. Format: TopoJSON 1.0, section 2.1.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from shapely import make_valid, set_precision, union_all
from shapely.affinity import translate
from shapely.geometry import MultiPolygon, Polygon, box, mapping
from shapely.geometry.base import BaseGeometry
from shapely.ops import linemerge

from crisismap.core.place.mercator import MAX_LAT

Arc = NDArray[np.float64]  # (n, 2) degrees, lon lat

_EDGE = 179.999
_DECIMALS = 3  # about 100 m: the source is drawn at 1:50 million
_MERCATOR_LIMIT = round(MAX_LAT + 0.01, 2)  # a little beyond the edge, so that no seam shows there


def arcs_of(topology: dict[str, Any]) -> list[Arc]:
    """Return every arc in degrees, shape (n, 2)."""
    scale = np.array(topology["transform"]["scale"])
    origin = np.array(topology["transform"]["translate"])
    return [np.cumsum(np.array(arc, dtype=np.float64), axis=0) * scale + origin for arc in topology["arcs"]]


def land(topology: dict[str, Any]) -> dict[str, Any]:
    """Return the land as one RFC 7946 feature collection of valid polygons that never cross the antimeridian."""
    arcs = arcs_of(topology)
    polygons: list[Polygon] = []
    for geometry in topology["objects"]["land"]["geometries"]:
        for rings in _polygons(geometry):
            polygons.extend(_parts(_tidy(_within(_continuous(arcs, rings)))))
    return _collection({"kind": "land"}, (mapping(p.normalize().reverse()) for p in polygons))


def borders(topology: dict[str, Any]) -> dict[str, Any]:
    """Return boundaries between two countries as lines, without coasts and the cut at 180 degrees."""
    arcs = arcs_of(topology)
    uses: Counter[int] = Counter()
    for geometry in topology["objects"]["countries"]["geometries"]:
        for rings in _polygons(geometry):
            uses.update(n if n >= 0 else ~n for ring in rings for n in ring)
    shared = [arcs[n] for n, times in uses.items() if times > 1]
    lines = [np.round(arc, _DECIMALS) for arc in shared if np.abs(arc[:, 0]).max() < _EDGE]
    merged = linemerge([line for line in lines if not np.array_equal(line.min(axis=0), line.max(axis=0))])
    return _collection({"kind": "border"}, (mapping(line) for line in getattr(merged, "geoms", [merged])))


def dump(collection: dict[str, Any]) -> bytes:
    """Return compact UTF-8 JSON."""
    return json.dumps(collection, separators=(",", ":")).encode()


def _polygons(geometry: dict[str, Any]) -> list[list[list[int]]]:
    """Return the arc numbers of a Polygon or MultiPolygon, as polygons of rings; empty for other types."""
    kind = geometry.get("type")
    if kind == "Polygon":
        return [geometry["arcs"]]
    return list(geometry["arcs"]) if kind == "MultiPolygon" else []


def _ring(arcs: Sequence[Arc], numbers: Sequence[int]) -> Arc:
    """Return one closed ring as the source has it. Adjacent arcs share their end point, which is kept once."""
    parts = [arcs[n] if n >= 0 else arcs[~n][::-1] for n in numbers]
    return np.concatenate([parts[0], *(part[1:] for part in parts[1:])])


def _continuous(arcs: Sequence[Arc], rings: Sequence[Sequence[int]]) -> BaseGeometry:
    """Return a polygon whose longitudes continue past 180 degrees where the source jumps to the other side.

    The source is stitched together at the antimeridian, for globes; a ring that goes all the way round lies about
    the south pole and is closed there.
    """
    shell, *holes = (_unwrapped(_ring(arcs, ring)) for ring in rings)
    valid = make_valid(Polygon(shell))
    for hole in holes:
        turns = round((shell[:, 0].mean() - hole[:, 0].mean()) / 360)
        valid = valid.difference(make_valid(Polygon(hole + [360 * turns, 0])))
    return valid


def _unwrapped(ring: Arc) -> Arc:
    running = ring.copy()
    running[:, 0] = np.unwrap(ring[:, 0], period=360)
    if abs(running[-1, 0] - running[0, 0]) > 180:
        poles = [[running[-1, 0], -90.0], [running[0, 0], -90.0]]
        return np.concatenate([running, poles])
    return running


def _within(shape: BaseGeometry) -> BaseGeometry:
    """Cut a shape at 180 degrees and move the part beyond back into the range that maps show."""
    limit = _MERCATOR_LIMIT
    pieces = [
        translate(shape.intersection(box(360 * turn - 180, -limit, 360 * turn + 180, limit)), xoff=-360 * turn)
        for turn in (-1, 0, 1)
    ]
    return union_all(pieces)


def _tidy(shape: BaseGeometry) -> BaseGeometry:
    """Make a shape valid and round it, which removes slivers that a cut left."""
    return set_precision(make_valid(shape), 10**-_DECIMALS)


def _parts(shape: BaseGeometry) -> Iterator[Polygon]:
    if isinstance(shape, Polygon):
        if not shape.is_empty:
            yield shape
    elif isinstance(shape, MultiPolygon) or hasattr(shape, "geoms"):
        for part in shape.geoms:
            yield from _parts(part)


def _collection(properties: dict[str, str], geometries: Iterator[dict[str, Any]]) -> dict[str, Any]:
    features = [
        {"type": "Feature", "properties": properties, "geometry": _rounded(geometry)} for geometry in geometries
    ]
    return {"type": "FeatureCollection", "features": features}


def _rounded(geometry: dict[str, Any]) -> dict[str, Any]:
    return {"type": geometry["type"], "coordinates": _round(geometry["coordinates"])}


def _round(value: Any) -> Any:
    return round(value, _DECIMALS) if isinstance(value, float) else [_round(item) for item in value]
