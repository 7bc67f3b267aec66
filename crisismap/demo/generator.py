"""The official layers of the demo as GeoJSON.

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

GeoJson = dict[str, Any]

LICENCE = "CC0-1.0"
ATTRIBUTION = "Made up by the crisismap demo"


def layers(seed: int) -> list[tuple[Layer, GeoJson]]:
    """Return the official layers with their FeatureCollections (RFC 7946, six decimals), in drawing order."""
    town = city(seed)
    return [
        demo_layer("wards", "Wards", Role.AREA, _wards(seed, town)),
        demo_layer("water", "Rivers and lakes", Role.CONTEXT, _waters(town)),
        demo_layer("flood-zones", "Flood zones", Role.HAZARD, _zones(town)),
        demo_layer("roads", "Roads and bridges", Role.TRANSPORT, _roads(town)),
        demo_layer("shelters", "Shelters", Role.SHELTER, _shelters(town)),
        demo_layer("places", "Place names", Role.CONTEXT, _places(town)),
    ]


def demo_layer(id_: str, title: str, role: Role, features: list[GeoJson]) -> tuple[Layer, GeoJson]:
    """Return a layer and its FeatureCollection, which say that they are made up."""
    layer = Layer(id_, title, role, LICENCE, ATTRIBUTION, made_up=True)
    head = {"title": title, "licence": LICENCE, "attribution": ATTRIBUTION, "made_up": True}
    return layer, {"type": "FeatureCollection", **head, "features": features}


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
        feature(f"W-{i:03}", name, shape, population=rng.randrange(14_000, 52_000, 100))
        for i, (shape, name) in enumerate(zip(town.wards, town.ward_names, strict=True), 1)
    ]


def _waters(town: City) -> list[GeoJson]:
    waters = enumerate(town.ground.waters, 1)
    return [feature(f"WA-{i:02}", water.name, lonlat(water.shape), kind=water.kind) for i, water in waters]


def _zones(town: City) -> list[GeoJson]:
    zones = enumerate(town.zones, 1)
    return [feature(f"FZ-{i:02}", zone.name, lonlat(zone.shape), level=zone.level) for i, zone in zones]


def _roads(town: City) -> list[GeoJson]:
    roads = enumerate(town.roads, 1)
    return [
        feature(f"R-{i:03}", road.name, lonlat(road.shape), status=road.status, kind=road.kind) for i, road in roads
    ]


def _shelters(town: City) -> list[GeoJson]:
    features = []
    for i, shelter in enumerate(town.shelters, 1):
        more = {"status": shelter.status, "capacity": shelter.capacity, "occupancy": shelter.occupancy}
        features.append(feature(f"S-{i:02}", shelter.name, point_shape(shelter.x, shelter.y), **more))
    return features


def _places(town: City) -> list[GeoJson]:
    return [
        feature(f"P-{i:03}", point.name, point_shape(point.x, point.y), kind=point.kind, name_ta=point.name_ta)
        for i, point in enumerate(town.hoods + town.landmarks, 1)
    ]


def point_shape(x: float, y: float) -> shapely.Point:
    """Return a point in degrees of one in metres."""
    return shapely.Point(point_lonlat(x, y))
