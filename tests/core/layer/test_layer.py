"""Layers: bounds, and features packed and unpacked."""

from __future__ import annotations

import zlib

import msgspec
import pytest
import shapely

from crisismap.core.errors import Malformed
from crisismap.core.layer.layer import Feature, Layer, LayerVersion, Role, pack, unpack

FEATURES = (
    Feature("1", "Ward 1", "W1", shapely.box(80, 13, 80.1, 13.1), {"a": 1, "b": None}, "open", 0, 1_449_037_800_000),
    Feature("2", "nowhere", "", None, {}),
    Feature("3", "நீர்", "", shapely.LineString([(80.2, 12.9), (80.3, 13.0)]), {"nested": {"x": [1, 2]}}),
    Feature("4", "empty", "", shapely.Polygon(), {}),
)


def version(*features: Feature) -> LayerVersion:
    return LayerVersion(Layer("w", "Wards", Role.AREA), 1, 0, features)


def test_unpacks_what_it_packs():
    again = unpack(pack(FEATURES))
    assert [(f.id, f.name, f.code, f.properties, f.status, f.valid_from_ms, f.valid_to_ms) for f in again] == [
        (f.id, f.name, f.code, f.properties, f.status, f.valid_from_ms, f.valid_to_ms) for f in FEATURES
    ]
    assert [f.geometry and f.geometry.wkt for f in again] == [f.geometry and f.geometry.wkt for f in FEATURES]
    assert unpack(pack(())) == ()


@pytest.mark.parametrize(
    "packed",
    [
        b"",
        b"not zipped",
        zlib.compress(b"\xc1"),
        zlib.compress(msgspec.msgpack.encode([["1"]])),
        zlib.compress(msgspec.msgpack.encode([["1", "", "", b"no geometry", {}, "", None, None]])),
        pack(FEATURES)[:-9],
    ],
)
def test_refuses_what_it_did_not_pack(packed: bytes):
    with pytest.raises(Malformed):
        unpack(packed)


def test_knows_its_box_and_is_not_spoilt_by_empty_shapes():
    assert version(*FEATURES).bounds() == (80.0, 12.9, 80.3, 13.1)
    assert version(FEATURES[1], FEATURES[3]).bounds() is None
    assert version().bounds() is None


def test_knows_the_roles_of_the_contract():
    assert [*Role] == ["area", "hazard", "shelter", "transport", "context"]
