"""The call-taker's form: what the browser sends becomes one report with its code, refusals stand beside their field."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from crisismap.core.people.identity import tracking_code
from crisismap.core.people.person import STRANGER
from crisismap.services.runtime.context import Context
from crisismap.ui.frame import custom_component
from crisismap.ui.report import call_form
from tests.people import AGENCY, RESPONDER, VOLUNTEER
from tests.ui.listed import rerun
from tests.ui.open_desk import page, put, shelter

SAID = {
    "category": "rescue",
    "text": "six on the roof",
    "place": "St. Mary's School",
    "lon": 80.26,
    "lat": 13.05,
    "accuracy_m": 50,
    "people": "6",
    "phone": "098400 12345",
    "may_contact": True,
}


class Browser:
    """The component's browser side: AppTest has none. What is put into `sends` is answered once."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.sends: dict[str, Any] = {}
        self.data: dict[str, Any] = {}
        real = custom_component.component
        monkeypatch.setattr(
            custom_component,
            "component",
            lambda module: self._mount if module == call_form.__file__ else real(module),
        )

    def _mount(self, *, data: bytes, **_how: Any) -> dict[str, Any]:
        self.data = json.loads(data)
        told, self.sends = self.sends, {}
        return told


@pytest.fixture
def browser(monkeypatch: pytest.MonkeyPatch) -> Browser:
    return Browser(monkeypatch)


def sent(test: AppTest, browser: Browser, **said: Any) -> AppTest:
    browser.sends = {"send": {**SAID, **said}}
    return rerun(test)


def all_reports(context: Context) -> list[Any]:
    return [report for part in context.store.events.everything() for report in part.reports]


def test_keeps_what_was_said_and_reads_the_code_back(desk: Context, browser: Browser, monkeypatch) -> None:
    sent(page("call", RESPONDER, monkeypatch), browser)
    [kept] = all_reports(desk)
    report = kept.report
    assert (report.category, report.text, report.place_text) == ("rescue", "six on the roof", "St. Mary's School")
    assert (report.lon, report.lat, report.accuracy_m, report.people) == (80.26, 13.05, 50, 6)
    assert (report.channel, report.source) == ("call", RESPONDER.id)
    assert (report.consent.contact, report.consent.publish) == (True, False)
    assert kept.request is not None
    code = tracking_code(desk.keys.tracking_code, report.id)
    assert "-".join(group["letters"] for group in browser.data["receipt"]["groups"]) == code
    assert len(browser.data["receipt"]["groups"][0]["words"].split()) == 4
    assert any("Requests like yours should be answered" in line for line in browser.data["receipt"]["next"])


def test_keeps_one_of_a_double_press(desk: Context, browser: Browser, monkeypatch) -> None:
    test = sent(page("call", RESPONDER, monkeypatch), browser)
    first = browser.data["receipt"]
    sent(test, browser)
    assert browser.data["receipt"] == first
    assert len(all_reports(desk)) == 1


def test_begins_the_next_call_with_empty_hands(desk: Context, browser: Browser, monkeypatch) -> None:
    test = sent(page("call", VOLUNTEER, monkeypatch), browser)
    browser.sends = {"next": 1}
    rerun(test)
    assert (browser.data["call"], browser.data["receipt"], browser.data["refusal"]) == (1, None, None)
    sent(test, browser)
    assert len(all_reports(desk)) == 2, "the same words by another caller are another report"


@pytest.mark.parametrize(
    ("said", "field", "words"),
    [
        ({"category": ""}, "category", "choose what it is about"),
        ({"category": "volcano"}, "category", "Unknown, must be"),
        ({"people": "six"}, "people", "Write a whole number"),
        ({"people": "-1"}, "people", "Write a whole number"),
        ({"text": "", "place": "", "lon": None, "lat": None}, "text", "Please say what you see"),
        ({"phone": "9" * 2_001}, "phone", "At most"),
    ],
)
def test_says_beside_which_field_something_is_wrong(
    desk: Context, browser: Browser, said: dict[str, Any], field: str, words: str, monkeypatch
) -> None:
    sent(page("call", RESPONDER, monkeypatch), browser, **said)
    assert browser.data["receipt"] is None
    assert browser.data["refusal"]["field"] == field
    assert words in browser.data["refusal"]["sentence"]
    assert browser.data["attempt"] == 1
    assert all_reports(desk) == []


def test_takes_only_what_its_own_form_sends(desk: Context, browser: Browser, monkeypatch) -> None:
    sent(page("call", RESPONDER, monkeypatch), browser, text=["x"], people=None, phone={}, may_contact="yes", lon="80")
    [kept] = all_reports(desk)
    assert (kept.report.text, kept.report.people, kept.report.consent.contact, kept.report.lon) == (
        "",
        None,
        False,
        None,
    )


def test_offers_places_of_the_layers_and_typed_coordinates(desk: Context) -> None:
    put(desk, "wards", "area")
    put(desk, "shelters", "shelter", shelter("St. Mary's School"))
    [school] = call_form.place_entries(desk.views, "mary sch")
    assert (school["name"], school["lon"], school["lat"], school["accuracy_m"]) == (
        "St. Mary's School",
        80.26,
        13.05,
        50,
    )
    [ward] = call_form.place_entries(desk.views, "ady")
    assert 6_000 < ward["accuracy_m"] < 9_000
    [typed] = call_form.place_entries(desk.views, "13.05, 80.26")
    assert (typed["lon"], typed["lat"]) == (80.26, 13.05)
    for nothing in ("", "a", "no such place", "91, 200"):
        assert call_form.place_entries(desk.views, nothing) == []


def test_is_for_those_who_answer_the_telephone(desk: Context, monkeypatch) -> None:
    for here, said in ((STRANGER, "Please sign in"), (AGENCY, "Your role has no access")):
        assert said in [each.value for each in page("call", here, monkeypatch).subheader]


def test_never_writes_text_as_markup() -> None:
    script = Path(call_form.__file__).with_suffix(".js").read_text()
    for way in ("innerHTML", "insertAdjacentHTML", "outerHTML", "http"):
        assert way not in script
