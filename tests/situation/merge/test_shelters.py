"""The nearest open shelter, by true distance."""

from __future__ import annotations

import numpy as np
import pytest
from shapely import Point

from crisismap.core.layer.layer import Role
from crisismap.situation.merge.merge import Merger
from tests.situation.merge_layers import asked, feature, layer, shelters


def test_finds_the_nearest_open_shelter_and_passes_over_full_ones() -> None:
    merger = Merger(
        [
            layer(
                "s",
                Role.SHELTER,
                [
                    feature("full", Point(0, 0.001), status="full"),
                    feature("closed", Point(0, 0.002), status="Closed "),
                    feature("ruined", Point(0, 0.003), status="destroyed"),
                    feature("standby", Point(0, 0.02), status="Standby"),
                    feature("silent", Point(0, -0.03)),
                ],
            )
        ]
    )
    merged = merger.merge(asked([0, 0], [0, -0.02]))
    assert shelters(merged) == ["standby", "silent"]
    assert merged.shelter_m[0] == pytest.approx(2211.5, abs=0.1)  # 0.02 degrees of latitude at the equator


def test_gives_no_shelter_beyond_the_limit() -> None:
    merger = Merger([layer("s", Role.SHELTER, [feature("1", Point(0, 0))])])
    merged = merger.merge(asked([0.897, 0.9], [0, 0]))  # 99.9 and 100.2 km on the equator
    assert shelters(merged) == ["1", None]
    assert np.isnan(merged.shelter_m[1])


def test_gives_the_lowest_id_of_shelters_at_one_spot() -> None:
    spot = [feature(i, Point(5, 5)) for i in ("b", "12", "3")]
    merger = Merger([layer("y", Role.SHELTER, spot), layer("x", Role.SHELTER, [feature("z", Point(5, 5))])])
    merged = merger.merge(asked([5.01], [5]))
    assert merged.facts.shelters.items[merged.shelter[0]][:2] == ("x", "z")
    assert shelters(Merger([layer("y", Role.SHELTER, spot)]).merge(asked([5.01], [5]))) == ["3"]
