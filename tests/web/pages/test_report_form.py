"""read_report: from a form's values to a draft."""

from __future__ import annotations

from crisismap.core.report.consent import PLAIN
from crisismap.core.report.report import MAX_SHORT, MAX_TEXT, Contact, Draft
from crisismap.rule_files import read_rule_files
from crisismap.web.pages.report_form import Errors, read_report

CATEGORIES = read_rule_files().categories


def read(**form: str) -> tuple[Draft, Errors]:
    return read_report({"category": "rescue", "text": "help"} | form, CATEGORIES)


def draft(**form: str) -> Draft:
    made, errors = read(**form)
    assert not errors
    return made


def test_reads_everything_a_person_can_say():
    made = draft(
        place="behind the school",
        lat="13.06",
        lon="80.25",
        accuracy_m="12",
        people="3",
        phone="+91 98400 00000",
        email="a@example.org",
        name="Meena",
        consent_contact="1",
        client_id="k-1",
        **{"f.rescue.trapped": "1", "f.rescue.children": "2"},
    )
    assert (made.lon, made.lat, made.accuracy_m, made.place) == (80.25, 13.06, 12, "behind the school")
    assert (made.people, made.fields) == (3, {"trapped": True, "children": 2})
    assert made.contact == Contact("+91 98400 00000", "a@example.org", "Meena")
    assert (made.consent.publish, made.consent.contact, made.consent.version) == (False, True, PLAIN)
    assert made.client_id == "k-1"


def test_agrees_to_nothing_by_itself():
    consent = draft().consent
    assert not consent.publish
    assert not consent.contact
    assert "hide_place" not in (draft().fields or {})


def test_keeps_a_wish_to_hide_the_place():
    assert draft(category="flooding", hide_place="1").fields == {"hide_place": True}


def test_takes_coordinates_as_people_write_them():
    for lat, lon in (
        ("13.06", "80.25"),
        ("13,06", "80,25"),
        (" 13.06° N", "80.25°E"),
        ("13.06, 80.25", ""),
        ("13.06 80.25", ""),
        ("௧௩.௦௬", "८०.२५"),
    ):
        made = draft(lat=lat, lon=lon)
        assert (made.lat, made.lon) == (13.06, 80.25), (lat, lon)
    made = draft(lat="13.06 S", lon="\u221280.25")
    assert (made.lat, made.lon) == (-13.06, -80.25)


def test_keeps_impossible_coordinates_among_the_words():
    for lat, lon in (("north", "80.25"), ("913", "80"), ("13.06", ""), ("nan", "80"), ("inf", "80"), ("", "80.25")):
        made = draft(lat=lat, lon=lon, place="at the temple")
        assert (made.lat, made.lon) == (None, None)
        assert made.place.startswith("at the temple (")
        assert lat in made.place
        assert lon in made.place


def test_keeps_impossible_coordinates_that_are_all_there_is():
    made, errors = read(text="", lat="north", lon="east")
    assert errors == {}
    assert made.place == "north, east"


def test_drops_an_impossible_accuracy_only():
    for accuracy in ("wide", "-3", "inf", "nan", "1e9"):
        made = draft(lat="13.06", lon="80.25", accuracy_m=accuracy)
        assert (made.lat, made.accuracy_m) == (13.06, None)


def test_moves_a_place_that_is_too_long_into_the_text():
    made = draft(place="p" * 700)
    assert made.place == "p" * MAX_SHORT
    assert made.text == "help\n" + "p" * 700


def test_asks_for_a_category():
    for category in ("", "weather", "RESCUE"):
        assert list(read(category=category)[1]) == ["category"]


def test_asks_for_anything_at_all():
    assert list(read(text="  \n ")[1]) == ["text"]
    assert list(read(text="", hide_place="1", consent_publish="1", phone="1")[1]) == ["text"]
    for enough in ({"place": "here"}, {"lat": "1", "lon": "2"}, {"f.rescue.trapped": "1"}):
        assert read(text="", **enough)[1] == {}


def test_names_the_field_of_each_error_in_the_order_of_the_page():
    errors = read(
        category="",
        text="x" * (MAX_TEXT + 1),
        people="many",
        phone="9" * (MAX_SHORT + 1),
        **{"f.rescue.children": "-1"},
    )[1]
    assert list(errors) == ["category", "text", "people", "f.rescue.children", "phone"]


def test_refuses_more_people_than_there_can_be():
    assert read(people="1000001")[1]["people"].key == "error.people_range"
    assert read(people="9" * 40)[1]["people"].key == "error.number"
    assert draft(people="௧௨").people == 12


def test_keeps_what_was_answered_under_another_category():
    made = draft(category="flooding", **{"f.rescue.trapped": "1", "f.flooding.depth_cm": "40"})
    assert made.fields == {"depth_cm": 40, "trapped": True}


def test_prefers_the_chosen_category_where_two_have_the_same_question():
    made = draft(category="transport", **{"f.transport.status": "flooded", "f.shelter.status": "full"})
    assert made.fields == {"status": "flooded"}
    assert draft(category="transport", **{"f.shelter.status": "full"}).fields is None


def test_takes_only_choices_that_are_offered():
    assert draft(category="shelter", **{"f.shelter.status": "on fire"}).fields is None


def test_ignores_names_that_are_no_fields():
    assert draft(**{"f.rescue.admin": "1", "f.x.y": "1", "source": "me", "asks": "0"}).fields is None
