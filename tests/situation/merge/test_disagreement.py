"""Where reports and official layers contradict each other, rule by rule."""

from __future__ import annotations

import numpy as np
import pytest
from shapely import GeometryCollection, LineString, Point, box

from crisismap.core.layer.layer import Role
from crisismap.situation.merge.merge import Disagreement, Merger
from tests.situation.merge_layers import asked, feature, layer, whys

METRE = 1 / 111_195  # degrees of latitude, near enough


@pytest.mark.parametrize(
    ("official", "reported", "why"),
    [
        ("open", "full", "reported full, layer says open"),
        ("open", "Closed ", "reported closed, layer says open"),
        ("standby", "full", "reported full, layer says standby"),
        ("", "full", "reported full, layer lists it as open"),
        ("full", "open", "reported open, layer says full"),
        ("closed", "available", "reported available, layer says closed"),
        ("full", "full", None),
        ("full", "closed", None),
        ("open", "open", None),
        ("destroyed", "open", None),
        ("open", "", None),
        ("open", "<script>", None),
    ],
)
def test_notices_a_shelter_report_against_the_layer(official: str, reported: str, why: str | None) -> None:
    merger = Merger([layer("s", Role.SHELTER, [feature("1", Point(80, 13), status=official)])])
    at = asked([80] * 2, [13 + 149 * METRE, 13 + 152 * METRE], "shelter", reported)
    assert whys(merger.merge(at)) == [[("1", why)] if why else [], []]


def test_takes_only_shelter_reports_for_shelters() -> None:
    merger = Merger([layer("s", Role.SHELTER, [feature("1", Point(80, 13), status="open")])])
    assert whys(merger.merge(asked([80] * 2, [13] * 2, ["rescue", "transport"], "full"))) == [[], []]


@pytest.mark.parametrize(
    ("official", "category", "reported", "metres", "why"),
    [
        ("closed", "transport", "open", 59, "reported open, layer says closed"),
        ("flooded", "transport", "passable", 59, "reported passable, layer says flooded"),
        ("closed", "transport", "open", 61, None),
        ("open", "flooding", "", 29, "reported flooding, layer says open"),
        ("open", "flooding", "rising", 29, "reported flooding, layer says open"),
        ("open", "flooding", "", 31, None),
        ("open", "transport", "flooded", 29, "reported flooded, layer says open"),
        ("open", "transport", "closed", 29, "reported closed, layer says open"),
        ("passable", "transport", "blocked", 29, "reported blocked, layer says passable"),
        ("open", "transport", "blocked", 31, None),
        ("open", "transport", "open", 1, None),
        ("closed", "flooding", "", 1, None),
        ("", "flooding", "", 1, None),
        ("open", "rescue", "flooded", 1, None),
        ("open", "transport", "full", 1, None),
    ],
)
@pytest.mark.parametrize("lat", [0.0, 13.0, -62.0, 80.0])
def test_notices_a_road_report_against_the_layer(
    lat: float, official: str, category: str, reported: str, metres: float, why: str | None
) -> None:
    east = METRE / np.cos(np.radians(lat))  # metres eastwards, so that the shrinking degree is tried
    road = LineString([(80, lat - 0.01), (80, lat + 0.01)])
    merger = Merger([layer("r", Role.TRANSPORT, [feature("1", road, status=official)])])
    merged = merger.merge(asked([80 + metres * east], [lat], category, reported))
    assert whys(merged) == [[("1", why)] if why else []]


def test_measures_to_points_outlines_and_inside_of_transport_features() -> None:
    parts = [
        feature("stop", Point(0, 0), status="open"),
        feature("station", box(1, 1, 2, 2), status="open"),
        feature("net", GeometryCollection([LineString([(3, 3), (4, 3)]), Point(5, 5)]), status="open"),
    ]
    merger = Merger([layer("r", Role.TRANSPORT, parts)])
    lon, lat = [0, 1.5, 2 + 20 * METRE, 3.5, 5, 6], [20 * METRE, 1.5, 1.5, 3, 5, 6]
    found = [[f for f, _ in w] for w in whys(merger.merge(asked(lon, lat, "flooding")))]
    assert found == [["stop"], ["station"], ["station"], ["net"], ["net"], []]


def test_lists_a_contradicted_feature_once() -> None:
    zigzag = LineString([(0, 0), (1e-5, 1e-5), (0, 2e-5), (1e-5, 3e-5)])
    merger = Merger([layer("r", Role.TRANSPORT, [feature(i, zigzag, status="open") for i in ("11", "2")], version=3)])
    merged = merger.merge(asked([0], [0], "transport", "flooded"))
    assert merged.facts.disagreements.sets[merged.disagrees[0]] == (
        Disagreement("r", "2", "reported flooded, layer says open"),
        Disagreement("r", "11", "reported flooded, layer says open"),
    )


def test_never_repeats_a_persons_words() -> None:
    merger = Merger(
        [
            layer("s", Role.SHELTER, [feature("1", Point(0, 0), status="open")]),
            layer("r", Role.TRANSPORT, [feature("1", Point(0, 0), status="open")]),
        ]
    )
    hostile = ["<b>full", "call 0171 2345", "full\x00", "open; drop table"]
    merged = merger.merge(asked([0] * 12, [0] * 12, ["flooding", "shelter", "transport"] * 4, hostile * 3))
    assert {d.why for s in merged.facts.disagreements.sets for d in s} == {"reported flooding, layer says open"}
