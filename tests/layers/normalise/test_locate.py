"""It places what only names its area by code, and leaves the rest without a place rather than guess."""

from __future__ import annotations

from shapely.geometry import box

from crisismap.core.layer.layer import Feature, Layer, LayerVersion, Role
from crisismap.layers.normalise.locate import BY_CODE, MISSING, locate

AREAS = LayerVersion(
    Layer("counties", "Counties", Role.AREA),
    1,
    0,
    (
        Feature("48201", "Harris", "", box(0, 0, 1, 1), {"ADM1_PCODE": "US48"}),
        Feature("48157", "Fort Bend", "", box(1, 0, 2, 1), {"ADM1_PCODE": "US48"}),
        Feature("9", "Zone", "TXZ213", box(0, 0, 0.5, 0.5), {}),
    ),
)


def version(*features: Feature) -> LayerVersion:
    return LayerVersion(Layer("warnings", "Warnings", Role.HAZARD), 1, 0, features)


def warning(**codes: list[str]) -> Feature:
    return Feature("w", "Flood", "", None, {"geocodes": codes})


def only(found: LayerVersion) -> Feature:
    (feature,) = found.features
    return feature


def test_joins_the_outlines_of_all_codes():
    feature = only(locate(version(warning(SAME=["048201", "048157"])), [AREAS]))
    assert feature.geometry.bounds == (0, 0, 2, 1)
    assert feature.properties[BY_CODE] == ["048201", "048157"]


def test_takes_the_system_that_is_known_best():
    feature = only(locate(version(warning(SAME=["048201"], UGC=["TXZ213"])), [AREAS]))
    assert feature.geometry.bounds == (0, 0, 0.5, 0.5)
    feature = only(locate(version(warning(SAME=["048201"], UGC=["TXZ213", "TXZ999"])), [AREAS]))
    assert feature.geometry.bounds == (0, 0, 1, 1)


def test_finds_a_province_by_its_code_in_the_rows_of_its_districts():
    assert only(locate(version(warning(pcode=["us48"])), [AREAS])).geometry.area == 2


def test_says_which_codes_no_layer_knows():
    feature = only(locate(version(warning(SAME=["048201", "099999"])), [AREAS]))
    assert feature.properties[MISSING] == ["099999"]


def test_leaves_alone_what_no_code_places():
    for feature in (warning(SAME=["099999"]), warning(), Feature("p", "here", "48201", box(5, 5, 6, 6), {})):
        assert locate(version(feature), [AREAS]) == version(feature)


def test_places_a_row_by_its_own_code():
    assert only(locate(version(Feature("1", "Harris", "48201", None, {})), [AREAS])).geometry.area == 1


def test_takes_an_outline_back_when_the_areas_go():
    placed = locate(version(warning(SAME=["048201"])), [AREAS])
    assert locate(placed, []) == version(warning(SAME=["048201"]))
