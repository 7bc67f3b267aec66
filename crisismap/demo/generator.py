"""The generated data of the demo: official layers as GeoJSON, and reports.

Everything is drawn from the seed: the same seed gives the same bytes. Nothing is copied from a real map.
"""

from __future__ import annotations

from typing import Any

import shapely
from shapely.geometry.base import BaseGeometry

from crisismap.core.layer.layer import Layer, Role
from crisismap.demo.city.city import City, city
from crisismap.demo.city.plane import lonlat, point_lonlat, polygons
from crisismap.demo.dice import dice
from crisismap.demo.reports import DemoReport, reports

__all__ = ["DemoReport", "feature", "layers", "reports"]

GeoJson = dict[str, Any]

LICENCE = "CC0-1.0"
ATTRIBUTION = "Made up by the crisismap demo"


def layers(seed: int) -> list[tuple[Layer, GeoJson]]:
    """Return the official layers with their FeatureCollections (RFC 7946, six decimals), in drawing order."""
    town = city(seed)
    made = (
        ("wards", "Wards", Role.AREA, _wards(seed, town)),
        ("water", "Rivers and lakes", Role.CONTEXT, _waters(town)),
        ("flood-zones", "Flood zones", Role.HAZARD, _zones(town)),
        ("roads", "Roads and bridges", Role.TRANSPORT, _roads(town)),
        ("shelters", "Shelters", Role.SHELTER, _shelters(town)),
        ("places", "Place names", Role.CONTEXT, _places(town)),
    )
    found: list[tuple[Layer, GeoJson]] = []
    for id_, title, role, features in made:
        layer = Layer(id_, title, role, LICENCE, ATTRIBUTION, made_up=True)
        head = {"title": title, "licence": LICENCE, "attribution": ATTRIBUTION, "made_up": True}
        found.append((layer, {"type": "FeatureCollection", **head, "features": features}))
    return found


def feature(code: str, name: str, shape: BaseGeometry, **more: Any) -> GeoJson:
    """Return a GeoJSON feature; `id` and `code` are the same text, `shape` is in degrees."""
    return {
        "type": "Feature",
        "id": code,
        "properties": {"id": code, "name": name, "code": code, **more},
        "geometry": shapely.geometry.mapping(_orient(shape)),
    }


def _orient(shape: BaseGeometry) -> BaseGeometry:
    """Return polygons with outer rings counter-clockwise, as RFC 7946 requires; one polygon stays single."""
    if shape.geom_type not in ("Polygon", "MultiPolygon", "GeometryCollection"):
        return shape
    parts = [shapely.geometry.polygon.orient(p) for p in polygons(shape)]
    return parts[0] if len(parts) == 1 else shapely.MultiPolygon(parts)


def _wards(seed: int, town: City) -> list[GeoJson]:
    rng = dice(seed, "population")
    return [
        feature(f"W-{i + 1:03}", name, shape, population=rng.randrange(14_000, 52_000, 100))
        for i, (shape, name) in enumerate(zip(town.wards, town.ward_names, strict=True))
    ]


def _waters(town: City) -> list[GeoJson]:
    return [
        feature(f"WA-{i + 1:02}", water.name, lonlat(water.shape), kind=water.kind)
        for i, water in enumerate(town.ground.waters)
    ]


def _zones(town: City) -> list[GeoJson]:
    return [
        feature(f"FZ-{i + 1:02}", zone.name, lonlat(zone.shape), level=zone.level) for i, zone in enumerate(town.zones)
    ]


def _roads(town: City) -> list[GeoJson]:
    return [
        feature(f"R-{i + 1:03}", road.name, lonlat(road.shape), status=road.status, kind=road.kind)
        for i, road in enumerate(town.roads)
    ]


def _shelters(town: City) -> list[GeoJson]:
    return [
        feature(
            f"S-{i + 1:02}",
            shelter.name,
            shapely.Point(point_lonlat(shelter.x, shelter.y)),
            status=shelter.status,
            capacity=shelter.capacity,
            occupancy=shelter.occupancy,
        )
        for i, shelter in enumerate(town.shelters)
    ]


def _places(town: City) -> list[GeoJson]:
    return [
        feature(
            f"P-{i + 1:03}",
            spot.name,
            shapely.Point(point_lonlat(spot.x, spot.y)),
            kind=spot.kind,
            name_ta=spot.name_ta,
        )
        for i, spot in enumerate(town.hoods + town.landmarks)
    ]
