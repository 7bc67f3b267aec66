"""The writer of vector tiles, read back by GDAL and by a reader of our own."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyogrio
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crisismap.situation.tiles import mvt
from tests.situation import vector_tile

ATTRIBUTES = (
    ("category", ("flooding", "Überschwemmung ☂", "")),
    ("people", (0, 1, -3, 2**40, -(2**40))),
    ("overdue", (True, False)),
)
FEATURE = st.tuples(
    st.integers(0, mvt.MAX_ID),
    st.integers(0, 4095),
    st.integers(0, 4095),
    st.tuples(*[st.sampled_from([*range(len(values)), mvt.ABSENT]) for _, values in ATTRIBUTES]),
)


def _encode(features: list[tuple[int, int, int, tuple[int, ...]]]) -> bytes:
    ids, x, y = (np.array([each[part] for each in features], np.uint32) for part in range(3))
    codes = np.array([each[3] for each in features], np.uint8).reshape(-1, len(ATTRIBUTES))
    return mvt.PointLayer("reports", ATTRIBUTES).encode(ids, x, y, codes)


def _properties(codes: tuple[int, ...]) -> dict[str, mvt.Value]:
    pairs = zip(ATTRIBUTES, codes, strict=True)
    return {name: values[code] for (name, values), code in pairs if code != mvt.ABSENT}


@given(st.lists(FEATURE, min_size=1, max_size=20))
def test_writes_what_a_reader_of_the_specification_finds(features: list[tuple[int, int, int, tuple[int, ...]]]) -> None:
    seen = vector_tile.read(_encode(features))["reports"]
    assert [(each.id, each.x, each.y) for each in seen] == [each[:3] for each in features]
    for each, (*_, codes) in zip(seen, features, strict=True):
        expected = _properties(codes)
        assert each.properties == expected
        assert [type(value) for value in each.properties.values()] == [type(value) for value in expected.values()]


def test_writes_what_gdal_reads(tmp_path: Path) -> None:
    rng = np.random.default_rng(5)
    features = [
        (0, 0, 0, (0, 1, 0)),
        (mvt.MAX_ID, 4095, 4095, (1, 3, 1)),
        (127, 63, 64, (255, 255, 255)),
        *((int(rng.integers(2**28)), int(rng.integers(4096)), 128, (1, 255, 1)) for _ in range(300)),
    ]
    path = tmp_path / "tile.mvt"
    path.write_bytes(_encode(features))
    frame = pyogrio.read_dataframe(path, layer="reports", X=0, Y=0, Z=0, METADATA_FILE="NO", CLIP="NO")
    assert frame["mvt_id"].tolist() == [each[0] for each in features]
    world = 2 * 20037508.342789244
    assert np.allclose((frame.geometry.x / world + 0.5) * 4096, [each[1] for each in features])
    assert np.allclose((0.5 - frame.geometry.y / world) * 4096, [each[2] for each in features])
    for row, (*_, codes) in zip(frame.to_dict("records"), features, strict=True):
        found = {name: row[name] for name, _ in ATTRIBUTES if row[name] == row[name]}
        assert found == _properties(codes)


def test_leaves_a_layer_without_features_out() -> None:
    assert _encode([]) == b""
    assert mvt.free_layer("clusters", ("count",), []) == b""


def test_writes_points_without_attributes() -> None:
    one = np.array([7], np.uint32)
    tile = mvt.PointLayer("reports", ()).encode(one, one, one, np.zeros((1, 0), np.uint8))
    assert vector_tile.read(tile) == {"reports": [vector_tile.Seen(7, 7, 7, {})]}


def test_writes_as_many_attributes_and_values_as_it_promises() -> None:
    names = [(f"attribute {n}", (n, f"value {n}")) for n in range(mvt.MAX_ATTRIBUTES)]
    assert sum(len(values) for _, values in names) == mvt.MAX_VALUES
    one = np.array([mvt.MAX_ID], np.uint32)
    codes = np.full((1, len(names)), 1, np.uint8)
    [seen] = vector_tile.read(mvt.PointLayer("reports", names).encode(one, one % 4096, one % 4096, codes))["reports"]
    assert seen.properties == {name: values[1] for name, values in names}


def test_writes_a_free_layer_with_more_values_than_one_byte_numbers() -> None:
    features: list[mvt.FreeFeature] = [(n, n, 4095 - n, (n, f"n{n}", None if n % 2 else -n)) for n in range(400)]
    seen = vector_tile.read(mvt.free_layer("clusters", ("count", "label", "odd"), features))["clusters"]
    assert [(each.id, each.x, each.y) for each in seen] == [each[:3] for each in features]
    assert seen[399].properties == {"count": 399, "label": "n399"}
    assert seen[398].properties == {"count": 398, "label": "n398", "odd": -398}


def test_writes_a_free_feature_without_any_value() -> None:
    tile = mvt.free_layer("clusters", ("count",), [(1, 2, 3, (None,))])
    assert vector_tile.read(tile) == {"clusters": [vector_tile.Seen(1, 2, 3, {})]}


@pytest.mark.parametrize(("number", "expected"), [(0, "00"), (127, "7f"), (128, "8001"), (300, "ac02")])
def test_writes_the_shortest_varint(number: int, expected: str) -> None:
    assert mvt.varint(number).hex() == expected


def test_writes_lines_as_a_reader_finds_them() -> None:
    lines = [(0, 0, 4095, 4095), (100, 200, 50, 20), (7, 7, 7, 7)]
    seen = vector_tile.read(mvt.line_layer("legs", [3, 1 << 27, 0], lines))["legs"]
    assert [(each.id, each.x, each.y, *(each.end or ())) for each in seen] == [
        (number, *line) for number, line in zip([3, 1 << 27, 0], lines, strict=True)
    ]
    assert mvt.line_layer("legs", [], []) == b""
