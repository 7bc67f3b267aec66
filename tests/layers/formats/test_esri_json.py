"""The JSON of ArcGIS servers becomes the same features in GeoJSON."""

from __future__ import annotations

import json
from typing import Any

import pytest
import shapely

from crisismap.core.errors import Malformed
from crisismap.layers.formats.esri_json import as_geojson, is_esri
from tests.layers.samples import SQUARE, read

HOLE = [[80.02, 13.02], [80.04, 13.02], [80.04, 13.04], [80.02, 13.04], [80.02, 13.02]]
ISLAND = [[80.2, 13.0], [80.2, 13.1], [80.3, 13.1], [80.3, 13.0], [80.2, 13.0]]
CLOCKWISE = SQUARE[::-1]


def esri(geometry: Any, **more: Any) -> bytes:
    members = {"objectIdFieldName": "FID", "spatialReference": {"wkid": 4326}} | more
    return json.dumps({**members, "features": [{"attributes": {"FID": 7, "NAME": "A"}, "geometry": geometry}]}).encode()


def converted(geometry: Any, **more: Any) -> Any:
    return {name: json.loads(bytes(value)) for name, value in as_geojson(esri(geometry, **more), "x").items()}


@pytest.mark.parametrize(
    ("geometry", "wkt"),
    [
        ({"x": 80.1, "y": 13.1}, "POINT (80.1 13.1)"),
        ({"points": [[80, 13], [81, 14]]}, "MULTIPOINT ((80 13), (81 14))"),
        ({"paths": [[[80, 13], [81, 14]]]}, "MULTILINESTRING ((80 13, 81 14))"),
        ({"xmin": 80, "ymin": 13, "xmax": 81, "ymax": 14}, "POLYGON ((80 13, 81 13, 81 14, 80 14, 80 13))"),
    ],
)
def test_reads_each_kind_of_geometry(geometry: Any, wkt: str) -> None:
    [found] = converted(geometry)["features"]
    assert shapely.equals(shapely.geometry.shape(found["geometry"]), shapely.from_wkt(wkt))
    assert (found["id"], found["properties"]) == (7, {"FID": 7, "NAME": "A"})


@pytest.mark.parametrize("geometry", [None, {}, {"x": "NaN", "y": "NaN"}, {"x": None, "y": None}, {"rings": []}])
def test_has_features_without_a_geometry(geometry: Any) -> None:
    assert converted(geometry)["features"][0]["geometry"] is None


@pytest.mark.parametrize(
    ("rings", "area"),
    [
        ([CLOCKWISE], 0.01),
        ([SQUARE], 0.01),  # the wrong way round
        ([CLOCKWISE, HOLE], 0.0096),
        ([HOLE, ISLAND, CLOCKWISE], 0.0196),
        ([CLOCKWISE, [[x + 5, y] for x, y in HOLE]], 0.0104),  # a hole of nothing is not lost
    ],
)
def test_tells_holes_from_parts_by_the_way_they_run(rings: Any, area: float) -> None:
    shape = shapely.geometry.shape(converted({"rings": rings})["features"][0]["geometry"])
    assert shape.area == pytest.approx(area)


@pytest.mark.parametrize(
    ("system", "name"),
    [
        ({"wkid": 102100, "latestWkid": 3857}, "EPSG:3857"),
        ({"wkid": 102100}, "EPSG:102100"),
        ({"wkid": 32644}, "EPSG:32644"),
        ({"wkid": 4326}, None),
        (None, None),
    ],
)
def test_passes_on_the_system(system: Any, name: str | None) -> None:
    found = converted({"x": 8905559.26, "y": 1459732.27}, spatialReference=system)
    assert found.get("crs", {}).get("properties", {}).get("name") == name


@pytest.mark.parametrize("system", [{"wkid": 102100}, {"wkid": 102100, "latestWkid": 3857}])
def test_reads_a_saved_file_of_it(system: Any) -> None:
    [found] = read(esri({"x": 8905559.26, "y": 1459732.27}, spatialReference=system)).features
    assert found.geometry is not None
    assert found.geometry.bounds[:2] == pytest.approx((80.0, 13.0), abs=1e-3)
    assert (found.id, found.name) == ("7", "A")


def test_names_a_curve_as_what_it_is() -> None:
    with pytest.raises(Exception, match="curveRings"):
        read(esri({"curveRings": [[[0, 0]]]}))


@pytest.mark.parametrize("body", [b'{"features": 7, "fields": []}', b'{"features": [7], "fields": []}', b"[]"])
def test_refuses_what_is_not_of_its_form(body: bytes) -> None:
    with pytest.raises(Malformed):
        as_geojson(body, "x")


def test_knows_its_form_from_geojson() -> None:
    assert is_esri(json.loads(esri(None)))
    assert not is_esri({"type": "FeatureCollection", "features": [], "fields": []})
    assert not is_esri({"features": []})
