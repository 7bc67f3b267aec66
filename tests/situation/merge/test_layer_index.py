"""One layer version ready for the merge: the index of its role, and features that count at a moment."""

from __future__ import annotations

import numpy as np
import pytest
from shapely import LineString, Point, box

from crisismap.core.layer.alert import CLEAR
from crisismap.core.layer.layer import Role
from crisismap.core.place.geodesy import earth_centred
from crisismap.situation.merge.batch_places import Places
from crisismap.situation.merge.layer_index import (
    AreaLayer,
    Facts,
    HazardLayer,
    ShelterLayer,
    TransportLayer,
    index_layer,
)
from tests.situation.merge_layers import feature, layer

ZONE = box(0, 0, 1, 1)


def at(*spots: tuple[float, float]) -> Places:
    lon, lat = np.array(spots, float).T
    return Places(lon, lat)


def moments(*ms: int) -> np.ndarray:
    return np.array(ms, np.int64)


@pytest.mark.parametrize(
    ("role", "kind"),
    [
        (Role.AREA, AreaLayer),
        (Role.HAZARD, HazardLayer),
        (Role.SHELTER, ShelterLayer),
        (Role.TRANSPORT, TransportLayer),
        (Role.CONTEXT, type(None)),
    ],
)
def test_has_the_index_of_its_role(role: Role, kind: type) -> None:
    assert type(index_layer(layer("x", role, [feature("1", ZONE, status="open")]), Facts())) is kind


def test_finds_the_lowest_area_that_counts_at_the_moment() -> None:
    made = AreaLayer(layer("w", Role.AREA, [feature("1", ZONE, valid_to_ms=10), feature("2", ZONE)]), Facts())
    spots = at((0.5, 0.5), (0.5, 0.5), (5, 5))
    assert made.first(spots, moments(10, 11, 10)).tolist() == [0, 1, -1]
    assert made.reaches(spots).tolist() == [True, True, False]
    assert not made.always


def test_gives_features_the_numbers_that_they_had_before() -> None:
    facts = Facts()
    first = AreaLayer(layer("w", Role.AREA, [feature("1", ZONE), feature("2", ZONE)]), facts)
    again = AreaLayer(layer("w", Role.AREA, [feature("2", ZONE), feature("3", ZONE)], version=2), facts)
    assert first.number.tolist() == [0, 1, -1], "the last is what nothing reads"
    assert again.number.tolist() == [1, 2, -1]


def test_leaves_out_a_hazard_that_is_called_off() -> None:
    made = HazardLayer(layer("h", Role.HAZARD, [feature("1", ZONE, status=CLEAR), feature("2", ZONE)]), Facts())
    assert made.feature == ["2"]


def test_knows_the_moments_at_which_its_answers_turn() -> None:
    made = HazardLayer(
        layer("h", Role.HAZARD, [feature("1", ZONE, valid_from_ms=5, valid_to_ms=9), feature("2", ZONE)]), Facts()
    )
    assert made.turns.tolist() == [5, 10], "both ends of a feature's time are inside it"
    assert made.counts(np.zeros(4, np.intp), moments(4, 5, 9, 10)).tolist() == [False, True, True, False]


def test_finds_the_nearest_shelter_that_is_open_at_the_moment() -> None:
    made = ShelterLayer(
        layer(
            "s",
            Role.SHELTER,
            [
                feature("1", Point(0, 0.001), status="open", valid_to_ms=10),
                feature("2", Point(0, 0.002), status="full"),
                feature("3", Point(0, 0.003), status="open"),
            ],
        ),
        Facts(),
    )
    here = earth_centred(np.zeros(2), np.zeros(2))
    row, metres = made.nearest_open(here, moments(10, 11))
    assert [made.feature[r] for r in row] == ["1", "3"]
    assert metres.tolist() == pytest.approx([110.6, 331.7], abs=0.1)


def test_keeps_only_roads_that_say_whether_they_are_open() -> None:
    line = LineString([(0, 0), (0, 1)])
    made = TransportLayer(layer("r", Role.TRANSPORT, [feature("1", line), feature("2", line, status=" Closed")]))
    assert made.feature == ["2"]
    assert made.reaches(at((0.0001, 0.5), (0.5, 0.5))).tolist() == [True, False]
