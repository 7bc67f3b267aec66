"""The desk says in words what official features say: how bad a warning is, how many places are free, who agrees."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC
from pathlib import Path

import pytest
from shapely.geometry import Point, box

from crisismap.core.alert import SEVERITY
from crisismap.core.layer import Feature, Layer, LayerVersion, Role
from crisismap.services import look
from crisismap.services.context import Context
from crisismap.services.layer import put_layer
from crisismap.services.official import words_of
from crisismap.services.story import story
from crisismap.ui.components import detail_text, official_feature
from crisismap.ui.components.ground import LayerView
from crisismap.ui.components.legend import drawn, legend
from crisismap.ui.components.map import Camera, Scene, deck
from crisismap.ui.components.pane import Pane
from tests.conftest import FakeClock
from tests.people import AGENCY, RESPONDER
from tests.services.deployment import ask
from tests.ui.open_desk import HOSTILE, opened

SQUARE = box(80.2, 13.0, 80.3, 13.1)
WARNING = {"severity": "Severe", "certainty": "Likely", "urgency": "Immediate"}


@pytest.fixture
def desk(tmp_path: Path, clock: FakeClock) -> Iterator[Context]:
    with opened(tmp_path / "data", clock) as context:
        yield context


def put(context: Context, layer_id: str, role: Role, *features: Feature) -> None:
    put_layer(context, AGENCY, LayerVersion(Layer(layer_id, layer_id, role), 0, context.clock(), features))


def test_says_in_the_detail_how_bad_the_warning_is_and_how_many_places_are_free(desk: Context):
    put(desk, "warnings", Role.HAZARD, Feature("w", "Flood Warning", "", SQUARE, WARNING))
    full = {"capacity": 200, "occupancy": 160, "needs": HOSTILE}
    put(desk, "shelters", Role.SHELTER, Feature("s", "School", "", Point(80.26, 13.05), full, "open"))
    report, _ = ask(desk)
    found = story(desk, RESPONDER, report)
    told = detail_text.body(found, desk.rules.categories, desk.clock(), UTC, words_of(desk, found.record))
    assert (
        "Inside Flood Warning (warnings): severe: significant threat to life or property · likely · act at once" in told
    )
    assert "40 of 200 places free" in told
    assert "<img" not in told


def test_says_nothing_where_the_layer_says_nothing(desk: Context):
    put(desk, "zones", Role.HAZARD, Feature("z", "Low ground", "", SQUARE, {"severity": 3}))
    report, _ = ask(desk)
    record = look.record(desk, RESPONDER, report)
    assert words_of(desk, record).hazards == {} and words_of(desk, record).shelter == ""


def test_explains_each_severity_in_the_legend():
    shown = legend((("dot", "Other"),), False)
    assert all(words in shown for words in SEVERITY.values())


def test_draws_a_worse_warning_denser_and_an_all_clear_not_at_all():
    scene = Scene(1, Camera(80, 13, 10), layers=[LayerView("w", Role.HAZARD, 1, "2015-12-02T06:30:00.000Z")])
    made = deck(scene).to_json()
    below = json.loads(made)["mapStyle"][0]
    outline = next(each for each in below["layers"] if each["id"] == "w-outline")["paint"]["line-width"]
    assert outline[4] == [
        "match",
        ["get", "severity"],
        "Extreme",
        2.4,
        "Severe",
        1.5,
        "Moderate",
        0.9,
        "Minor",
        0.6,
        0.6,
    ]
    assert below["sources"]["w"]["data"] == "/api/v1/layers/w.geojson?v=1&at=2015-12-02T06:30:00.000Z"
    assert "properties.severity == 'Extreme' ? 220" in made and "properties.status == 'all clear' ? 0" in made
    assert "/api/v1/layers/w.geojson?v=1&at=2015-12-02T06:30:00.000Z" in made


def test_draws_only_what_counts_now_of_layers_with_dates(desk: Context, clock: FakeClock):
    put(desk, "dated", Role.HAZARD, Feature("a", "a", "", SQUARE, {}, "", clock(), clock() + 1))
    put(desk, "always", Role.HAZARD, Feature("a", "a", "", SQUARE, {}))
    assert {view.id: bool(view.at) for view in drawn(desk)} == {"dated": True, "always": False}


def test_tells_of_a_picked_feature_what_people_say(desk: Context, monkeypatch):
    put(desk, "flooded", Role.HAZARD, Feature("a", "Adyar", "", SQUARE, {}))
    ask(desk, category="flooding")
    said = official_feature._crowd(desk, RESPONDER, Pane("feature", id="a", title="flooded"))
    assert said == "1 report here, the first 0 s ago; 1 agree, 0 contradict it."
    assert "Nobody" in official_feature._crowd(desk, RESPONDER, Pane("feature", id="b", title="flooded"))
    assert official_feature._crowd(desk, RESPONDER, Pane("feature", id="b", title="none")) == ""
