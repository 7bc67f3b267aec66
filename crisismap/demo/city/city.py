"""The whole generated city in one value, cached per seed."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import shapely
from shapely.geometry.base import BaseGeometry

from crisismap.demo.city import places
from crisismap.demo.city.floods import Zone, zones
from crisismap.demo.city.places import DemoShelter, NamedPoint
from crisismap.demo.city.roads import Road, backbone, roads
from crisismap.demo.city.terrain import Terrain, shore, terrain
from crisismap.demo.city.wards import ward_shapes
from crisismap.demo.dice import dice
from crisismap.demo.inputs import inputs


@dataclass(frozen=True, slots=True)
class City:
    """Everything that the layers show and the reports mention. Wards are in degrees, the rest in metres."""

    ground: Terrain
    wards: tuple[shapely.Polygon, ...]
    ward_names: tuple[str, ...]
    zones: tuple[Zone, ...]
    flooded: BaseGeometry
    roads: tuple[Road, ...]
    hoods: tuple[NamedPoint, ...]
    landmarks: tuple[NamedPoint, ...]
    shelters: tuple[DemoShelter, ...]


@lru_cache(maxsize=2)
def city(seed: int) -> City:
    """Return the city of this seed (about two seconds at first)."""
    names = inputs("names")
    name_pairs = places.name_list(seed)
    rng = dice(seed, "lake-names")
    lakes = [f"{name} {rng.choice(names['lake_words'])}" for name, _ in name_pairs[-names["lakes_per_city"] :]]
    base = shore(seed)
    ground = terrain(seed, base, lakes, backbone(seed, base))
    shapely.prepare(ground.dry)
    wards = ward_shapes(seed, ground)
    low = zones(seed, ground)
    flooded = shapely.union_all([zone.shape for zone in low])
    hoods = places.neighbourhoods(seed, wards, ground.dry, name_pairs)
    return City(
        ground=ground,
        wards=tuple(wards),
        ward_names=tuple(places.ward_names(wards, hoods)),
        zones=tuple(low),
        flooded=flooded,
        roads=tuple(roads(seed, ground, flooded, [p["en"] for p in names["prefixes"]])),
        hoods=tuple(hoods),
        landmarks=tuple(places.landmarks(seed, hoods, ground.dry)),
        shelters=tuple(places.shelters(seed, hoods, ground.dry, flooded)),
    )
