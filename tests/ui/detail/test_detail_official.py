"""The desk says in words what official features say: how bad a warning is, how many places are free, who agrees."""

from __future__ import annotations

from datetime import UTC, timedelta, timezone

from shapely.geometry import LineString, Point, box

from crisismap.core.layer.layer import Feature, Layer, LayerVersion, Role
from crisismap.core.moment import rfc3339
from crisismap.core.privacy import Audience
from crisismap.services.around.feature_wording import official_wording
from crisismap.services.around.official_context import Hazard, official_context
from crisismap.services.layers.publish import put_layer
from crisismap.services.lists import read
from crisismap.services.requests.report_detail import report_detail
from crisismap.services.runtime.context import Context
from crisismap.ui.detail import detail_official, detail_text
from crisismap.ui.frame.side_panel import Pane
from crisismap.ui.map import official_feature
from crisismap.ui.map.legend import visible_layers
from tests.conftest import FakeClock
from tests.people import AGENCY, RESPONDER
from tests.services.deployment import ask
from tests.ui.open_desk import HOSTILE

SQUARE = box(80.2, 13.0, 80.3, 13.1)
WARNING = {"severity": "Severe", "certainty": "Likely", "urgency": "Immediate"}


def put(context: Context, layer_id: str, role: Role, *features: Feature) -> None:
    put_layer(
        context.store,
        context.views,
        context.clock(),
        AGENCY,
        LayerVersion(Layer(layer_id, layer_id, role), 0, context.clock(), features),
    )


def test_says_in_the_detail_how_bad_the_warning_is_and_how_many_places_are_free(desk: Context):
    put(desk, "warnings", Role.HAZARD, Feature("w", "Flood Warning", "", SQUARE, WARNING))
    full = {"capacity": 200, "occupancy": 160, "needs": HOSTILE}
    put(desk, "shelters", Role.SHELTER, Feature("s", "School", "", Point(80.26, 13.05), full, "open"))
    report, _ = ask(desk)
    found = report_detail(desk.store, desk.views, desk.rules, desk.clock, RESPONDER, report)
    told = detail_text.body(
        found, desk.rules.categories, desk.clock(), UTC, official_wording(desk.views.situation, found.record)
    )
    assert (
        "Inside Flood Warning (warnings): severe: significant threat to life or property · likely · act at once" in told
    )
    assert "40 of 200 places free" in told
    assert "<img" not in told


def test_says_in_the_detail_how_the_river_stands_and_whether_the_road_is_open(desk: Context, clock: FakeClock):
    level = {"measured_at": rfc3339(clock() - 35 * 60_000), "danger_level": 4.2, "previous_level": 4.19}
    level |= {"water_level": 4.31, "previous_at": rfc3339(clock() - 95 * 60_000)}
    put(desk, "gauges", Role.CONTEXT, Feature("g", f"Adyar {HOSTILE}", "", Point(80.26, 13.05), level))
    put(desk, "roads", Role.TRANSPORT, Feature("r", "Anna Salai", "", LineString([(80.2, 13.05), (80.3, 13.05)]), {}))
    put(desk, "zones", Role.HAZARD, Feature("z", "Low ground", "", SQUARE, {"level": "high"}, "", clock(), clock() + 1))
    ask(desk, category="transport", text=None, fields={"status": "blocked"}, lon=80.251)
    report, _ = ask(desk)
    clock.advance(minutes=2)
    found = report_detail(desk.store, desk.views, desk.rules, desk.clock, RESPONDER, report)
    around = official_context(desk.store, desk.views, desk.rules, desk.clock(), Audience.AGENCY, found.record)
    told = detail_text.body(
        found, desk.rules.categories, desk.clock(), UTC, official_wording(desk.views.situation, found.record), around
    )
    assert "1.1 km: 4.31 m, above danger level (4.20 m), rising 12 cm/h, measured 2 Dec 05:55, 37 min ago</li>" in told
    assert (
        "Nearest road: Anna Salai (roads), 10 m: status not stated, as of 2 min ago · "
        "1 report calls it blocked near here, the latest 2 min ago</li>" in told
    )
    assert "Inside Low ground (zones): high · in force from 2 Dec 06:30 until 2 Dec 06:30, ended</li>" in told
    assert "<img" not in told


def test_says_when_a_level_is_old_and_when_nobody_knows_whether_it_rises(desk: Context, clock: FakeClock):
    put(desk, "gauges", Role.CONTEXT, Feature("g", "", "", Point(80.25, 13.05), {"water_level": 431, "unit": "cm"}))
    report, _ = ask(desk)
    clock.advance(hours=4)
    (line,) = detail_official.lines(
        official_context(
            desk.store,
            desk.views,
            desk.rules,
            desk.clock(),
            Audience.AGENCY,
            read.record(desk.store, desk.views, desk.clock, RESPONDER, report),
        ),
        clock(),
        UTC,
    )
    assert line == (
        "Nearest gauge: g (gauges), 10 m: 431 cm, trend unknown, "
        "from the layer of 2 Dec 06:30, 4 h ago, too old to rely on"
    )


def test_writes_the_end_of_a_warning_that_has_none(desk: Context, clock: FakeClock):
    never = 253_402_300_799_000  # 9999-12-31T23:59:59Z
    hazard = Hazard("w", "1", "Warning", True, {}, None, never, True)
    east = timezone(timedelta(hours=5, minutes=30))
    assert detail_official.times(hazard, clock(), east) == "in force until 9999-12-31"


def test_says_nothing_where_the_layer_says_nothing(desk: Context):
    put(desk, "zones", Role.HAZARD, Feature("z", "Low ground", "", SQUARE, {"severity": 3}))
    report, _ = ask(desk)
    record = read.record(desk.store, desk.views, desk.clock, RESPONDER, report)
    assert (
        official_wording(desk.views.situation, record).hazards == {}
        and official_wording(desk.views.situation, record).shelter == ""
    )


def test_draws_only_what_counts_now_of_layers_with_dates(desk: Context, clock: FakeClock):
    put(desk, "dated", Role.HAZARD, Feature("a", "a", "", SQUARE, {}, "", clock(), clock() + 1))
    put(desk, "always", Role.HAZARD, Feature("a", "a", "", SQUARE, {}))
    assert {view.id: bool(view.at) for view in visible_layers(desk.views.situation, desk.clock())} == {
        "dated": True,
        "always": False,
    }


def test_tells_of_a_picked_feature_what_people_say(desk: Context, monkeypatch):
    put(desk, "flooded", Role.HAZARD, Feature("a", "Adyar", "", SQUARE, {}))
    ask(desk, category="flooding")
    said = official_feature._crowd(
        desk.views.situation, desk.clock(), RESPONDER, Pane("feature", id="a", title="flooded")
    )
    assert said == "1 report here, the first 0 s ago; 1 agree, 0 contradict it."
    assert "No report here" in official_feature._crowd(
        desk.views.situation, desk.clock(), RESPONDER, Pane("feature", id="b", title="flooded")
    )
    assert (
        official_feature._crowd(desk.views.situation, desk.clock(), RESPONDER, Pane("feature", id="b", title="none"))
        == ""
    )


def test_tells_of_a_picked_warning_how_many_people_live_there(desk: Context, clock: FakeClock):
    put(desk, "wards", Role.AREA, Feature("1", "Ward", "", box(80.2, 13.0, 80.4, 13.1), {"population": 24_690}))
    put(desk, "warnings", Role.HAZARD, Feature("w", "Flood Warning", "", SQUARE, WARNING))
    clock.advance(hours=2)
    said = official_feature._people(desk.views, desk.clock(), Pane("feature", id="w", title="warnings"))
    assert said == "About 12,000 people live here: an estimate from wards, loaded 2 h ago."
    assert official_feature._people(desk.views, desk.clock(), Pane("feature", id="1", title="wards")) == ""
    assert official_feature._people(desk.views, desk.clock(), Pane("feature", id="w", title="none")) == ""


def test_a_selected_warning_offers_its_original_and_claims_no_more_than_is_known() -> None:
    link = official_feature._original_html({"original": "ab" * 32, "signed": True}, "warnings")
    assert f"/api/v1/layers/warnings/originals/{'ab' * 32}.xml" in link and "has not been checked" in link
    for facts in ({}, {"original": None}, {"original": 7}, {"original": ""}):
        assert official_feature._original_html(facts, "warnings") == ""
    assert "<b>" not in official_feature._original_html({"original": '"><b>', "signed": "yes"}, "warnings")
