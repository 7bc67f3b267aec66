"""It parses GeoJSON strictly and says what is wrong with it."""

from __future__ import annotations

import json
import tracemalloc

import pytest

from crisismap.core.errors import Invalid, Malformed
from crisismap.layers.formats.geojson import parse
from tests.layers.samples import BOW_TIE, SQUARE, collection, feature, point, polygon, read


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e400", "-1e400"])
def test_refuses_numbers_that_json_does_not_have(number: str) -> None:
    body = '{"type": "Point", "coordinates": [80, N]}'.replace("N", number)
    with pytest.raises(Malformed):
        read(body.encode())


@pytest.mark.parametrize(
    "bomb", [b"[" * 200_000, b'{"type":' * 200_000, b'{"type":"Point","coordinates":' + b"[" * 99_999]
)
def test_refuses_a_bomb_of_brackets(bomb: bytes) -> None:
    with pytest.raises(Malformed, match="nested too deeply"):
        read(bomb)


def test_refuses_collections_nested_too_deeply() -> None:
    geometry: dict[str, object] = point(80, 13)
    for _ in range(20):
        geometry = {"type": "GeometryCollection", "geometries": [geometry]}
    with pytest.raises(Invalid, match="nested too deeply"):
        read(collection(feature(geometry)))


def test_says_where_a_truncated_file_ends() -> None:
    whole = collection(feature(point(80, 13)), feature(point(81, 13)))
    with pytest.raises(Malformed, match=r"ends in the middle, after \d+ bytes"):
        read(whole[:-30])


def test_refuses_an_empty_body() -> None:
    with pytest.raises(Malformed, match="empty"):
        read(b" \n")


@pytest.mark.parametrize(
    "body", [b"[]", b'{"type":"Topology"}', b'{"type":"gdal_streamed_alg"}', b'{"type":["Point"]}']
)
def test_refuses_json_that_is_no_geojson(body: bytes) -> None:
    with pytest.raises(Malformed):
        read(body)


def test_reads_a_single_feature_and_a_bare_geometry() -> None:
    assert read(json.dumps(feature(point(80, 13), "x")).encode()).features[0].id == "x"
    assert read(json.dumps(point(80, 13)).encode()).features[0].geometry is not None


def test_reads_features_one_a_line() -> None:
    lines = b"\x1e" + b"\n\x1e".join(json.dumps(feature(point(80, lat))).encode() for lat in (12, 13)) + b"\n"
    assert len(read(lines).features) == 2


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
    ("geometry", "why"),
    [
        (None, "no geometry"),
        (point("80", "13"), "numbers"),
        (point(None, 13), "numbers"),
        ({"type": "Point", "coordinates": [80]}, "two numbers"),
        ({"type": "Point", "coordinates": []}, "no geometry"),
        ({"type": "Blob", "coordinates": [80, 13]}, "Blob"),
        ({"type": "LineString", "coordinates": [[80, 13]]}, "two positions"),
        (polygon([[80, 13], [81, 13]]), "three different"),
        (polygon([[80, 13], [80, 13], [80, 13], [80, 13]]), "beyond repair"),
        ({"type": "LineString", "coordinates": [[80, 13], [80, 13]]}, "beyond repair"),
        (point(361, 13), "outside"),
        (point(10**400, 13), "finite"),
        ("POINT (80 13)", "not an object"),
    ],
)
def test_leaves_out_a_feature_with_bad_geometry_and_says_why(geometry: object, why: str) -> None:
    version = read(collection(feature(point(80, 13)), feature(geometry), feature(point(80, 12))))
    assert (len(version.features), version.refused) == (2, 1)
    assert why in version.notes[0]
    assert version.notes[0].endswith("row 2")


def test_mends_what_can_be_mended_and_counts_it() -> None:
    version = read(collection(feature(polygon(BOW_TIE)), feature(polygon(SQUARE)), feature(polygon(SQUARE[:-1]))))
    assert (len(version.features), version.repaired, version.refused) == (3, 2, 0)
    kinds = {item.geometry.geom_type for item in version.features if item.geometry}
    assert kinds == {"MultiPolygon", "Polygon"}
    assert all(item.geometry.is_valid for item in version.features if item.geometry)


def test_drops_heights_even_ragged_ones() -> None:
    ring = [[80, 13, 5], [80.1, 13], [80.1, 13.1, 7], [80, 13, 5]]
    geometry = read(collection(feature(polygon(ring)))).features[0].geometry
    assert geometry is not None
    assert not geometry.has_z


def test_holds_no_tree_of_a_whole_file() -> None:
    """A tree of objects takes nine times the file; features one by one take less than twice their points."""
    ring = [[80 + x / 1000, 13 + x * x / 1e6] for x in range(200)]
    polygon = {"type": "Polygon", "coordinates": [[*ring, ring[0]]]}
    body = json.dumps(
        {"type": "FeatureCollection", "features": [{"type": "Feature", "properties": {}, "geometry": polygon}] * 400}
    ).encode()
    tracemalloc.start()
    try:
        found = parse(body, "big.geojson")
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert len(found.features) == 400
    assert peak < 2 * len(body)


def test_names_the_feature_that_cannot_be_read() -> None:
    body = b'{"type": "FeatureCollection", "features": [{"type": "Feature", "properties": {"n": 1e999}}]}'
    with pytest.raises(Malformed, match="x.geojson, feature 1: not JSON: number out of range"):
        parse(body, "x.geojson")
