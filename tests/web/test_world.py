"""Land and borders of the world: valid polygons, and each shared side once."""

from __future__ import annotations

import json

from shapely import union_all
from shapely.geometry import Point, shape

from crisismap.web import assets, world

SQUARES = {
    "type": "Topology",
    "transform": {"scale": [1.0, 1.0], "translate": [0.0, 0.0]},
    # two squares side by side: the shared side, then the rest of the left one and of the right one
    "arcs": [[[1, 0], [0, 1]], [[1, 1], [-1, 0], [0, -1], [1, 0]], [[1, 0], [1, 0], [0, 1], [-1, 0]]],
    "objects": {
        "countries": {
            "type": "GeometryCollection",
            "geometries": [
                {"type": "Polygon", "arcs": [[0, 1]]},
                {"type": "MultiPolygon", "arcs": [[[2, -1]]]},
                {"type": None},
            ],
        },
        "land": {"type": "GeometryCollection", "geometries": [{"type": "MultiPolygon", "arcs": [[[1, 2]]]}]},
    },
}


def test_keeps_the_shared_side_as_the_only_border() -> None:
    (line,) = world.borders(SQUARES)["features"]
    assert shape(line["geometry"]).length == 1


def test_turns_rings_of_shared_arcs_into_counter_clockwise_polygons() -> None:
    (land,) = world.land(SQUARES)["features"]
    polygon = shape(land["geometry"])
    assert polygon.area == 2
    assert polygon.exterior.is_ccw


def test_makes_a_valid_world() -> None:
    land = json.loads((assets.VENDOR / "world/land.geojson").read_bytes())["features"]
    polygons = [shape(each["geometry"]) for each in land]
    assert all(polygon.is_valid and polygon.exterior.is_ccw for polygon in polygons)
    assert max(abs(lon) for polygon in polygons for lon, _ in polygon.exterior.coords) <= 180
    # No polygon spans the world but Antarctica: the jump at 180 degrees tore none.
    wide = [polygon for polygon in polygons if polygon.bounds[2] - polygon.bounds[0] > 250]
    assert all(polygon.bounds[3] < -60 for polygon in wide)
    world_of_land = union_all(polygons)
    dry = [(79, 13), (175, 67), (-172, 66), (-179, 71.2), (178, -18), (0, -80), (179, -84.9), (-150, 65), (-60, -10)]
    wet = [(82, 13), (-160, 30), (0, 82), (-179, 60), (50, 42), (179, -30), (-90, 71.3)]
    assert [place for place in dry if not world_of_land.contains(Point(place))] == []
    assert [place for place in wet if world_of_land.contains(Point(place))] == []
    borders = json.loads((assets.VENDOR / "world/borders.geojson").read_bytes())["features"]
    assert len(borders) > 200
    assert all(abs(lon) < 179.999 for each in borders for lon, _ in each["geometry"]["coordinates"])
