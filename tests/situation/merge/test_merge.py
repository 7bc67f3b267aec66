"""The merge: its rules, one by one."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from shapely import GeometryCollection, LineString, MultiPolygon, Point, box

from crisismap.core.layer.layer import Role
from crisismap.situation.merge.merge import HazardRef, Merger
from tests.situation.merge_layers import areas, asked, feature, hazards, layer, shelters, whys

DAY_MS = 86_400_000
METRE = 1 / 111_195  # degrees of latitude, near enough


def test_gives_code_and_name_of_the_area() -> None:
    merger = Merger([layer("wards", Role.AREA, [feature("7", box(0, 0, 1, 1), code="IN-7", name="Adyar")])])
    merged = merger.merge(asked([0.5, 2.0], [0.5, 0.5]))
    assert merged.facts.areas.items[merged.area[0]] == ("wards", "7", "IN-7", "Adyar")
    assert merged.area[1] == -1


def test_lets_the_lowest_id_win_among_overlapping_areas() -> None:
    overlapping = [feature(i, box(0, 0, 1, 1)) for i in ("10", "a", "9", "B")]
    assert areas(Merger([layer("w", Role.AREA, overlapping)]).merge(asked([0.5], [0.5]))) == ["9"]


def test_lets_the_lowest_layer_id_win_before_the_feature_id() -> None:
    second = layer("b", Role.AREA, [feature("1", box(0, 0, 4, 4))])
    first = layer("a", Role.AREA, [feature("2", box(0, 0, 1, 1))])
    for given in ([first, second], [second, first]):
        merged = Merger(given).merge(asked([0.5, 3], [0.5, 3]))
        assert [merged.facts.areas.items[k][:2] for k in merged.area] == [("a", "2"), ("b", "1")]


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
    assert merged.facts.hazards.sets[merged.hazards[0]] == (
        HazardRef("a", "9", "name 9"),
        HazardRef("z", "1", "name 1"),
    )


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
