"""Coordinate systems by their many names, and those that cannot be honoured."""

from __future__ import annotations

import numpy as np
import pyproj
import pytest
from shapely import Point

from crisismap.core.errors import Invalid
from crisismap.layers.normalise.crs import crs_by_name, crs_of_text, is_lon_lat, to_wgs84
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
        "EPSG:4326",
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
