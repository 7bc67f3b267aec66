"""The merge in time: a feature counts only when its dates cover the moment of the report, in every role."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import LineString, Point, box

from crisismap.core.layer.alert import CLEAR
from crisismap.core.layer.layer import Role
from crisismap.situation.merge.batch_places import Places
from crisismap.situation.merge.merge import Merger
from tests.situation.merge_layers import areas, asked, feature, hazards, layer, shelters, whys

SQUARE = box(0, 0, 1, 1)
MOMENTS = [9, 10, 20, 21]
SPAN = {"valid_from_ms": 10, "valid_to_ms": 20}


def at(merger: Merger, *moments: int, **said: str):
    n = len(moments)
    return merger.merge(asked([0.5] * n, [0.5] * n, at_ms=moments, **said))


def test_gives_the_area_that_was_one_then() -> None:
    old = feature("1", SQUARE, valid_to_ms=15)
    new = feature("2", SQUARE, valid_from_ms=16)
    assert areas(at(Merger([layer("w", Role.AREA, [old, new])]), 15, 16)) == ["1", "2"]
    assert areas(at(Merger([layer("w", Role.AREA, [feature("1", SQUARE, **SPAN)])]), *MOMENTS)) == [
        None,
        "1",
        "1",
        None,
    ]


def test_gives_the_warnings_in_force_then_and_no_all_clear() -> None:
    both = [feature("1", SQUARE, **SPAN), feature("2", SQUARE, status=CLEAR)]
    assert hazards(at(Merger([layer("h", Role.HAZARD, both)]), *MOMENTS)) == [[], ["1"], ["1"], []]


def test_gives_the_nearest_shelter_that_was_open_then() -> None:
    near = feature("1", Point(0.5, 0.5), **SPAN)
    far = feature("2", Point(0.6, 0.5))
    assert shelters(at(Merger([layer("s", Role.SHELTER, [near, far])]), *MOMENTS)) == ["2", "1", "1", "2"]


def test_contradicts_no_shelter_and_no_road_of_another_time() -> None:
    shelter = Merger([layer("s", Role.SHELTER, [feature("1", Point(0.5, 0.5), status="open", **SPAN)])])
    found = whys(at(shelter, *MOMENTS, category="shelter", status="full"))
    assert [len(each) for each in found] == [0, 1, 1, 0]
    road = Merger(
        [layer("r", Role.TRANSPORT, [feature("1", LineString([(0, 0.5), (1, 0.5)]), status="closed", **SPAN)])]
    )
    found = whys(at(road, *MOMENTS, category="transport", status="open"))
    assert [len(each) for each in found] == [0, 1, 1, 0]


spans = st.tuples(st.none() | st.integers(0, 5), st.none() | st.integers(3, 9))


@given(st.lists(st.tuples(spans, st.integers(0, 9)), max_size=6), st.lists(st.integers(-1, 10), min_size=1, max_size=6))
def test_finds_among_shelters_with_any_dates_what_a_plain_search_finds(drawn, moments: list[int]) -> None:
    made = [
        feature(str(i), Point(0.5 + x / 100, 0.5), valid_from_ms=start, valid_to_ms=end)
        for i, ((start, end), x) in enumerate(drawn)
    ]
    found = shelters(at(Merger([layer("s", Role.SHELTER, made)]), *moments))
    for moment, answer in zip(moments, found, strict=True):
        there = [
            (x, i)
            for i, ((start, end), x) in enumerate(drawn)
            if (start is None or start <= moment) and (end is None or moment <= end)
        ]
        assert answer == (str(min(there)[1]) if there else None)


@settings(max_examples=25)
@given(
    st.lists(st.tuples(st.sampled_from([Role.AREA, Role.HAZARD, Role.SHELTER]), spans, st.integers(0, 2)), max_size=5),
    st.integers(0, 2**32 - 1),
)
def test_says_of_many_reports_at_few_places_and_moments_what_it_says_of_each_alone(drawn, seed: int) -> None:
    versions = [
        layer(f"layer-{at}", role, [feature("1", box(x, 0, x + 1, 1), valid_from_ms=start, valid_to_ms=end)])
        for at, (role, (start, end), x) in enumerate(drawn)
    ]
    merger = Merger(versions)
    rng = np.random.default_rng(seed)
    lon, moments = rng.integers(0, 3, 200) + 0.5, rng.integers(-1, 11, 200)
    together = merger.merge(asked(lon, np.full(200, 0.5), at_ms=moments))
    for x in range(3):
        for moment in range(-1, 11):
            alone = merger.merge(asked([x + 0.5], [0.5], at_ms=moment))
            those = (lon == x + 0.5) & (moments == moment)
            for name in ("area", "hazards", "shelter", "shelter_m"):
                column, one = getattr(together, name)[those], getattr(alone, name)
                assert np.array_equal(column, np.repeat(one, len(column)), equal_nan=name == "shelter_m"), name


@pytest.mark.parametrize("role", [Role.AREA, Role.HAZARD])
def test_looks_again_at_reports_when_only_the_dates_change(role: Role) -> None:
    old = layer("x", role, [feature("1", SQUARE)])
    new = layer("x", role, [feature("1", SQUARE, **SPAN)], version=2)
    assert Merger.affected_mask(old, new, Places(np.array([0.5, 3.0]), np.array([0.5, 3.0]))).tolist() == [True, False]
