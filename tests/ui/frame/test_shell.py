"""The frame of every page: who is here on every run, the numbers, the banners and the door."""

from __future__ import annotations

import pytest

from crisismap.core.errors import Unavailable
from crisismap.core.incident import Incident
from crisismap.core.people.person import STRANGER, Person
from crisismap.services.operations.incident import describe
from crisismap.services.runtime.context import Context
from crisismap.ui.frame import shell, style
from crisismap.ui.frame.notices import OLD_LAYER_S, QUIET_S, notices
from tests.conftest import FakeClock
from tests.people import ADMIN, AGENCY, RESPONDER, VOLUNTEER
from tests.ui.listed import buttons, listed, open_detail, press, rerun
from tests.ui.open_desk import HOSTILE, html, page, put, told


@pytest.mark.parametrize("name", ["live_map", "report", "situation", "requests", "layers", "export"])
def test_shows_every_page_to_a_stranger_with_a_way_to_sign_in(desk: Context, name: str, monkeypatch) -> None:
    assert 'href="/login"' in html(page(name, STRANGER, monkeypatch))


@pytest.mark.parametrize("name", ["layers", "export"])
def test_asks_strangers_to_sign_in_where_it_is_needed(desk: Context, name: str, monkeypatch) -> None:
    test = page(name, STRANGER, monkeypatch)
    assert "Please sign in" in [each.value for each in test.subheader]


def test_counts_what_is_open_urgent_overdue_and_unplaced(desk: Context, clock: FakeClock, monkeypatch) -> None:
    told(desk, text="trapped")
    clock.advance(hours=1)
    told(desk, text="a boat please")
    told(desk, lon=None, lat=None, text="we need blankets", category="water_food", place="behind the mill")
    told(desk, text="They say a family is trapped behind the mill", category="flooding")
    seen = buttons(page("live_map", AGENCY, monkeypatch))
    assert seen[:5] == [
        *("Unanswered **4**", "May need help **1**", "P1 **2**", "Overdue **1**", "Location needed **1**"),
    ]
    assert "May need help **1**" not in buttons(page("live_map", STRANGER, monkeypatch)), "for staff only"


def test_filters_by_a_number_and_lifts_it_again(desk: Context, clock: FakeClock, monkeypatch) -> None:
    late = told(desk, text="trapped")
    clock.advance(hours=1)
    told(desk, text="a boat please")
    test = press(page("live_map", AGENCY, monkeypatch), "Overdue **1**")
    assert [card["id"] for card in listed(test)["cards"]] == [late]
    assert "Clear filters" in buttons(test)
    test = press(test, "Overdue **1**")
    assert listed(test)["total"] == 2


def test_leads_from_another_page_to_the_map_with_the_filter(desk: Context, monkeypatch) -> None:
    told(desk, text="trapped")
    told(desk, text="a boat please")
    test = page("situation", AGENCY, monkeypatch)
    test = press(test, "P1 **1**")
    assert listed(test)["total"] == 1


def test_counts_for_the_public_only_what_the_public_may_know(desk: Context, monkeypatch) -> None:
    told(desk, category="medical", text="trapped")
    assert buttons(page("live_map", STRANGER, monkeypatch))[0] == "Unanswered **0**"
    assert buttons(page("live_map", RESPONDER, monkeypatch))[0] == "Unanswered **1**"


def test_begins_with_empty_hands_when_the_person_changes(desk: Context, monkeypatch) -> None:
    id_ = told(desk, category="medical", text="trapped at the blue gate")
    test = open_detail(page("live_map", AGENCY, monkeypatch), "map", id_)
    assert "blue gate" in html(test)
    monkeypatch.setattr(shell, "person_of_cookie", lambda *_: STRANGER)
    rerun(test)
    assert "blue gate" not in html(test)
    assert listed(test)["total"] == 0
    assert "pane-map" not in test.session_state


def test_asks_the_cookie_on_every_run(desk: Context, monkeypatch) -> None:
    asked = []

    def person(_store: object, _now_ms: int, cookie: str | None) -> Person:
        asked.append(cookie)
        return VOLUNTEER

    test = page("live_map", VOLUNTEER, monkeypatch)
    monkeypatch.setattr(shell, "person_of_cookie", person)
    for _ in range(3):
        rerun(test)
    assert len(asked) >= 3


def test_shows_names_as_text(desk: Context, monkeypatch) -> None:
    here = Person("p-x", HOSTILE, HOSTILE, frozenset({"agency"}))
    put(desk, "wards", "area", title=HOSTILE)
    seen = html(page("live_map", here, monkeypatch))
    assert "<img src=x" not in seen
    assert "&lt;img src=x" in seen


def test_says_what_it_is_about_and_how_fresh(desk: Context, clock: FakeClock, monkeypatch) -> None:
    put(desk, "wards", "area", title="Chennai wards")
    describe(desk.store, desk.views, desk.clock(), ADMIN, Incident("Flood of December"))
    told(desk)
    clock.advance(seconds=42)
    seen = html(page("live_map", AGENCY, monkeypatch))
    assert "Flood of December" in seen
    assert "live · newest 42 s ago" in seen
    assert "42 s" not in html(page("live_map", STRANGER, monkeypatch)), "the public learns no exact times"
    assert "MADE UP" not in seen


def test_says_when_nothing_comes_in_any_more(desk: Context, clock: FakeClock) -> None:
    assert notices(desk.store, desk.views, desk.guards.clock, desk.clock, AGENCY_AUDIENCE) == []
    told(desk)
    clock.advance(seconds=QUIET_S + 60)
    [notice] = notices(desk.store, desk.views, desk.guards.clock, desk.clock, AGENCY_AUDIENCE)
    assert notice.text.startswith("No report has been received for 31 min.")


def test_says_which_layer_is_too_old(desk: Context, clock: FakeClock) -> None:
    put(desk, "wards", "area", title="Wards")
    put(desk, "flood", "hazard", title="Flood zones")
    clock.advance(seconds=OLD_LAYER_S + 60)
    [notice] = notices(desk.store, desk.views, desk.guards.clock, desk.clock, AGENCY_AUDIENCE)
    assert "“Flood zones” was loaded 1 d ago" in notice.text


def test_says_when_nothing_can_be_saved_and_when_nothing_is_followed(
    desk: Context, clock: FakeClock, monkeypatch
) -> None:
    def broken() -> None:
        raise Unavailable("The last write to the database failed.")

    monkeypatch.setattr(desk.store.upkeep, "check", broken)
    desk.views.situation.alive = False
    clock.advance(minutes=1)
    texts = [notice.text for notice in notices(desk.store, desk.views, desk.guards.clock, desk.clock, AGENCY_AUDIENCE)]
    assert texts[0].startswith("Nothing can be saved now: The last write")
    assert texts[1].startswith("This page is not updating")
    seen = html(page("live_map", AGENCY, monkeypatch))
    assert "not updating" in seen
    assert seen.count("cm-notice error") == 2


def test_asks_no_font_and_no_picture_of_anybody() -> None:
    assert "http" not in style.SHEET.read_text() + style.variables(dark=False) + style.variables(dark=True)
    assert "url(" not in style.SHEET.read_text()
    assert all("http" not in str(value) for value in style.options().values())


AGENCY_AUDIENCE = shell.audience_of(AGENCY)
