"""Coordinate systems by their many names, and those that cannot be honoured."""

from __future__ import annotations

import json

import numpy as np
import pyproj
import pytest
from shapely import Point

from crisismap.core.errors import Invalid
from crisismap.core.place.crs import (
    area_of_use,
    crs_by_name,
    crs_of_text,
    is_lon_lat,
    name_in_member,
    plain_name,
    to_wgs84,
    turned,
)
from crisismap.layers.normalise.mapping import LayerMapping
from tests.layers.samples import collection, feature, point, read


def test_honours_a_named_coordinate_system() -> None:
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::3857"}}
    version = read(collection(feature(point(8905559.26, 1459732.27)), crs=crs))
    assert version.features[0].geometry is not None
    assert version.features[0].geometry.bounds[:2] == pytest.approx((80.0, 13.0), abs=1e-3)
    assert "reprojected" in version.notes[0]


@pytest.mark.parametrize(
    "name", ["urn:ogc:def:crs:OGC:1.3:CRS84", "EPSG:4326", "http://www.opengis.net/def/crs/OGC/1.3/CRS84"]
)
def test_takes_names_of_wgs84_as_lon_lat(name: str) -> None:
    version = read(collection(feature(point(80, 13)), crs={"type": "name", "properties": {"name": name}}))
    assert version.features[0].geometry is not None
    assert version.features[0].geometry.bounds == (80, 13, 80, 13)
    assert version.notes == ()


@pytest.mark.parametrize(
    "crs",
    [
        {"type": "name", "properties": {"name": "EPSG:999999"}},
        {"type": "name", "properties": {"name": "somewhere over the rainbow"}},
        {"type": "link", "properties": {"href": "http://example.org/crs"}},
        {"type": "name", "properties": {}},
        {"type": "name", "properties": {"name": True}},
        {"type": "name", "properties": {"name": "+proj=utm +zone=44"}},
        ["EPSG:4326"],
        7,
    ],
)
def test_refuses_a_coordinate_system_it_cannot_honour(crs: object) -> None:
    with pytest.raises(Invalid, match="^crs:"):
        read(collection(feature(point(80, 13)), crs=crs))


@pytest.mark.parametrize(
    "name", ["EPSG:3857", "epsg:3857", "urn:ogc:def:crs:EPSG::3857", "http://www.opengis.net/def/crs/EPSG/0/3857"]
)
def test_knows_a_system_by_each_way_of_naming_it(name: str) -> None:
    assert crs_by_name(name).to_epsg() == 3857
    assert not is_lon_lat(crs_by_name(name))


@pytest.mark.parametrize("name", ["CRS84", "WGS 84", "OGC:CRS84", "EPSG:4326", "EPSG:4979"])
def test_leaves_longitude_and_latitude_as_they_are(name: str) -> None:
    geometries = np.array([Point(80.25, 13.05)], dtype=object)
    assert to_wgs84(geometries, crs_by_name(name)) is geometries


@pytest.mark.parametrize("text", ["/etc/passwd", "http://127.0.0.1/crs", "+init=epsg:3857", "GEOGCS[broken", ""])
def test_hands_no_free_text_to_a_library_that_would_open_it(text: str) -> None:
    with pytest.raises(Invalid):
        crs_of_text(text)


def test_moves_a_place_without_swapping_it() -> None:
    [moved] = to_wgs84(np.array([Point(412_345, 1_442_900)], dtype=object), crs_by_name("EPSG:32644"))
    lon, lat, _ = pyproj.Transformer.from_crs(32644, 4326, always_xy=True).transform(412_345, 1_442_900, 0)
    assert (moved.x, moved.y) == pytest.approx((lon, lat), abs=1e-9)
    assert 80 < moved.x < 81 and 13 < moved.y < 14


def test_makes_what_a_system_cannot_reach_infinite() -> None:
    [moved] = to_wgs84(np.array([Point(1e30, 1e30)], dtype=object), crs_by_name("EPSG:32644"))
    assert not np.isfinite([moved.x, moved.y]).all()


@pytest.mark.parametrize(
    ("member", "name"),
    [
        ({"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::3857"}}, "urn:ogc:def:crs:EPSG::3857"),
        ({"type": "EPSG", "properties": {"code": 3857}}, "3857"),
        ({"type": "EPSG", "properties": {"code": "3857"}}, "3857"),
        ({"type": "name", "properties": {"name": "EPSG:102100"}}, "EPSG:102100"),
        ({"type": "name", "properties": {"name": "EPSG:900913"}}, "EPSG:900913"),
        ({"properties": {"name": "ESRI:102100"}}, "ESRI:102100"),
        ("EPSG:3857", "EPSG:3857"),
    ],
)
def test_understands_every_form_of_the_old_member(member: object, name: str) -> None:
    assert name_in_member(member) == name
    version = read(collection(feature(point(8905559.26, 1459732.27)), crs=member))
    assert version.features[0].geometry is not None
    assert version.features[0].geometry.bounds[:2] == pytest.approx((80.0, 13.0), abs=1e-3)
    assert "reprojected from" in version.notes[0]


def test_understands_it_in_features_and_geometries() -> None:
    crs = {"type": "name", "properties": {"name": "EPSG:3857"}}
    place = point(8905559.26, 1459732.27)
    lines = b"\n".join(json.dumps(feature(place, n) | {"crs": crs}).encode() for n in range(2))
    for body in (lines, collection(feature(place | {"crs": crs})), json.dumps(place | {"crs": crs}).encode()):
        geometry = read(body).features[0].geometry
        assert geometry is not None
        assert geometry.bounds[:2] == pytest.approx((80.0, 13.0), abs=1e-3)
    other = {"type": "name", "properties": {"name": "EPSG:32644"}}
    with pytest.raises(Invalid) as refused:
        read(collection(feature(place | {"crs": crs}), feature(place | {"crs": other})))
    assert refused.value.code == "crs_mixed"


@pytest.mark.parametrize(
    ("member", "code"),
    [
        ({"type": "link", "properties": {"href": "http://127.0.0.1:9/crs", "type": "proj4"}}, "crs_is_a_link"),
        ({"type": "name", "properties": {"name": "urn:ogc:def:crs:OGC:1.3:CRS84"}}, "crs_not_degrees"),
        ({"type": "name", "properties": {"name": "EPSG:4326"}}, "crs_not_degrees"),
        (None, "crs_missing"),
        ({"type": "name", "properties": {"name": "EPSG:31468"}}, "layer_swapped"),
    ],
)
def test_says_what_is_wrong_with_it_and_hears_the_mapping(member: object, code: str) -> None:
    x, y = (5333000, 4468000) if code == "layer_swapped" else (8905559.26, 1459732.27)
    body = collection(feature(point(x, y)), crs=member)
    with pytest.raises(Invalid) as refused:
        read(body)
    assert refused.value.code == code
    assert read(body, LayerMapping(crs="EPSG:3857")).features


def test_names_a_system_in_one_way() -> None:
    names = ["EPSG:3857", "urn:ogc:def:crs:EPSG::3857", "EPSG:900913", "http://www.opengis.net/gml/srs/epsg.xml#3857"]
    assert {plain_name(name) for name in names} == {"EPSG:3857"}
    assert plain_name("urn:adv:crs:ETRS89_UTM32") == "urn:adv:crs:ETRS89_UTM32"


def test_says_where_a_system_is_meant_for() -> None:
    assert area_of_use(crs_by_name("EPSG:32644")) == (78.0, 0.0, 84.0, 84.0)
    [point_] = turned(np.array([Point(80.25, 13.05)], dtype=object))
    assert (point_.x, point_.y) == (13.05, 80.25)
