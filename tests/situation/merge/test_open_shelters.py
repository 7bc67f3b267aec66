"""Shelters as columns: the nearest open ones with room, at their own time, anywhere on Earth."""

from __future__ import annotations

import numpy as np
import pytest
from pyproj import Geod
from shapely.geometry import Point, box

from crisismap.core.layer.layer import Feature, Layer, LayerVersion, Role
from crisismap.situation.merge.open_shelters import OpenShelters

NOW = 1_000


def shelter(id_: str, lon: float, lat: float, **more: object) -> Feature:
    said = {"geometry": Point(lon, lat), "status": "open", "properties": {}, "name": id_, "code": ""} | more
    return Feature(id=id_, **said)


def refuges(*features: Feature, role: Role = Role.SHELTER) -> OpenShelters:
    return OpenShelters([LayerVersion(Layer("s", "Shelters", role), 1, 0, features)])


def nearest(made: OpenShelters, lon: float, lat: float, most: int = 9) -> list[str]:
    return [made.items[number].feature.id for number, _ in made.nearest(lon, lat, NOW, most)]


def test_finds_the_same_as_a_geodesic() -> None:
    rng = np.random.default_rng(7)
    lon, lat = rng.uniform(80, 80.6, 300), rng.uniform(12.8, 13.4, 300)
    made = refuges(*(shelter(str(n), x, y) for n, (x, y) in enumerate(zip(lon.tolist(), lat.tolist(), strict=True))))
    _, _, metres = Geod(ellps="WGS84").inv(np.full(300, 80.3), np.full(300, 13.1), lon, lat)
    order = np.argsort(metres)[:5]
    found = made.nearest(80.3, 13.1, NOW, 5)
    assert [made.items[number].feature.id for number, _ in found] == [str(n) for n in order]
    assert [away for _, away in found] == pytest.approx(metres[order], abs=0.5)


def test_leaves_out_what_is_shut_full_not_yet_or_nowhere() -> None:
    made = refuges(
        shelter("shut", 80, 13, status="closed"),
        shelter("no room", 80, 13, properties={"free_places": 0}),
        shelter("later", 80, 13, valid_from_ms=NOW + 1),
        shelter("over", 80, 13, valid_to_ms=NOW - 1),
        shelter("nowhere", 80, 13, geometry=None),
        shelter("far", 82, 13),
        shelter("2", 80.01, 13, status="Standby"),
        shelter("10", 80.01, 13, status=""),
    )
    assert nearest(made, 80, 13) == ["2", "10"]
    assert len(made.now(NOW)) == 5
    assert refuges(shelter("1", 80, 13), role=Role.CONTEXT).items == ()
    assert nearest(refuges(), 80, 13) == []


def test_takes_a_point_inside_a_polygon_and_goes_round_the_world() -> None:
    made = refuges(shelter("1", 0, 0, geometry=box(-179.99, 0, -179.98, 0.01)))
    assert nearest(made, 179.99, 0.005) == ["1"]
    assert made.items[0].lon == pytest.approx(-179.985)
