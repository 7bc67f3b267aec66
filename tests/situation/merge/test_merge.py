"""The merge: its rules, one by one."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from shapely import GeometryCollection, LineString, MultiPolygon, Point, box

from crisismap.core.layer.layer import Role
from crisismap.situation.merge.layer_frame import id_order
from crisismap.situation.merge.merge import Disagreement, HazardRef, Merger
from tests.situation.merge_layers import areas, asked, feature, hazards, layer, shelters, whys

DAY_MS = 86_400_000
METRE = 1 / 111_195  # degrees of latitude, near enough


def test_gives_code_and_name_of_the_area() -> None:
    merger = Merger([layer("wards", Role.AREA, [feature("7", box(0, 0, 1, 1), code="IN-7", name="Adyar")])])
    merged = merger.merge(asked([0.5, 2.0], [0.5, 0.5]))
    assert merged.areas[merged.area[0]] == ("wards", "7", "IN-7", "Adyar")
    assert merged.area[1] == -1


def test_lets_the_lowest_id_win_among_overlapping_areas() -> None:
    overlapping = [feature(i, box(0, 0, 1, 1)) for i in ("10", "a", "9", "B")]
    assert areas(Merger([layer("w", Role.AREA, overlapping)]).merge(asked([0.5], [0.5]))) == ["9"]


def test_lets_the_lowest_layer_id_win_before_the_feature_id() -> None:
    second = layer("b", Role.AREA, [feature("1", box(0, 0, 4, 4))])
    first = layer("a", Role.AREA, [feature("2", box(0, 0, 1, 1))])
    for given in ([first, second], [second, first]):
        merged = Merger(given).merge(asked([0.5, 3], [0.5, 3]))
        assert [merged.areas[k][:2] for k in merged.area] == [("a", "2"), ("b", "1")]


def test_orders_ids_by_number_then_by_text() -> None:
    ids = ["x", "10", "2", "007", "7", "", "IDN.1", "9" * 5000]
    assert sorted(ids, key=id_order) == ["2", "007", "7", "10", "9" * 5000, "", "IDN.1", "x"]


def test_counts_boundary_and_corner_as_covered() -> None:
    two = [feature("1", box(0, 0, 1, 1)), feature("2", box(1, 0, 2, 1))]
    merger = Merger([layer("w", Role.AREA, two), layer("h", Role.HAZARD, two)])
    merged = merger.merge(asked([1, 0, 2, 2], [0.5, 0, 1, 1.0000001]))
    assert areas(merged) == ["1", "1", "2", None]
    assert hazards(merged) == [["1", "2"], ["1"], ["2"], []]


def test_leaves_holes_out() -> None:
    ring = box(0, 0, 3, 3).difference(box(1, 1, 2, 2))
    assert areas(Merger([layer("w", Role.AREA, [feature("1", ring)])]).merge(asked([0.5, 1.5], [0.5, 1.5]))) == [
        "1",
        None,
    ]


def test_skips_missing_and_empty_geometry_lines_and_points() -> None:
    features = [
        feature("1", None),
        feature("2", MultiPolygon()),
        feature("3", LineString([(0, 0), (1, 1)])),
        feature("4", Point(0.5, 0.5)),
        feature("5", GeometryCollection([Point(0.5, 0.5), box(0, 0, 1, 1), LineString([(0, 0), (1, 1)])])),
    ]
    merged = Merger([layer("w", Role.AREA, features), layer("h", Role.HAZARD, features)]).merge(asked([0.5], [0.5]))
    assert areas(merged) == ["5"]
    assert hazards(merged) == [["5"]]


@pytest.mark.parametrize("role", list(Role))
def test_takes_a_layer_without_features(role: Role) -> None:
    merged = Merger([layer("e", role, []), layer("n", role, [feature("1", None, status="open")])]).merge(
        asked([0.0], [0.0], "transport", "flooded")
    )
    assert merged.area[0] == merged.hazards[0] == merged.shelter[0] == merged.disagrees[0] == -1
    assert np.isnan(merged.shelter_m[0])


def test_gives_everything_absent_to_reports_without_a_usable_place() -> None:
    everywhere = [feature("1", box(-180, -90, 180, 90), status="open")]
    merger = Merger([layer(r.value, r, everywhere) for r in Role])
    nan, inf = float("nan"), float("inf")
    merged = merger.merge(asked([nan, 0, inf, 181, 0, 10], [0, nan, 0, 0, -91, 10], "flooding"))
    assert areas(merged) == [None] * 5 + ["1"]
    assert merged.hazards.tolist()[:5] == merged.disagrees.tolist()[:5] == merged.shelter.tolist()[:5] == [-1] * 5
    assert np.isnan(merged.shelter_m[:5]).all()
    assert merged.disagrees[5] >= 0 and merged.hazards[5] >= 0


def test_takes_an_empty_batch() -> None:
    merger = Merger([layer(r.value, r, [feature("1", box(0, 0, 1, 1), status="open")]) for r in Role])
    assert len(merger.merge(asked([], [])).area) == 0


def test_merges_without_any_layer() -> None:
    assert areas(Merger([]).merge(asked([0.0], [0.0]))) == [None]


def test_lists_every_hazard_valid_at_the_time_of_the_report() -> None:
    zone = box(0, 0, 1, 1)
    hazard = layer(
        "flood",
        Role.HAZARD,
        [
            feature("10", zone),
            feature("2", zone, valid_from_ms=DAY_MS, valid_to_ms=2 * DAY_MS),
            feature("3", zone, valid_to_ms=DAY_MS),
            feature("4", zone, valid_from_ms=2 * DAY_MS),
        ],
    )
    times = [0, DAY_MS, DAY_MS + 1, 2 * DAY_MS, 2 * DAY_MS + 1]
    merged = Merger([hazard]).merge(asked([0.5] * 5, [0.5] * 5, at_ms=times))
    assert hazards(merged) == [["3", "10"], ["2", "3", "10"], ["2", "10"], ["2", "4", "10"], ["4", "10"]]


def test_lists_a_hazard_of_many_rows_once_and_layers_in_order() -> None:
    twice = [feature("1", box(0, 0, 2, 2)), feature("1", box(1, 1, 3, 3))]
    merger = Merger([layer("z", Role.HAZARD, twice), layer("a", Role.HAZARD, [feature("9", box(0, 0, 9, 9))])])
    merged = merger.merge(asked([1.5], [1.5]))
    assert merged.hazard_sets[merged.hazards[0]] == (
        HazardRef("a", "9", "name 9"),
        HazardRef("z", "1", "name 1"),
    )


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
    assert merged.shelters[merged.shelter[0]][:2] == ("x", "z")
    assert shelters(Merger([layer("y", Role.SHELTER, spot)]).merge(asked([5.01], [5]))) == ["3"]


def test_measures_across_the_antimeridian_and_at_the_poles() -> None:
    merger = Merger(
        [
            layer("s", Role.SHELTER, [feature("fiji", Point(-179.99, -17)), feature("pole", Point(0, 90))]),
            layer(
                "r",
                Role.TRANSPORT,
                [
                    feature("road", LineString([(-180, -17), (-179.9, -17)]), status="open"),
                    feature("ice", LineString([(0, 89.9), (0, 90)]), status="open"),
                ],
            ),
            layer("w", Role.AREA, [feature("cap", box(-180, 80, 180, 90))]),
        ]
    )
    lon, lat = [179.99, 179.9999, 180, -180, 77, -120], [-17, -17, -17, -17, 90, -90]
    merged = merger.merge(asked(lon, lat, "flooding"))
    assert shelters(merged) == ["fiji"] * 4 + ["pole", None]
    assert merged.shelter_m[0] == pytest.approx(2129.4, abs=1)
    assert merged.shelter_m[4] == pytest.approx(0, abs=1e-3)
    assert [[f for f, _ in w] for w in whys(merged)] == [[], ["road"], ["road"], ["road"], ["ice"], []]
    assert areas(merged) == [None] * 4 + ["cap", None]


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
    assert merged.disagreement_sets[merged.disagrees[0]] == (
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
    assert {d.why for s in merged.disagreement_sets for d in s} == {"reported flooding, layer says open"}


def test_answers_alone_as_in_a_batch() -> None:
    rng = np.random.default_rng(5)
    squares = [feature(str(i), shapely.box(*c, *(c + 0.3))) for i, c in enumerate(rng.uniform(0, 1, (40, 2)))]
    spots = [
        feature(str(i), Point(p), status=s)
        for i, (p, s) in enumerate(zip(rng.uniform(0, 1, (60, 2)), ["open", "full", "closed"] * 20, strict=True))
    ]
    merger = Merger(
        [
            layer("a", Role.AREA, squares[:20]),
            layer("a2", Role.AREA, squares[20:]),
            layer("h", Role.HAZARD, squares),
            layer("s", Role.SHELTER, spots),
            layer("s2", Role.SHELTER, spots[::-2]),
            layer("r", Role.TRANSPORT, spots),
        ]
    )
    near = np.concatenate([rng.uniform(0, 1.5, (300, 2)), shapely.get_coordinates([f.geometry for f in spots] * 3)])
    near[::17] = np.nan
    n = len(near)
    category = rng.choice(["flooding", "shelter", "transport", "other"], n).tolist()
    status = rng.choice(["", "open", "full", "flooded", "nonsense"], n).tolist()
    whole = merger.merge(asked(near[:, 0], near[:, 1], category, status))
    assert (whole.disagrees >= 0).sum() > 20
    for i in range(n):
        one = merger.merge(asked(near[i : i + 1, 0], near[i : i + 1, 1], category[i], status[i]))
        for column in ("area", "hazards", "shelter", "shelter_m", "disagrees"):
            np.testing.assert_array_equal(getattr(one, column)[0], getattr(whole, column)[i], column)
