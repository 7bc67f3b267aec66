"""Looking back on the Live map: the past is named as such, shows what was known, and nothing can be done in it."""

from __future__ import annotations

import json
from typing import Any

from streamlit.testing.v1 import AppTest

from crisismap.core.people.person import STRANGER
from crisismap.services.runtime.context import Context
from tests import acts
from tests.conftest import FakeClock
from tests.people import AGENCY, RESPONDER
from tests.ui.listed import listed, rerun
from tests.ui.open_desk import HOSTILE, html, page, put, told

NOW = 1_449_037_800_000  # 2015-12-02 06:30 UTC


def press(test: AppTest, key: str) -> AppTest:
    next(each for each in test.button if each.key == key).click().run()
    assert not test.exception, test.exception
    return test


def keys(test: AppTest) -> set[str]:
    return {each.key for each in test.button if each.key}


def layers(test: AppTest) -> list[dict[str, Any]]:
    [chart] = test.get("deck_gl_json_chart")
    return list(json.loads(chart.proto.json)["layers"][0])


def seen(test: AppTest) -> dict[str, str]:
    """The numbers beside the map."""
    found = {}
    for part in html(test).split("<div><dt>")[1:]:
        name, _, rest = part.partition("</dt><dd>")
        found[name] = rest.partition(" <small>")[0]
    return found


def pick(test: AppTest, layer: str, **feature: object) -> AppTest:
    test.session_state["map-past"] = {"selection": {"indices": {layer: [0]}, "objects": {layer: [feature]}}}
    return rerun(test)


def test_names_the_past_and_leads_back(desk: Context, clock: FakeClock, monkeypatch) -> None:
    told(desk)
    clock.advance(hours=5)
    test = page("live_map", RESPONDER, monkeypatch)
    assert "You are looking at" not in html(test)
    press(test, "look-back")
    assert "You are looking at 10:30 today, not now." in html(test)
    press(test, "look-back-1")
    assert "You are looking at 09:30 today, not now." in html(test)
    test.select_slider(key="look-back-slider").set_value(NOW).run()
    assert "You are looking at 06:30 today, not now." in html(test)
    clock.advance(hours=24)
    assert "You are looking at 06:30 yesterday, not now." in html(rerun(test))
    press(test, "look-back-leave")
    assert "You are looking at" not in html(test)
    assert listed(test)["total"] == 1


def test_shows_what_was_known_and_nothing_to_act_on(desk: Context, clock: FakeClock, monkeypatch) -> None:
    one = told(desk, text="on the roof")
    put(desk, "wards", "area")
    clock.advance(hours=2)
    told(desk, category="water_food")
    acts.claim(desk, RESPONDER, one, None).result()
    put(desk, "wards", "area")
    assert desk.views.situation.wait(desk.store.events.revision())
    test = press(page("live_map", RESPONDER, monkeypatch), "look-back")
    assert (seen(test)["Reports"], seen(test)["Unanswered then"]) == ("1", "1")
    drawn = {each["id"]: each["data"] for each in layers(test)}
    assert "&at=2015-12-02T07:30:00.000Z" in drawn["reports"]
    assert "?v=" in drawn["reports"]
    assert "&version=1" in json.dumps(json.loads(test.get("deck_gl_json_chart")[0].proto.json)["mapStyle"])
    pick(test, "reports", id=0, properties={"layerName": "reports"})
    press(test, "past-row-0")
    assert "<dt>then</dt><dd>open</dd>" in html(test)
    assert "<dt>now</dt><dd>claimed</dd>" in html(test)
    assert "on the roof" in html(test)
    acting = {"claim", "release", "answer", "number-unanswered", "bulk"}
    assert {key for key in keys(test) if key.split("-")[0] in acting} == set()
    press(test, "past-open")
    assert "You are looking at" not in html(test)
    assert "on the roof" in html(test)


def test_tells_a_stranger_no_more_than_now(desk: Context, clock: FakeClock, monkeypatch) -> None:
    told(desk, text="on the roof at Gandhi Street", lon=80.251234, lat=13.051234)
    told(desk, category="medical", text="insulin")
    clock.advance(hours=3)
    test = press(page("live_map", STRANGER, monkeypatch), "look-back")
    assert seen(test)["Reports"] == "1"
    pick(test, "reports", id=0, properties={"layerName": "reports"})
    press(test, "past-row-0")
    for secret in ("Gandhi", "insulin", "13.0512"):
        assert secret not in html(test)


def test_shows_hostile_words_as_words(desk: Context, clock: FakeClock, monkeypatch) -> None:
    put(desk, "wards", "area")
    told(desk, text=HOSTILE)
    clock.advance(hours=2)
    test = press(page("live_map", RESPONDER, monkeypatch), "look-back")
    pick(test, "reports", id=0, properties={"layerName": "reports"})
    press(test, "past-row-0")
    assert "&lt;img src=x" in html(test)
    assert "<img src=x" not in html(test)
    pick(test, "layer-wards", id="x", properties={"name": HOSTILE, "status": HOSTILE})
    assert "<img src=x" not in html(test)


def test_offers_no_past_while_there_is_none(desk: Context, monkeypatch) -> None:
    assert "look-back" not in keys(page("live_map", AGENCY, monkeypatch))
