"""The detail of a request: what each person may see and do, and a clear sentence when somebody was quicker."""

from __future__ import annotations

from datetime import UTC

import pytest
from streamlit.testing.v1 import AppTest

from crisismap.core.layer.facility import Facility
from crisismap.core.people.person import STRANGER, Person
from crisismap.core.place.place import Placement
from crisismap.core.report.report import Contact
from crisismap.services.accounts.sign_in import invite
from crisismap.services.around.route import NO_ROADS, NO_ROUTE, Route
from crisismap.services.around.shelters import Shelter, ShelterStatement
from crisismap.services.requests import photo
from crisismap.services.requests.report_detail import TimelineEntry
from crisismap.services.runtime.context import COMMAND_LINE, Context
from crisismap.ui.detail import detail_facts, detail_text
from tests import acts
from tests.conftest import FakeClock
from tests.people import AGENCY, VOLUNTEER
from tests.photos import drawing, jpeg
from tests.ui.listed import buttons, listed, open_detail, press, rerun
from tests.ui.open_desk import HOSTILE, html, page, put, shelter, told

CONTACT = {"phone": "+91 98400 12345", "name": "Devi"}


def person(context: Context, name: str, role: str = "responder", org: str = "Boat Team 4") -> Person:
    invite(context.store, context.clock(), COMMAND_LINE, name, role, org)
    assert context.views.situation.wait(context.store.events.revision())
    return next(each for each in context.views.situation.people.values() if each.name == name)


def detail(context: Context, here: Person, id_: str, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    return open_detail(page("live_map", here, monkeypatch), "map", id_)


def state(context: Context, id_: str) -> str:
    request = context.store.reports.one(id_).request
    assert request is not None
    return str(request.state)


def test_tells_everything_that_is_known(desk: Context, clock: FakeClock, monkeypatch) -> None:
    put(desk, "wards", "area")
    put(desk, "flood", "hazard")
    put(desk, "shelters", "shelter", shelter("St. Mary's School"))
    said = {"text": "five on the roof", "people": 5, "place": "behind the mill", "fields": {"trapped": True}}
    id_ = told(desk, observed_at="2015-12-02T06:00:00Z", accuracy_m=40, **said)
    clock.advance(minutes=42)
    seen = html(detail(desk, AGENCY, id_, monkeypatch))
    for words in (
        "five on the roof",
        "5 people",
        "waiting 42 min",
        "overdue by 12 min",
        "seen 2 Dec 06:00 (1 h 12 min ago), received 2 Dec 06:30, by another system",
        "Adyar (W-1)",
        "Described as: “behind the mill”",
        'five on the roof</p><ul class="cm-place"><li>Within 40 m of 13.05000, 80.25000 · sent with the report</li>',
        "Inside Adyar (flood)",
        "Nearest open shelter: St. Mary&#x27;s School, 1.1 km",
        "Why P1",
        "on a roof, in a tree or on a vehicle",
        "Are people trapped? yes",
        "Timeline",
    ):
        assert words in seen, words


def test_tells_a_stranger_no_words_no_place_no_name_and_offers_nothing(desk: Context, monkeypatch) -> None:
    ravi = person(desk, "Ravi")
    id_ = told(desk, text="five on the roof", place="behind the mill", contact=CONTACT)
    assert desk.views.situation.wait(acts.claim(desk, ravi, id_, None).result().revision)
    test = detail(desk, STRANGER, id_, monkeypatch)
    seen = html(test)
    for words in ("roof", "mill", "Devi", "98400", "Ravi", "Boat Team", "80.25000"):
        assert words not in seen
    assert "Only responders can read the text of a request." in seen
    assert "the exact location is not public" in seen
    assert "Claimed · a team" in seen
    assert not {
        "Claim request",
        "Mark as answered",
        "Release claim",
        "Show contact (logged)",
        "Correct location",
    } & set(buttons(test))
    assert 'href="/login"' in seen


def test_claims_holds_longer_answers(desk: Context, clock: FakeClock, monkeypatch) -> None:
    ravi = person(desk, "Ravi")
    id_ = told(desk)
    test = press(detail(desk, ravi, id_, monkeypatch), "Claim request")
    assert state(desk, id_) == "claimed"
    assert "You have claimed this request until 07:30." in html(test)
    next(box for box in test.selectbox if box.label == "Minutes").set_value(120).run()
    press(test, "Extend claim")
    request = desk.store.reports.one(id_).request
    assert request is not None
    assert request.claim_until == clock.ms + 120 * 60_000
    test.text_area[0].set_value("Took five to the school")
    press(test, "Mark as answered")
    assert state(desk, id_) == "answered"
    assert "Marked as answered." in html(test)
    assert "Took five to the school" in html(test)


def test_keeps_the_note_when_it_is_refused(desk: Context, monkeypatch) -> None:
    ravi = person(desk, "Ravi")
    id_ = told(desk)
    test = press(detail(desk, ravi, id_, monkeypatch), "Claim request")
    press(test, "Mark as answered")
    assert "say in a few words what was done" in html(test)
    assert state(desk, id_) == "claimed"


def test_releases(desk: Context, monkeypatch) -> None:
    ravi = person(desk, "Ravi")
    id_ = told(desk)
    test = press(press(detail(desk, ravi, id_, monkeypatch), "Claim request"), "Release claim")
    assert state(desk, id_) == "open"
    assert "Claim released" in html(test)


def test_says_who_was_quicker_and_how_it_stands(desk: Context, monkeypatch) -> None:
    ravi, mala = person(desk, "Ravi"), person(desk, "Mala", org="Ward Volunteers")
    id_ = told(desk)
    test = detail(desk, ravi, id_, monkeypatch)
    assert desk.views.situation.wait(acts.claim(desk, mala, id_, None).result().revision)
    press(test, "Claim request")
    assert "Someone else changed it after you opened it" in html(test)
    assert "claimed by Mala (Ward Volunteers)" in html(test)
    assert "Claim request" not in buttons(test)
    request = desk.store.reports.one(id_).request
    assert request is not None
    assert request.claimed_by == mala.id


def test_shows_contact_to_the_claimer_only_after_a_look_that_is_logged(desk: Context, monkeypatch) -> None:
    ravi = person(desk, "Ravi")
    id_ = told(desk, contact=CONTACT)
    test = press(detail(desk, ravi, id_, monkeypatch), "Claim request")
    assert "98400" not in html(test)
    press(test, "Show contact (logged)")
    assert "+91 98400 12345" in html(test)
    current = desk.store.reports.one(id_)
    assert [event.verb for event in desk.store.events.of_report(current.seq)][-1] == "contact.read"
    press(test, "Release claim")
    assert "98400" not in html(test)
    assert "Show contact (logged)" not in buttons(detail(desk, AGENCY, id_, monkeypatch))


def test_forgets_the_contact_with_the_claim(desk: Context, clock: FakeClock, monkeypatch) -> None:
    ravi = person(desk, "Ravi")
    id_ = told(desk, contact=CONTACT)
    test = press(press(detail(desk, ravi, id_, monkeypatch), "Claim request"), "Show contact (logged)")
    clock.advance(hours=2)
    assert "98400" not in html(rerun(test))


def test_places_a_request_that_names_its_place_in_words(desk: Context, monkeypatch) -> None:
    ravi = person(desk, "Ravi")
    id_ = told(desk, lon=None, lat=None, place="behind the mill")
    test = press(detail(desk, ravi, id_, monkeypatch), "Set location")
    typed = next(each for each in test.text_input if each.label == "Or enter latitude, longitude")
    typed.set_value("13.0x").run()
    assert "Enter two numbers" in html(test)
    next(each for each in test.text_input if each.label == "Or enter latitude, longitude").set_value(
        "13.06, 80.26"
    ).run()
    press(test, "Save location")
    current = desk.store.reports.one(id_)
    assert current.point() == (80.26, 13.06)
    assert current.placement is not None
    assert (current.placement.source, current.placement.accuracy_m) == ("map", 100.0)
    assert "set by a person, source: map" in html(test)


def test_suggests_places_for_words_and_saves_only_when_told_to(desk: Context, monkeypatch) -> None:
    put(desk, "shelters", "shelter", shelter("Vannipuram School"))
    ravi = person(desk, "Ravi")
    id_ = told(desk, lon=None, lat=None, text="stuck at vanipuram school")
    test = press(detail(desk, ravi, id_, monkeypatch), "Set location")
    [label] = [each for each in buttons(test) if "sure, within" in each]
    assert label.startswith("Vannipuram School")
    test = press(test, label)
    assert desk.store.reports.one(id_).point() is None
    assert "13\\.05000, 80\\.26000" in "\n".join(each.value for each in test.markdown)
    press(test, "Save location")
    current = desk.store.reports.one(id_)
    assert current.point() == (80.26, 13.05)
    assert current.placement is not None
    assert (current.placement.source, current.placement.accuracy_m) == ("suggestion", 100.0)


def test_suggests_nothing_from_words_that_a_volunteer_may_not_read(desk: Context, monkeypatch) -> None:
    put(desk, "shelters", "shelter", shelter("Vannipuram School"))
    id_ = told(desk, lon=None, lat=None, text="stuck at vannipuram school")
    test = press(detail(desk, VOLUNTEER, id_, monkeypatch), "Set location")
    assert not [each for each in buttons(test) if "sure, within" in each]
    assert "annipuram" not in html(test)


def test_shows_similar_reports_with_reasons_to_those_who_may_read_them(desk: Context, monkeypatch) -> None:
    first = told(desk, text=f"jalan Laksana {HOSTILE}")
    second = told(desk, text="jl laksana, on the roof", lat=13.0502)
    test = detail(desk, AGENCY, second, monkeypatch)
    seen = html(test)
    assert "1 similar report" in seen
    assert "people not stated · at the same minute · 22 m away" in seen
    assert "Very likely the same (9" in seen
    assert "the same place named: laksana" in seen
    assert "<img src=x" not in seen
    assert "similar" not in html(press(detail(desk, AGENCY, second, monkeypatch), "None of these"))
    press(test, "Open report")
    assert "jalan Laksana" in html(test)
    assert test.session_state["pane-map"][-1].id == first
    for stranger in (STRANGER, VOLUNTEER):
        assert "similar" not in html(detail(desk, stranger, second, monkeypatch))


def test_says_so_when_a_report_is_not_for_everybody(desk: Context, monkeypatch) -> None:
    id_ = told(desk, category="medical")
    assert "does not exist, or you are not allowed to see it" in html(detail(desk, VOLUNTEER, id_, monkeypatch))
    assert "Medical" in html(detail(desk, AGENCY, id_, monkeypatch))


def test_goes_back_to_the_list(desk: Context, monkeypatch) -> None:
    id_ = told(desk)
    test = detail(desk, AGENCY, id_, monkeypatch)
    assert [each.key for each in test.get("bidi_component")] == ["focus-map-detail"]
    assert listed(press(test, "← Back"))["total"] == 1


def test_explains_every_flag_in_words(desk: Context, clock: FakeClock, monkeypatch) -> None:
    put(desk, "wards", "area")
    id_ = told(desk, lon=13.05, lat=80.25, observed_at="2015-12-03T06:00:00")
    seen = html(detail(desk, AGENCY, id_, monkeypatch))
    assert "Longitude and latitude seem to be swapped." in seen
    assert "read as UTC" in seen
    assert "Location needed: not on the map yet." in seen


def test_writes_everything_people_wrote_as_text() -> None:
    step = TimelineEntry(0, "request.answer", HOSTILE, None, HOSTILE)
    for made in (detail_text.timeline((step,), UTC), detail_text.contact(Contact(HOSTILE, HOSTILE, HOSTILE))):
        assert "<img" not in made
        assert made.count("&lt;img") >= 2


def test_shows_photos_that_open_large_to_teams_only(desk: Context, monkeypatch) -> None:
    id_ = told(desk, text="see the photo")
    kept = photo.add(desk.store, desk.guards.turns, desk.clock(), AGENCY, id_, jpeg(drawing(32, 24))).id
    assert desk.views.situation.wait(desk.store.events.revision())
    seen = html(detail(desk, AGENCY, id_, monkeypatch))
    assert f'<a href="/api/v1/photos/{kept}.jpg" target="_blank"' in seen
    assert f'<img src="/api/v1/photos/{kept}/thumb.jpg" alt=""' in seen
    assert "Photo added" in seen
    assert kept not in html(detail(desk, STRANGER, id_, monkeypatch))
    assert kept not in html(detail(desk, VOLUNTEER, id_, monkeypatch))


@pytest.mark.parametrize(
    ("way", "words"),
    [
        (
            Route("", 2300.0, (), avoided=2),
            "2.3 km along roads not known to be blocked, avoiding 2 stretches known to be closed",
        ),
        (Route("", 2300.0, ()), "2.3 km along roads not known to be blocked"),
        (
            Route(NO_ROUTE, 900.0, (), avoided=1),
            "no route found along roads not known to be blocked: 1 stretch of the shortest route known to be closed",
        ),
        (Route(NO_ROADS, 900.0, ()), "no road layer is loaded"),
    ],
)
def test_says_of_each_shelter_how_to_get_there(way: Route, words: str) -> None:
    facility = Facility(200, 160, None, "blankets")
    said = (ShelterStatement("full", 2, 1, 0),)
    found = Shelter("s", "1", "Hall", 80.2, 13.0, "open", True, facility, 0, said, 900.0, "north", way)
    assert detail_facts.shelters([found], 600_000) == [
        f"Hall: 900 m north in a straight line · {words} · 40 of 200 places free · needs blankets · as of 10 min ago · "
        "2 reports say full, 1 verified, 10 min ago"
    ]


@pytest.mark.parametrize(("button", "lon"), [("Confirm location", 80.1), ("Keep the old location", 80.25)])
def test_asks_about_a_far_move_and_decides_it_by_one_press(desk: Context, monkeypatch, button: str, lon: float) -> None:
    id_ = told(desk)
    ravi = person(desk, "Ravi")
    placement = Placement(80.1, 13.2, None, "a neighbour said")
    acts.place(desk, VOLUNTEER, id_, None, placement).result()
    assert desk.views.situation.wait(desk.store.events.revision())
    test = detail(desk, ravi, id_, monkeypatch)
    seen = html(test)
    assert "Somebody proposes another location 23.3 km away" in seen
    assert desk.store.reports.one(id_).placement is None, "a proposal moves nothing"
    press(test, button)
    found = desk.store.reports.one(id_).placement
    assert (80.25 if found is None else found.lon) == lon
    assert "proposes another location 23.3 km" not in html(detail(desk, ravi, id_, monkeypatch))
