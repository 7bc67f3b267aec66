"""The difference between two versions: what is new, changed, gone, and when it is a great loss."""

from __future__ import annotations

from dataclasses import replace

import pytest
from shapely.geometry import Point

from crisismap.core.errors import WouldLose
from crisismap.core.layer.difference import difference, require_no_loss
from crisismap.core.layer.layer import Feature, Layer, LayerVersion, Role

SHELTERS = Layer("shelters", "Shelters", Role.SHELTER, "CC0", "City")


def version(*features: Feature, layer: Layer = SHELTERS) -> LayerVersion:
    return LayerVersion(layer, 1, 0, features)


def school(number: int, **said: object) -> Feature:
    return Feature(str(number), f"School {number}", "", Point(80, number), {"places": 3} | said)


def test_counts_what_is_new_changed_and_gone_by_id() -> None:
    old = version(*map(school, range(5)))
    moved = replace(school(1), geometry=Point(81, 1))
    found = difference(
        old, version(school(0), moved, school(2, places=4), replace(school(3), status="full"), school(9))
    )
    assert (found.features, found.located) == ((5, 5), (5, 5))
    assert (found.added, found.changed, [each.name for each in found.removed]) == (1, 3, ["School 4"])
    assert (found.metadata, found.changes_role, found.loses_most) == ({}, False, False)


def test_counts_places_that_are_gone() -> None:
    old = version(*map(school, range(3)))
    found = difference(old, version(*(replace(each, geometry=None) for each in old.features)))
    assert (found.located, found.changed) == ((3, 0), 3)


def test_tells_what_metadata_changes() -> None:
    found = difference(version(), version(layer=replace(SHELTERS, title="Camps", licence="")))
    assert found.metadata == {"title": ("Shelters", "Camps"), "licence": ("CC0", "")}


@pytest.mark.parametrize(
    ("before", "after", "loses"),
    [(5, 5, False), (5, 3, False), (5, 2, True), (4, 2, False), (1, 1, False), (60, 3, True)],
)
def test_calls_more_than_half_a_great_loss(before: int, after: int, loses: bool) -> None:
    old, new = version(*map(school, range(before))), version(*map(school, range(after)))
    assert difference(old, new).loses_most is loses
    if loses:
        with pytest.raises(WouldLose) as refused:
            require_no_loss(old, new)
        assert refused.value.details["lost"] == before - after
    else:
        require_no_loss(old, new)


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.SHELTER])
def test_refuses_any_other_role(role: Role) -> None:
    old = version(*map(school, range(5)))
    with pytest.raises(WouldLose) as refused:
        require_no_loss(old, replace(old, layer=replace(SHELTERS, role=role)))
    assert (refused.value.code, refused.value.details["role_after"]) == ("role_would_change", role)


def numbered(*names: str) -> LayerVersion:
    return version(*(Feature(str(row), name, "", Point(80, row), {}) for row, name in enumerate(names, 1)))


def test_matches_by_name_where_ids_are_numbers_of_rows() -> None:
    """A shorter sheet without ids would else have lost its last rows, whatever they were."""
    found = difference(numbered("A", "B", "C", "D"), numbered("B", "D"))
    assert (found.matched_by, [each.name for each in found.removed], found.added) == ("name", ["A", "C"], 0)
    coded = version(*(Feature(f"S-{name}", name, "", Point(80, 1), {}) for name in "ABC"))
    assert difference(coded, numbered("A", "C")).matched_by == "name"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (version(*map(school, range(3))), version(*map(school, range(2)))),
        (numbered("A", "A", "B"), numbered("A", "B")),
        (numbered("A", "", "B"), numbered("A", "B")),
        (version(school(1)), version(replace(school(1), name="Old school"))),
    ],
)
def test_matches_by_id_otherwise(old: LayerVersion, new: LayerVersion) -> None:
    assert difference(old, new).matched_by == "id"
