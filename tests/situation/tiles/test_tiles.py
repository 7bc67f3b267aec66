"""Tiles of an index of points: what is in them, and that nothing is lost or counted twice."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyogrio
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crisismap.core.errors import Invalid
from crisismap.situation.tiles import morton, mvt
from crisismap.situation.tiles.grouping import APART, FAN, MARGIN, PIXEL
from crisismap.situation.tiles.marks import CLUSTER_MAX_ZOOM, short
from crisismap.situation.tiles.points import Attribute, Points
from crisismap.situation.tiles.tiles import DEEPEST_MEMBERS, MAX_ZOOM, TileIndex
from tests.situation import vector_tile

ATTRIBUTES = (Attribute("category", ("flooding", "medical")), Attribute("priority", (1, 2, 3, 4)))
HALF_WORLD = 20037508.342789244

# few distinct places, so that points coincide; among them the ends of the world
LON = st.one_of(st.sampled_from([-180.0, 180.0, 0.0, 80.27, 80.2701, np.nextafter(180.0, 0)]), st.floats(-180, 180))
LAT = st.one_of(st.sampled_from([-90.0, 90.0, 85.0511, 0.0, 13.08, 13.0801]), st.floats(-90, 90))
SPOT = st.tuples(LON, LAT, st.sampled_from([0, 1, 255]), st.integers(0, 4), st.booleans())


def points(spots: dict[int, tuple[float, float, int, int, bool]]) -> Points:
    lon, lat, category, urgency, unanswered = zip(*spots.values(), strict=True) if spots else ([],) * 5
    return Points(
        row=np.array(list(spots), np.uint32),
        lon=np.array(lon, np.float64),
        lat=np.array(lat, np.float64),
        codes=np.array([(code, 255) for code in category], np.uint8).reshape(-1, 2),
        urgency=np.array(urgency, np.uint8),
        unanswered=np.array(unanswered, np.bool_),
    )


def many(count: int, spread: float = 0.05) -> Points:
    rng = np.random.default_rng(11)
    codes = np.stack([rng.integers(0, len(each.values), count) for each in ATTRIBUTES], 1).astype(np.uint8)
    codes[rng.random(codes.shape) < 0.2] = 255
    return Points(
        row=rng.permutation(count).astype(np.uint32) * 3,
        lon=rng.normal(80.27, spread, count),
        lat=rng.normal(13.08, spread, count),
        codes=codes,
        urgency=rng.integers(0, 5, count).astype(np.uint8),
        unanswered=rng.random(count) < 0.4,
    )


def holding(z: int, lon: float, lat: float) -> tuple[int, int, int]:
    """The address of the tile a place lies in."""
    x, y = morton.project(np.array([lon]), np.array([lat]))
    return z, int(x[0]) >> morton.BITS - z, int(y[0]) >> morton.BITS - z


def everything(index: TileIndex, deepest: int = 13) -> dict[tuple[int, int, int], bytes]:
    """Every tile with something in it: descends where there is something, so a lost branch is a lost point."""
    found = {}
    level = [(0, 0)]
    for z in range(deepest + 1):
        below = []
        for x, y in level:
            if tile := index.tile(z, x, y):
                found[z, x, y] = tile
                below += [(2 * x + i, 2 * y + j) for i in (0, 1) for j in (0, 1)]
        level = below
    return found


def pyramid(index: TileIndex, deepest: int) -> dict[tuple[int, int, int], dict[str, list[vector_tile.Seen]]]:
    return {address: vector_tile.read(tile) for address, tile in everything(index, deepest).items()}


@settings(max_examples=30)
@given(st.dictionaries(st.integers(0, 200), SPOT, max_size=25))
def test_counts_every_point_in_exactly_one_tile_of_every_zoom(spots: dict) -> None:
    tiles = pyramid(TileIndex.build(points(spots), ATTRIBUTES, 1), MAX_ZOOM)
    for z in range(MAX_ZOOM + 1):
        layers = [layers for (zoom, _, _), layers in tiles.items() if zoom == z]
        reports = [each for one in layers for each in one.get("reports", [])]
        clusters = [each.properties for one in layers for each in one.get("clusters", [])]
        assert len(reports) + sum(each["count"] for each in clusters) == len(spots)
        alone = sum(spots[each.id][4] for each in reports)
        assert alone + sum(each["unanswered"] for each in clusters) == sum(each[4] for each in spots.values())
        assert all(each["count"] > (FAN if z > CLUSTER_MAX_ZOOM else 1) for each in clusters)
        assert all(each["label"] == short(each["unanswered"] or each["count"]) for each in clusters)


def test_counts_a_city_in_exactly_one_tile_of_every_zoom() -> None:
    held = many(3000)
    tiles = pyramid(TileIndex.build(held, ATTRIBUTES, 1), CLUSTER_MAX_ZOOM + 1)
    assert any(layers.get("clusters") for (z, _, _), layers in tiles.items() if z == CLUSTER_MAX_ZOOM)
    state = dict(zip(held.row.tolist(), held.unanswered.tolist(), strict=True))
    for z in range(CLUSTER_MAX_ZOOM + 2):
        layers = [layers for (zoom, _, _), layers in tiles.items() if zoom == z]
        reports = [each.id for one in layers for each in one.get("reports", [])]
        clusters = [each.properties for one in layers for each in one.get("clusters", [])]
        assert len(set(reports)) + sum(each["count"] for each in clusters) == 3000
        assert sum(state[row] for row in reports) + sum(each["unanswered"] for each in clusters) == sum(state.values())


@pytest.mark.parametrize("z", [12, 16, 19])
def test_draws_every_point_where_gdal_finds_it(z: int, tmp_path: Path) -> None:
    """Points that lie far enough apart to be drawn by themselves."""
    held = many(2000, spread=0.01)
    apart = 0.015 * 2.0 ** (12 - z)
    across = np.arange(2000)
    held = replace(held, lon=80.2 + across % 45 * apart, lat=13.0 + across // 45 * apart)
    address = holding(z, held.lon[500], held.lat[500])
    path = tmp_path / "tile.mvt"
    path.write_bytes(TileIndex.build(held, ATTRIBUTES, 1).tile(*address))
    frame = pyogrio.read_dataframe(
        path, layer="reports", Z=z, X=address[1], Y=address[2], METADATA_FILE="NO", CLIP="NO"
    ).set_index("mvt_id")
    inside = [at for at in range(2000) if holding(z, held.lon[at], held.lat[at]) == address]
    assert len(inside) > 1
    assert sorted(frame.index) == sorted(held.row[inside])
    step = max(2 * HALF_WORLD / 2**z / 4096, 2 * HALF_WORLD / 2**26)
    for at in inside:
        one = frame.loc[held.row[at]]
        easting = np.radians(held.lon[at]) * HALF_WORLD / np.pi
        northing = np.arctanh(np.sin(np.radians(held.lat[at]))) * HALF_WORLD / np.pi
        assert 0 <= easting - one.geometry.x <= 1.001 * step
        assert 0 <= one.geometry.y - northing <= 1.001 * step
        for code, attribute in zip(held.codes[at], ATTRIBUTES, strict=True):
            value = one[attribute.name]
            assert value != value if code == 255 else value == attribute.values[code]


def test_draws_clusters_gdal_can_read(tmp_path: Path) -> None:
    address = holding(8, 80.27, 13.08)
    path = tmp_path / "tile.mvt"
    tile = TileIndex.build(many(5000), ATTRIBUTES, 1).tile(*address)
    path.write_bytes(tile)
    frame = pyogrio.read_dataframe(
        path, layer="clusters", Z=8, X=address[1], Y=address[2], METADATA_FILE="NO", CLIP="NO"
    )
    seen = vector_tile.read(tile)["clusters"]
    assert frame["mvt_id"].tolist() == [each.id for each in seen]
    for name in ("count", "unanswered", "label", "ring"):
        assert frame[name].tolist() == [each.properties[name] for each in seen]


def test_marks_a_cluster_with_its_mean_its_first_row_and_its_most_urgent_unanswered_member() -> None:
    spots = {
        9: (10.0, 10.0, 0, 1, False),  # answered: its urgency no longer counts
        4: (10.02, 10.0, 0, 0, True),
        6: (10.01, 10.0, 0, 3, True),
        8: (10.01, 10.0, 1, 4, True),
    }
    address = holding(6, 10.01, 10.0)
    layers = vector_tile.read(TileIndex.build(points(spots), ATTRIBUTES, 1).tile(*address))
    assert list(layers) == ["clusters"]
    [cluster] = layers["clusters"]
    assert cluster.id == 4
    assert cluster.properties == {"count": 4, "unanswered": 3, "urgency": 3, "label": "3", "ring": "0044"}
    assert cluster.x == int((10.01 / 360 + 0.5) * 2**6 * 4096) % 4096


@pytest.mark.parametrize(("urgency", "unanswered"), [(0, True), (2, False)])
def test_leaves_urgency_out_where_no_unanswered_member_has_one(urgency: int, unanswered: bool) -> None:
    spots = dict.fromkeys(range(3), (10.0, 10.0, 0, urgency, unanswered))
    [cluster] = vector_tile.read(TileIndex.build(points(spots), ATTRIBUTES, 1).tile(0, 0, 0))["clusters"]
    assert cluster.properties == {"count": 3, "unanswered": 3 * unanswered, "label": "3"}


def test_draws_a_point_alone_as_itself() -> None:
    spots = {5: (10.0, 10.0, 1, 2, True), 6: (-100.0, 10.0, 255, 0, False), 7: (-100.0, 10.0, 0, 0, False)}
    layers = vector_tile.read(TileIndex.build(points(spots), ATTRIBUTES, 1).tile(0, 0, 0))
    assert [(each.id, each.properties) for each in layers["reports"]] == [(5, {"category": "medical"})]
    assert [(each.id, each.properties["count"]) for each in layers["clusters"]] == [(6, 2)]


EDGES = [(180.0, 0.0), (-180.0, 0.0), (80.27, 13.08), (0.0, 90.0), (180.0, -90.0)]


@pytest.mark.parametrize("place", EDGES)
def test_keeps_many_points_of_one_place_together_at_every_zoom(place: tuple[float, float]) -> None:
    index = TileIndex.build(points(dict.fromkeys(range(50), (*place, 0, 1, True))), ATTRIBUTES, 1)
    for z in range(MAX_ZOOM + 1):
        layers = vector_tile.read(index.tile(*holding(z, *place)))
        assert list(layers) == ["clusters"]
        assert [each.properties["count"] for each in layers["clusters"]] == [50]


@pytest.mark.parametrize("count", [2, 3, FAN])
@pytest.mark.parametrize("place", EDGES)
def test_fans_a_few_points_of_one_place_out_with_a_line_to_it(place: tuple[float, float], count: int) -> None:
    spots = {row: (*place, 0, 1 + row % 4, row != 1) for row in range(count)}
    index = TileIndex.build(points(spots), ATTRIBUTES, 1)
    for z in range(CLUSTER_MAX_ZOOM + 1, MAX_ZOOM + 1):
        layers = vector_tile.read(index.tile(*holding(z, *place)))
        drawn = {each.id: (each.x, each.y) for each in layers["reports"]}
        assert sorted(drawn) == list(range(count))
        assert all(0 <= side < 4096 for spot in drawn.values() for side in spot)
        assert nearest(list(drawn.values())) >= 40 * PIXEL, "side by side"
        assert {each.id: each.end for each in layers["legs"]} == drawn
        x, y = morton.project(np.array([place[0]]), np.array([place[1]]))
        steps = [int(each[0]) * 4096 // 2 ** (morton.BITS - z) % 4096 for each in (x, y)]
        assert {(each.x, each.y) for each in layers["legs"]} == {tuple(steps)}
        assert spots[layers["reports"][-1].id][3] == 1, "the most urgent is drawn last"


def nearest(spots: list[tuple[int, int]]) -> float:
    return min(math.dist(one, other) for one, other in itertools.combinations(spots, 2))


@settings(max_examples=20)
@given(st.lists(st.tuples(st.floats(80.2, 80.4), st.floats(13.0, 13.2)), min_size=2, max_size=400))
def test_draws_no_cluster_on_another_mark(places: list[tuple[float, float]]) -> None:
    """Within a tile; at its edges clusters keep away from those of the next."""
    spots = {row: (*place, 0, 1 + row % 4, row % 3 == 0) for row, place in enumerate(places)}
    for (z, _, _), layers in pyramid(TileIndex.build(points(spots), ATTRIBUTES, 1), CLUSTER_MAX_ZOOM).items():
        clusters = [(each.x, each.y) for each in layers.get("clusters", [])]
        marks = [*clusters, *((each.x, each.y) for each in layers.get("reports", []))]
        assert len(marks) < 2 or nearest(marks) >= APART, z
        assert all(MARGIN <= side < 4096 - MARGIN for spot in clusters for side in spot)


@settings(max_examples=20)
@given(st.lists(st.tuples(st.sampled_from([80.2, 80.20001, 80.21]), st.sampled_from([13.0, 13.01])), max_size=60))
def test_finds_the_very_members_of_a_cluster(places: list[tuple[float, float]]) -> None:
    spots = {row: (*place, 0, 1, True) for row, place in enumerate(places)}
    index = TileIndex.build(points(spots), ATTRIBUTES, 1)
    for (z, _, _), layers in pyramid(index, DEEPEST_MEMBERS).items():
        for each in layers.get("clusters", []):
            members = index.members(each.id, each.properties["count"]).tolist()
            assert (min(members), len(members)) == (each.id, each.properties["count"]), z
    assert not len(index.members(1000, 5))
    for row in spots:
        assert row in index.members(row, 10**9).tolist(), "the closest, when it has grown meanwhile"


@settings(max_examples=60)
@given(
    st.dictionaries(st.integers(0, 40), SPOT, max_size=25),
    st.dictionaries(st.integers(0, 60), SPOT, max_size=15),
    st.lists(st.integers(0, 70), max_size=15),
)
def test_equals_a_new_build_after_changes(before: dict, changed: dict, removed: list[int]) -> None:
    index = TileIndex.build(points(before), ATTRIBUTES, 1)
    rows, tiles = index.rows.tolist(), everything(index)
    after = index.updated(points(changed), np.array(removed, np.uint32), 2)
    expected = {row: spot for row, spot in before.items() if row not in removed} | changed
    fresh = TileIndex.build(points(expected), ATTRIBUTES, 2)
    assert (after.revision, after.count) == (2, len(expected))
    assert after.rows.tolist() == fresh.rows.tolist()
    assert everything(after) == everything(fresh)
    assert (index.rows.tolist(), everything(index)) == (rows, tiles), "the old index is as it was"


def test_equals_a_new_build_after_many_changes() -> None:
    held = many(20_000)
    changed = replace(many(5000, spread=0.2), row=np.arange(5000, dtype=np.uint32) * 13)
    removed = np.arange(0, 60_000, 7, dtype=np.uint32)
    keep = ~np.isin(held.row, np.concatenate([changed.row, removed]))
    names = Points.__dataclass_fields__
    expected = Points(*(np.concatenate([getattr(held, name)[keep], getattr(changed, name)]) for name in names))
    after = TileIndex.build(held, ATTRIBUTES, 1).updated(changed, removed, 2)
    fresh = TileIndex.build(expected, ATTRIBUTES, 2)
    assert after.rows.tolist() == fresh.rows.tolist()
    assert everything(after, 12) == everything(fresh, 12)


def test_does_not_depend_on_the_order_points_came_in() -> None:
    held = many(500)
    back = Points(*(getattr(held, name)[::-1].copy() for name in Points.__dataclass_fields__))
    assert everything(TileIndex.build(held, ATTRIBUTES, 1)) == everything(TileIndex.build(back, ATTRIBUTES, 1))


def test_keeps_what_it_was_built_from_when_the_caller_reuses_the_arrays() -> None:
    held = many(100)
    index = TileIndex.build(held, ATTRIBUTES, 1)
    tiles = everything(index)
    held.codes[:] = 255
    held.row[:] = 0
    assert everything(index) == tiles
    with pytest.raises(ValueError, match="read-only"):
        index.rows[0] = 1


def test_is_empty_without_points() -> None:
    index = TileIndex.build(points({}), ATTRIBUTES, 1)
    assert (index.count, index.tile(0, 0, 0), index.tile(22, 5, 5)) == (0, b"", b"")


def test_works_without_attributes() -> None:
    bare = replace(many(50), codes=np.zeros((50, 0), np.uint8))
    index = TileIndex.build(bare, (), 1)
    assert len(index.updated(bare, bare.row[:0], 2).rows) == 50
    low = [layers for (z, _, _), layers in pyramid(index, 16).items() if z == 16]
    assert sum(len(each.get("reports", [])) for each in low) == 50


@pytest.mark.parametrize(
    ("z", "x", "y", "field"),
    [(-1, 0, 0, "z"), (23, 0, 0, "z"), (0, 1, 0, "x"), (3, -1, 0, "x"), (3, 0, 8, "y"), (22, 0, 2**22, "y")],
)
def test_refuses_a_tile_the_world_does_not_have(z: int, x: int, y: int, field: str) -> None:
    with pytest.raises(Invalid) as refusal:
        TileIndex.build(points({}), ATTRIBUTES, 1).tile(z, x, y)
    assert refusal.value.field == field


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("row", np.array([3, 3], np.uint32)),
        ("row", np.array([3, 2**28], np.uint32)),
        ("row", np.array([2**27, 2**27], np.uint32)),
        ("row", np.array([3, 4], np.int64)),
        ("lon", np.array([0, np.nan])),
        ("lon", np.array([0, 180.1])),
        ("lat", np.array([-np.inf, 0])),
        ("lat", np.array([0.0])),
        ("codes", np.array([[0, 0], [2, 0]], np.uint8)),
        ("codes", np.zeros((2, 1), np.uint8)),
        ("urgency", np.array([0, 5], np.uint8)),
        ("unanswered", np.array([0, 1], np.uint8)),
    ],
)
def test_refuses_points_that_do_not_fit(field: str, value: np.ndarray) -> None:
    good = points({1: (0, 0, 0, 0, True), 2: (0, 0, 0, 0, True)})
    index = TileIndex.build(good, ATTRIBUTES, 1)
    for attempt in (
        lambda bad: TileIndex.build(bad, ATTRIBUTES, 1),
        lambda bad: index.updated(bad, bad.row[:0], 2),
    ):
        with pytest.raises(Invalid) as refusal:
            attempt(replace(good, **{field: value}))
        assert refusal.value.field == field


@pytest.mark.parametrize(
    "attributes",
    [
        (Attribute("a", tuple(range(60))), Attribute("b", tuple(range(41)))),
        tuple(Attribute(f"a{n}", (1,)) for n in range(51)),
        (Attribute("a", (1,)), Attribute("a", (2,))),
    ],
)
def test_refuses_attributes_a_tile_cannot_number(attributes: tuple[Attribute, ...]) -> None:
    with pytest.raises(Invalid, match="attributes"):
        TileIndex.build(replace(points({}), codes=np.zeros((0, len(attributes)), np.uint8)), attributes, 1)


@pytest.mark.parametrize(
    ("count", "label"),
    [
        (2, "2"),
        (999, "999"),
        (1000, "1k"),
        (1299, "1.2k"),
        (9999, "9.9k"),
        (10_000, "10k"),
        (999_999, "999k"),
        (1_250_000, "1.2M"),
        (12_000_000, "12M"),
    ],
)
def test_shortens_a_count_without_claiming_more(count: int, label: str) -> None:
    assert short(count) == label


def test_reads_the_highest_id_back() -> None:
    index = TileIndex.build(points({mvt.MAX_ID: (1, 1, 0, 0, False)}), ATTRIBUTES, 1)
    assert [each.id for each in vector_tile.read(index.tile(0, 0, 0))["reports"]] == [mvt.MAX_ID]


def test_draws_the_most_urgent_unanswered_last_and_so_on_top() -> None:
    place = (80.2, 13.0)
    index = TileIndex.build(
        points({1: (*place, 0, 1, True), 2: (*place, 0, 3, True), 3: (*place, 0, 1, False), 4: (*place, 0, 4, True)}),
        ATTRIBUTES,
        1,
    )
    drawn = vector_tile.read(index.tile(16, *holding(16, *place)[1:]))["reports"]
    assert [seen.id for seen in drawn] == [3, 4, 2, 1]
