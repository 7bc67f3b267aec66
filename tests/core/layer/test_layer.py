"""Layers: bounds, and features packed and unpacked."""

from __future__ import annotations

import zlib
from dataclasses import replace

import msgspec
import pytest
import shapely

from crisismap.core.errors import Malformed
from crisismap.core.layer.layer import Feature, Layer, LayerVersion, Role, VersionHead, pack, unpack

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


def test_has_the_same_content_whenever_it_was_loaded():
    one = version(*FEATURES)
    assert one.same_content(replace(version(*FEATURES), version=2, loaded_at_ms=9))
    assert not one.same_content(replace(one, layer=replace(one.layer, title="Other")))
    assert not one.same_content(version(*FEATURES[1:]))


def test_counts_from_the_time_of_its_data_where_that_is_known():
    assert VersionHead(1, 5, None, 0, 0, ()).moment_ms == 5
    assert VersionHead(1, 5, None, 0, 0, (), as_of_ms=0).moment_ms == 0
