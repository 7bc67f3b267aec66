"""On the page: the hand-over that is not read yet, and the alarm of new P1 requests, each per person."""

from __future__ import annotations

import json
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from crisismap.services.desk import handover
from crisismap.services.runtime.context import Context
from crisismap.ui.frame import alarm_bell, custom_component
from tests import acts
from tests.people import AGENCY, VOLUNTEER
from tests.ui.detail.test_detail import person
from tests.ui.listed import buttons, press, rerun
from tests.ui.open_desk import HOSTILE, html, page, told


class Bell:
    """The browser side of the alarm: AppTest has none."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.data: dict[str, Any] = {}
        self.heard = False
        real = custom_component.component
        monkeypatch.setattr(
            custom_component,
            "component",
            lambda module: self._mount if module == alarm_bell.__file__ else real(module),
        )

    def _mount(self, *, data: bytes, **_how: Any) -> dict[str, Any]:
        self.data = json.loads(data)
        pressed, self.heard = self.heard, False
        return {"heard": self.data["count"]} if pressed else {}

    def press(self, test: AppTest) -> AppTest:
        self.heard = True
        return rerun(test)


@pytest.fixture
def bell(monkeypatch: pytest.MonkeyPatch) -> Bell:
    return Bell(monkeypatch)


def test_hands_over_and_shows_it_to_others_until_read(desk: Context, monkeypatch) -> None:
    ravi, mala = person(desk, "Ravi"), person(desk, "Mala")
    told(desk, text="trapped")
    test = page("requests", ravi, monkeypatch)
    test.session_state["handover-form"] = True
    rerun(test)
    assert "<li>1 unanswered (P1 1)</li>" in html(test)
    press(test, "Save handover")
    assert "say in 1 to 4000 characters" in html(test)
    next(each for each in test.text_area if each.key == "handover-note").set_value(f"bridge closed {HOSTILE}")
    press(test, "Save handover")
    assert "Handover saved." in html(test)
    assert "Mark as read" not in buttons(test)
    for name in ("live_map", "requests"):
        seen = page(name, mala, monkeypatch)
        assert "Shift handover by Ravi (Boat Team 4)" in html(seen)
        assert "bridge closed &lt;img" in html(seen)
        assert "no claims" in html(seen)
    press(seen, "Mark as read")
    assert "Shift handover by" not in html(seen)
    assert handover.unread(desk.store, desk.views.situation, mala) == []


def test_hands_nothing_over_to_those_who_may_not_read_it(desk: Context, monkeypatch) -> None:
    handover.write(desk.store, desk.views.situation, desk.rules, desk.clock(), person(desk, "Ravi"), "bridge closed")
    assert desk.views.situation.wait(desk.store.events.revision())
    for here in (AGENCY, VOLUNTEER):
        assert "bridge closed" not in html(page("live_map", here, monkeypatch))


def test_rings_for_each_person_until_heard(desk: Context, bell: Bell, monkeypatch) -> None:
    ravi, mala = person(desk, "Ravi"), person(desk, "Mala")
    told(desk, text="trapped")
    told(desk, text="no food", category="water_food")
    test = page("live_map", ravi, monkeypatch)
    assert bell.data == {"count": 1, "words": "1 new P1"}
    bell.press(test)
    assert bell.data["count"] == 0
    told(desk, text="trapped too")
    rerun(test)
    assert bell.data["count"] == 1
    page("requests", mala, monkeypatch)
    assert bell.data["count"] == 2
    verbs = [event.verb for event, _ in _events(desk)]
    assert verbs.count("request.acknowledge") == 1


def test_does_not_take_for_heard_what_has_come_since_it_was_shown(desk: Context, bell: Bell, monkeypatch) -> None:
    ravi = person(desk, "Ravi")
    told(desk, text="trapped")
    test = page("live_map", ravi, monkeypatch)
    told(desk, text="trapped too")
    bell.press(test)
    assert bell.data["count"] == 1


def test_is_silent_once_somebody_goes(desk: Context, bell: Bell, monkeypatch) -> None:
    ravi, mala = person(desk, "Ravi"), person(desk, "Mala")
    id_ = told(desk, text="trapped")
    test = page("live_map", ravi, monkeypatch)
    assert desk.views.situation.wait(acts.claim(desk, mala, id_, None).result().revision)
    rerun(test)
    assert bell.data["count"] == 0


def test_rings_for_those_only_who_answer(desk: Context, bell: Bell, monkeypatch) -> None:
    told(desk, text="trapped")
    for here in (AGENCY, VOLUNTEER):
        page("live_map", here, monkeypatch)
    assert bell.data == {}


def _events(context: Context) -> list[Any]:
    from crisismap.store import event_log

    with context.store._reader.begin() as conn:
        return list(event_log.after(conn, 0))
