"""A layer as GeoJSON: rings turned by the rule, nothing lost."""

from __future__ import annotations

import json
from typing import Any

import pytest
import shapely
from shapely.geometry import shape

from crisismap.core.layer.layer import Feature, Layer, LayerVersion, Role
from crisismap.exports.geojson import layer_geojson


def written(*features: Feature, made_up: bool = False) -> dict[str, Any]:
    layer = Layer("wards", "Wards", Role.AREA, "CC0-1.0", "City")
    found: dict[str, Any] = json.loads(layer_geojson(LayerVersion(layer, 3, 1_449_037_800_000, features), made_up))
    return found


def test_says_what_the_layer_is():
    whole = written()
    assert whole == {
        "type": "FeatureCollection",
        "title": "Wards",
        "role": "area",
        "version": 3,
        "loaded_at": "2015-12-02T06:30:00.000Z",
        "licence": "CC0-1.0",
        "attribution": "City",
        "made_up": False,
        "features": [],
    }
    assert written(made_up=True)["made_up"] is True


@pytest.mark.parametrize(
    "geometry",
    [
        shapely.Polygon([(0, 0), (0, 4), (4, 4), (4, 0)], [[(1, 1), (2, 1), (2, 2), (1, 2)]]),
        shapely.MultiPolygon([shapely.Polygon([(0, 0), (0, 1), (1, 1)]), shapely.Polygon([(5, 5), (6, 5), (6, 6)])]),
        shapely.GeometryCollection([shapely.Polygon([(0, 0), (0, 1), (1, 1)]), shapely.Point(9, 9)]),
    ],
)
def test_turns_outer_rings_left_and_inner_rings_right(geometry: Any):
    [feature] = written(Feature("1", "a", "", geometry, {}))["features"]
    again = shape(feature["geometry"])
    assert again.equals(geometry)
    for part in shapely.get_parts(again):
        if part.geom_type == "Polygon":
            assert part.exterior.is_ccw
            assert not any(ring.is_ccw for ring in part.interiors)


def test_rounds_to_a_tenth_of_a_metre():
    [feature] = written(Feature("1", "a", "", shapely.Point(80.123456789, 13.000000449), {}))["features"]
    assert feature["geometry"]["coordinates"] == [80.123457, 13.0]


def test_keeps_properties_with_the_programs_own_names_on_top():
    own = Feature("1", "Ward 1", "W1", None, {"name": "raw", "Zone": "North", "n": 3}, "open", 0, 1_449_037_800_000)
    [feature] = written(own)["features"]
    assert (feature["id"], feature["geometry"]) == ("1", None)
    assert feature["properties"] == {
        "name": "Ward 1",
        "Zone": "North",
        "n": 3,
        "code": "W1",
        "status": "open",
        "valid_from": "1970-01-01T00:00:00.000Z",
        "valid_to": "2015-12-02T06:30:00.000Z",
    }


def test_leaves_out_dates_that_are_not_there():
    [feature] = written(Feature("1", "", "", None, {}))["features"]
    assert set(feature["properties"]) == {"name", "code", "status"}
