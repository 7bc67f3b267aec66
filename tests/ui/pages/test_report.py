"""The Report page: everybody may report, nothing typed is lost, one report stays one."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from crisismap.core.privacy import Audience
from crisismap.services.runtime.context import Context
from crisismap.ui.report.receipt import next_steps
from tests.conftest import FakeClock
from tests.people import AGENCY, EVERYBODY, STRANGER, VOLUNTEER
from tests.ui.open_desk import HOSTILE, html, opened, page, put, shelter


@pytest.fixture
def desk(tmp_path: Path, clock: FakeClock):
    with opened(tmp_path / "data", clock, CRISISMAP_EMERGENCY_NUMBER="112") as context:
        yield context


def at(test: AppTest, name: str):
    """The widget of the first report's field."""
    return next(
        w
        for kind in ("text_area", "text_input", "number_input", "checkbox", "radio", "selectbox")
        for w in test.get(kind)
        if w.key == f"report-0-{name}"
    )


def send(test: AppTest) -> AppTest:
    test.button[[b.label for b in test.button].index("Send report")].click().run()
    assert not test.exception, test.exception
    return test


def filled(test: AppTest, text: str = "water on the first floor") -> AppTest:
    at(test, "category").set_value("rescue").run()
    at(test, "text").set_value(text)
    at(test, "place_text").set_value("behind the school")
    return test


def count(desk: Context) -> int:
    return desk.views.situation.board(Audience.AGENCY).n


@pytest.mark.parametrize("person", EVERYBODY)
def test_takes_a_report_of_anybody_and_gives_its_code(desk, person, monkeypatch) -> None:
    test = send(filled(page("report", person, monkeypatch)))
    assert count(desk) == 1
    done = test.session_state["report-accepted"]
    assert f'<div class="cm-code">{done.tracking_code}</div>' in html(test)
    assert [link.url for link in test.get("link_button")] == [f"/t/{done.tracking_code}"]
    kept = desk.store.reports.one(done.id).report
    assert (kept.channel, kept.text, kept.place_text) == ("desk", "water on the first floor", "behind the school")
    assert kept.source == (person.id or None)


def test_names_the_number_to_call_first(desk, monkeypatch) -> None:
    assert '<a href="tel:112">112</a>' in html(page("report", STRANGER, monkeypatch))


def test_has_every_consent_off(desk, monkeypatch) -> None:
    test = send(filled(page("report", STRANGER, monkeypatch)))
    kept = desk.store.reports.one(test.session_state["report-accepted"].id).report
    assert (kept.consent.publish, kept.consent.contact) == (False, False)


def test_keeps_what_was_typed_and_says_the_error_beside_its_field(desk, monkeypatch) -> None:
    test = filled(page("report", STRANGER, monkeypatch), "x" * 20_001)
    at(test, "phone").set_value("98400 00000")
    send(test)
    assert count(desk) == 0
    assert "At most 20000 characters (got 20001)." in html(test)
    assert at(test, "text").value == "x" * 20_001
    assert (at(test, "phone").value, at(test, "place_text").value) == ("98400 00000", "behind the school")
    at(test, "text").set_value("now shorter")
    send(test)
    assert count(desk) == 1


def test_asks_for_a_category_before_sending(desk, monkeypatch) -> None:
    test = send(page("report", VOLUNTEER, monkeypatch))
    assert "Please choose what it is about." in html(test)
    assert count(desk) == 0


def test_makes_one_report_of_a_double_click(desk, monkeypatch) -> None:
    test = filled(page("report", STRANGER, monkeypatch))
    send(test)
    report_form_state = test.session_state["report-accepted"]
    # The second click's run begins before the first has told the browser: the receipt is not there yet.
    del test.session_state["report-accepted"]
    again = filled(test.run())
    send(again)
    assert again.session_state["report-accepted"].id == report_form_state.id
    assert again.session_state["report-accepted"].repeated
    assert count(desk) == 1


def test_begins_another_report_with_empty_fields(desk, monkeypatch) -> None:
    test = send(filled(page("report", STRANGER, monkeypatch)))
    test.button[[b.label for b in test.button].index("Send another report")].click().run()
    assert not test.exception
    assert [area.value for area in test.text_area] == [""]
    assert "report-client-id" not in test.session_state


def test_asks_the_questions_of_the_category(desk, monkeypatch) -> None:
    test = page("report", STRANGER, monkeypatch)
    assert "Is a boat needed?" not in [box.label for box in test.checkbox]
    at(test, "category").set_value("rescue").run()
    at(test, "fields.boat_needed").check()
    at(test, "text").set_value("behind the mill")
    send(test)
    kept = desk.store.reports.one(test.session_state["report-accepted"].id).report
    assert kept.fields == {"boat_needed": True}


def test_asks_whether_somebody_needs_help_and_then_what_decides_how_soon(desk, monkeypatch) -> None:
    test = page("report", STRANGER, monkeypatch)
    at(test, "category").set_value("flooding").run()
    assert "life_in_danger" not in str([box.key for box in test.checkbox])
    at(test, "asks").set_value(True).run()
    at(test, "fields.trapped").check()
    at(test, "fields.children").set_value(2)
    send(test)
    kept = desk.store.reports.one(test.session_state["report-accepted"].id)
    assert (kept.report.asked, kept.need) == (True, "asks")
    assert kept.report.fields == {"trapped": True, "children": 2}


def test_tells_what_happens_next_and_the_nearest_open_shelter(desk, monkeypatch) -> None:
    put(desk, "shelters", "shelter", shelter(HOSTILE))
    put(desk, "wards", "area")
    test = page("report", STRANGER, monkeypatch)
    test.session_state["report-0-map-0"] = {"last_clicked": {"lat": 13.05, "lng": 80.25}}
    send(filled(test.run(), "trapped on the roof"))
    told = " ".join(next_steps(desk.views, desk.clock(), test.session_state["report-accepted"]))
    assert "should be answered by 2 Dec 07:00, in 30 min" in told
    assert "Place: Adyar." in told
    assert "1.1 km away" in told
    assert "<img src=x" not in html(test)


def test_says_so_when_the_place_is_not_known(desk, monkeypatch) -> None:
    test = send(filled(page("report", STRANGER, monkeypatch)))
    assert "A volunteer will look for the place from what you wrote." in html(test)


def test_escapes_what_was_typed_where_it_is_shown_again(desk, monkeypatch) -> None:
    test = send(filled(page("report", AGENCY, monkeypatch), HOSTILE))
    assert "<img" not in html(test)
    assert "evil.example" not in "".join(each.value for each in test.markdown)
