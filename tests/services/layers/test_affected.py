"""affected: people in what a hazard layer shows: an estimate with two figures, its source and its age."""

from __future__ import annotations

import pytest
from shapely.geometry import Point, box

from crisismap.core.errors import Invalid, NotFound
from crisismap.core.layer.alert import CLEAR
from crisismap.core.layer.layer import Feature, Layer, LayerVersion, Role
from crisismap.core.people.person import Person
from crisismap.services.layers.affected import affected, rounded
from crisismap.services.layers.publish import put_layer
from crisismap.services.runtime.context import Context
from tests.conftest import FakeClock
from tests.people import AGENCY

WEST, EAST = box(80, 13, 81, 14), box(81, 13, 82, 14)


def put(context: Context, layer_id: str, role: Role, *features: Feature, person: Person = AGENCY) -> None:
    layer = Layer(layer_id, layer_id.title(), role, attribution=f"Office of {layer_id}")
    put_layer(context.store, context.views, context.clock(), person, LayerVersion(layer, 0, context.clock(), features))


def ward(name: str, shape: object, people: int) -> Feature:
    return Feature(name, name, "", shape, {"population": people})  # type: ignore[arg-type]


def test_estimates_what_counts_now_most_people_first(context: Context, clock: FakeClock):
    put(context, "wards", Role.AREA, ward("w", WEST, 24_690), ward("e", EAST, 800))
    put(
        context,
        "warnings",
        Role.HAZARD,
        Feature("small", "Small", "", box(81, 13, 81.5, 14), {}),
        Feature("large", "Large", "", box(80.5, 13, 81, 14), {}),
        Feature("over", "", "", WEST, {}, "", None, clock() - 1),
        Feature("clear", "", "", WEST, {}, CLEAR),
        Feature("line", "", "", Point(80.5, 13.5), {}),
        Feature("away", "Away", "", box(90, 13, 91, 14), {}),
        Feature("nowhere", "", "", None, {}),
    )
    clock.advance(hours=2)
    found = affected(context.views, "warnings", clock())
    assert [(each.feature, each.people, each.wording()) for each in found.features] == [
        ("large", 12_000, "about 12,000 people live here"),
        ("small", 400, "about 400 people live here"),
    ]
    assert (found.unknown, found.left_out) == (1, 0)
    source = found.features[0].source
    assert (source.layer.attribution, clock() - source.moment_ms) == ("Office of wards", 2 * 3_600_000)
    assert [each.feature for each in affected(context.views, "warnings", clock() - 3 * 3_600_000).features][0] == "over"
    assert [each.feature for each in affected(context.views, "warnings", clock(), only="small").features] == ["small"]


def test_takes_the_layer_that_covers_most_then_the_finest(context: Context, clock: FakeClock):
    put(context, "city", Role.AREA, ward("all", box(80, 13, 82, 14), 1_000))
    put(context, "grid", Role.CONTEXT, ward("w", WEST, 700), ward("e", EAST, 0))
    put(context, "part", Role.CONTEXT, *(ward(f"{i}", box(80 + i / 10, 13, 80.1 + i / 10, 14), 9) for i in range(5)))
    put(context, "flooded", Role.HAZARD, Feature("z", "Zone", "", WEST, {}))
    (found,) = affected(context.views, "flooded", clock()).features
    assert (found.source.layer.id, found.people) == ("grid", 700)
    put(context, "flooded", Role.HAZARD, Feature("z", "Zone", "", EAST, {}))
    (found,) = affected(context.views, "flooded", clock()).features
    assert found.wording() == "nobody lives here by the numbers"


def test_says_for_how_much_of_it(context: Context, clock: FakeClock):
    put(context, "wards", Role.AREA, ward("w", WEST, 10))
    put(context, "flooded", Role.HAZARD, Feature("z", "Zone", "", box(80.5, 13, 81.5, 14), {}))
    (found,) = affected(context.views, "flooded", clock()).features
    assert found.wording() == "fewer than 10 people live here, counted for 50 % of it"


def test_asks_about_so_many_and_says_how_many_more(context: Context, clock: FakeClock, monkeypatch):
    monkeypatch.setattr("crisismap.services.layers.affected.MOST", 2)
    put(context, "wards", Role.AREA, ward("w", WEST, 100))
    put(context, "flooded", Role.HAZARD, *(Feature(f"{i}", "", "", WEST, {}) for i in range(5)))
    found = affected(context.views, "flooded", clock())
    assert ([each.feature for each in found.features], found.left_out) == (["0", "1"], 3)


def test_knows_only_hazards(context: Context, clock: FakeClock):
    put(context, "wards", Role.AREA, ward("w", WEST, 10))
    with pytest.raises(Invalid, match="only a hazard layer"):
        affected(context.views, "wards", clock())
    with pytest.raises(NotFound):
        affected(context.views, "none", clock())


@pytest.mark.parametrize(
    ("people", "told"),
    [(0, 0), (0.4, 0), (0.5, 1), (3.6, 4), (12, 12), (123, 120), (995, 1000), (12_345, 12_000), (4_190_000, 4_200_000)],
)
def test_rounds_to_two_figures(people: float, told: int):
    assert rounded(people) == told
