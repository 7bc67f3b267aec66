"""The merge when layers come, change and go: shared lists, kept indexes, and which reports to merge again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import LineString, Point, box

from crisismap.core.layer.layer import Feature, LayerVersion, Role
from crisismap.situation.merge import layer_index, merge
from crisismap.situation.merge.batch_places import Places
from crisismap.situation.merge.merge import Merger, MergeResult
from tests.situation.merge_layers import areas, asked, feature, hazards, layer, shelters, whys


def test_keeps_numbers_given_before() -> None:
    wards = layer("w", Role.AREA, [feature("1", box(0, 0, 1, 1)), feature("2", box(2, 0, 3, 1))])
    zones = layer("z", Role.HAZARD, [feature("1", box(0, 0, 1, 1)), feature("2", box(0, 0, 3, 1))])
    first = Merger([wards, zones])
    at = asked([0.5, 2.5], [0.5, 0.5])
    before = first.merge(at)
    second = Merger(
        [layer("w", Role.AREA, [feature("0", box(5, 5, 6, 6)), *wards.features], version=2), zones], like=first
    )
    after = second.without("none such").merge(at)
    assert after.area.tolist() == before.area.tolist()
    assert after.hazards.tolist() == before.hazards.tolist()
    assert after.facts.areas.items is before.facts.areas.items and after.facts.hazards.sets is before.facts.hazards.sets


def test_replaces_and_removes_a_layer() -> None:
    old = layer("w", Role.AREA, [feature("1", box(0, 0, 1, 1))])
    new = layer("w", Role.AREA, [feature("2", box(0, 0, 1, 1))], version=2)
    other = layer("v", Role.HAZARD, [feature("9", box(0, 0, 1, 1))])
    at = asked([0.5], [0.5])
    merger = Merger([old, other])
    assert areas(Merger([new, other], like=merger).merge(at)) == ["2"]
    assert areas(merger.without("w").merge(at)) == [None]
    assert hazards(merger.without("w").merge(at)) == [["9"]]
    assert areas(merger.merge(at)) == ["1"]  # a Merger itself never changes


def test_does_not_index_unchanged_layers_again(monkeypatch: pytest.MonkeyPatch) -> None:
    indexed: list[str] = []
    real = layer_index.index_layer

    def noting(version: LayerVersion, facts: Any) -> Any:
        indexed.append(version.layer.id)
        return real(version, facts)

    monkeypatch.setattr(merge, "index_layer", noting)
    a, b, c = (layer(i, Role.AREA, [feature("1", box(0, 0, 1, 1))]) for i in "abc")
    merger = Merger([a, b, c])
    Merger([a, layer("b", Role.AREA, [], version=2), c], like=merger).without("a")
    assert indexed == ["a", "b", "c", "b"]


def test_touches_only_what_a_changed_area_covers() -> None:
    same = feature("1", box(0, 0, 1, 1))
    old = layer("w", Role.AREA, [same, feature("2", box(2, 0, 3, 1))])
    new = layer("w", Role.AREA, [same, feature("2", box(4, 0, 5, 1))], version=2)
    lon, lat = np.array([0.5, 2.5, 3.5, 4.5, np.nan]), np.full(5, 0.5)
    assert Merger.affected_mask(old, new, Places(lon, lat)).tolist() == [False, True, False, True, False]
    assert Merger.affected_mask(None, new, Places(lon, lat)).tolist() == [True, False, False, True, False]
    assert Merger.affected_mask(old, None, Places(lon, lat)).tolist() == [True, True, False, False, False]
    assert not Merger.affected_mask(old, old, Places(lon, lat)).any()
    assert not Merger.affected_mask(None, None, Places(lon, lat)).any()


def test_touches_everything_of_both_when_the_role_changes() -> None:
    one = [feature("1", box(0, 0, 1, 1), status="open")]
    lon, lat = np.array([0.5, 9]), np.array([0.5, 9])
    changed = Merger.affected_mask(layer("x", Role.AREA, one), layer("x", Role.HAZARD, one), Places(lon, lat))
    assert changed.tolist() == [True, False]
    drawn = layer("x", Role.CONTEXT, one)
    assert not Merger.affected_mask(None, drawn, Places(lon, lat)).any()


def test_touches_the_reach_of_a_shelter_and_of_a_road() -> None:
    lon, lat = np.array([0, 0.8, 1.0]), np.zeros(3)
    old = layer("s", Role.SHELTER, [feature("1", Point(0, 0), status="full")])
    new = layer("s", Role.SHELTER, [feature("1", Point(0, 0), status="open")], version=2)
    assert Merger.affected_mask(old, new, Places(lon, lat)).tolist() == [True, True, False]
    road = layer("r", Role.TRANSPORT, [feature("1", LineString([(-1, 0), (0, 0)]), status="closed")])
    assert Merger.affected_mask(None, road, Places(np.array([0.0005, 0.0006]), np.zeros(2))).tolist() == [True, False]


_corner = st.integers(0, 5)
_words = st.sampled_from(["", "open", "full", "closed", "flooded"])


@st.composite
def _features(draw: st.DrawFn) -> list[Feature]:
    drawn = draw(st.lists(st.tuples(_corner, _corner, st.integers(1, 3), _words, st.booleans()), max_size=5))
    return [
        feature(str(i), box(x, y, x + size, y + size) if square else Point(x, y), status=word)
        for i, (x, y, size, word, square) in enumerate(drawn)
    ]


@settings(max_examples=60, deadline=None)
@given(
    old=st.none() | _features(),
    new=st.none() | _features(),
    role=st.sampled_from(list(Role)),
    points=st.lists(
        st.tuples(_corner, _corner, st.sampled_from(["shelter", "flooding", "transport"]), _words),
        min_size=1,
        max_size=12,
    ),
)
def test_never_misses_a_report_that_a_change_affects(
    old: list[Feature] | None, new: list[Feature] | None, role: Role, points: list[tuple[int, int, str, str]]
) -> None:
    before = None if old is None else layer("x", role, old)
    after = None if new is None else layer("x", role, new, version=2)
    other = layer("o", Role.SHELTER, [feature("9", Point(2.1, 2.1))])
    x, y, category, status = (list(column) for column in zip(*points, strict=True))
    at = asked(x, y, category, status)
    left = Merger([v for v in (before, other) if v])
    right = left.without("x") if after is None else Merger([after, other], like=left)
    touched = Merger.affected_mask(before, after, Places(at.lon, at.lat))
    readers: list[Callable[[MergeResult], list[Any]]] = [areas, hazards, shelters, whys]
    for read in readers:
        pairs = zip(read(left.merge(at)), read(right.merge(at)), touched, strict=True)
        assert all(was == now or again for was, now, again in pairs)
