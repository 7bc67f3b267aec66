"""A suggested role, with its reasons; none where nothing says so."""

from __future__ import annotations

import pytest
from shapely.geometry import LineString, Point, box
from shapely.geometry.base import BaseGeometry

from crisismap.core.layer.layer import Feature, Layer, LayerVersion, Role
from crisismap.core.layer.role_guess import guess_role

POINT, LINE, AREA = Point(80, 13), LineString([(80, 13), (80.1, 13)]), box(80, 13, 80.1, 13.1)


def version(shape: BaseGeometry | None, **properties: object) -> LayerVersion:
    feature = Feature("1", "", "", shape, properties)
    return LayerVersion(Layer("x", "x", Role.CONTEXT), 0, 0, (feature,))


@pytest.mark.parametrize(
    ("name", "shape", "properties", "role"),
    [
        ("Evacuation_Shelters_2026", POINT, {}, Role.SHELTER),
        ("sites", POINT, {"name": "x", "Capacity": 3}, Role.SHELTER),
        ("flood-shelters", POINT, {}, Role.SHELTER),
        ("flood-shelters", AREA, {}, Role.HAZARD),
        ("albergues", POINT, {}, Role.SHELTER),
        ("முகாம்கள்", POINT, {}, Role.SHELTER),
        ("flooded_areas", AREA, {}, Role.HAZARD),
        ("zones", AREA, {"flood_depth_m": 1.2}, Role.HAZARD),
        ("बाढ़ क्षेत्र", AREA, {}, Role.HAZARD),
        ("npl_admbnda_adm2", AREA, {"ADM2_PCODE": "NP01"}, Role.AREA),
        ("kelurahan jakarta", AREA, {}, Role.AREA),
        ("osm_roads", LINE, {"highway": "primary"}, Role.TRANSPORT),
        ("export", LINE, {"highway": "primary", "oneway": "no"}, Role.TRANSPORT),
        ("stations", POINT, {"water_level": 2.1}, Role.CONTEXT),
    ],
)
def test_suggests_a_role_and_says_why(
    name: str, shape: BaseGeometry, properties: dict[str, object], role: Role
) -> None:
    found = guess_role([name], version(shape, **properties))
    assert found is not None
    assert found.role is role
    assert found.reasons[0].startswith(("it is called “", "it has the column “"))


@pytest.mark.parametrize(
    ("name", "shape"), [("data", AREA), ("export (3)", POINT), ("2026", LINE), ("roads and shelters", None), ("", None)]
)
def test_suggests_none_where_nothing_or_two_things_say_so(name: str, shape: BaseGeometry | None) -> None:
    assert guess_role([name], version(shape)) is None
