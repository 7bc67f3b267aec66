"""Layers: bounds, and features packed and unpacked."""

from __future__ import annotations

import zlib
from dataclasses import replace
from typing import Any

import msgspec
import pytest
import shapely

from crisismap.core.errors import Malformed
from crisismap.core.layer.layer import Feature, Layer, LayerVersion, Role, VersionHead, pack, part_in, unpack

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


TAVEUNI = shapely.MultiPolygon([shapely.box(179.9, -17, 180, -16), shapely.box(-180, -17, -179.8, -16)])


@pytest.mark.parametrize(
    ("shape", "expected"),
    [
        (None, None),
        (shapely.Polygon(), None),
        (shapely.box(80, 13, 80.1, 13.1), (80, 13, 80.1, 13.1)),
        (TAVEUNI, (179.9, -17, -179.8, -16)),
        (shapely.MultiPoint([(179.9, -17), (-179.9, -16)]), (179.9, -17, -179.9, -16)),
        (
            shapely.MultiLineString([[(179.9, -17), (180, -16)], [(-180, -16), (-179.9, -17)]]),
            (179.9, -17, -179.9, -16),
        ),
        (shapely.box(-180, -90, 180, 90), (-180, -90, 180, 90)),
    ],
)
def test_a_feature_knows_its_box_on_both_sides_of_180(shape: Any, expected: Any):
    assert Feature("1", "", "", shape, {}).bounds() == expected


def test_joins_what_was_cut_at_180_in_the_longitudes_of_a_map():
    whole = shapely.box(179.9, -17, 180.2, -16)
    assert part_in(TAVEUNI, (179, -18, 181, -15)).equals(whole)
    assert part_in(TAVEUNI, (-181, -18, -179, -15)).equals(shapely.box(-180.1, -17, -179.8, -16))
    assert part_in(TAVEUNI, (179.95, -18, 180.1, -15)).equals(shapely.box(179.95, -17, 180.1, -16))
    assert part_in(TAVEUNI, (-1, -18, 1, -15)).is_empty
    assert part_in(shapely.Point(-179.95, -16), (179, -18, 181, -15)).equals_exact(shapely.Point(180.05, -16), 1e-9)
    assert part_in(shapely.Point(80.25, 13), (80, 12, 81, 14)).equals(shapely.Point(80.25, 13))
    assert part_in(shapely.Polygon(), (80, 12, 81, 14)).is_empty
    bow_tie = shapely.Polygon([(-180, -17), (180, -16), (180, -17), (-180, -16)])
    assert not part_in(bow_tie, (179, -18, 181, -15)).is_empty


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
