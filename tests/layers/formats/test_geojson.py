"""It parses GeoJSON strictly and says what is wrong with it."""

from __future__ import annotations

import json
import tracemalloc

import pytest

from crisismap.core.errors import Malformed
from crisismap.layers.formats.geojson import parse
from tests.layers.samples import collection, feature, point, read


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
