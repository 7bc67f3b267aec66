"""Reports: what is refused, what is kept with flags, and what stays exactly as it was said."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crisismap.core.errors import Invalid, TooLarge
from crisismap.core.need.detector import NeedDetector
from crisismap.core.need.need import NOTHING_HEARD, Need
from crisismap.core.need.stored import decode_heard
from crisismap.core.place.place import Placement
from crisismap.core.report.accept import payload_hash
from crisismap.core.report.read_draft import draft_from
from crisismap.core.report.report import (
    ANCIENT_MS,
    FUTURE_MS,
    Addition,
    Consent,
    Contact,
    Correction,
    Draft,
    correct_report,
)
from tests.core.samples import ARRIVAL, CATEGORIES, NOW, RULES, current, taken

HERE = {"lon": 80.25, "lat": 13.05}


# Refused


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"category": "earthquake", "text": "a"}, "category"),
        ({"category": "", "text": "a"}, "category"),
        ({"category": "other"}, "text"),
        ({"category": "other", "text": " \n\t "}, "text"),
        ({"category": "other", "text": "", "place": "  ", "fields": {}}, "text"),
        ({"category": "other", "text": "a", "client_id": ""}, "client_id"),
        ({"category": "other", "text": "a", "client_id": " \t"}, "client_id"),
        ({"category": "other", "text": "a", "client_id": "a\x00b"}, "client_id"),
        ({"category": "other", "text": "a", "client_id": "x" * 501}, "client_id"),
        ({"category": "other", "text": "a", "consent": {"version": "x" * 501}}, "consent.version"),
        ({"category": "other", "text": "a", "consent": {"version": "\x00"}}, "consent.version"),
        ({"category": "other", "text": "a", "contact": {"phone": "9" * 501}}, "contact.phone"),
        ({"category": "other", "text": "a", "contact": {"email": "x" * 501}}, "contact.email"),
        ({"category": "other", "text": "a", "contact": {"name": "x" * 501}}, "contact.name"),
        ({"category": "other", "fields": {str(n): n for n in range(61)}}, "fields"),
        ({"category": "other", "fields": {"x" * 501: 1}}, "fields." + "x" * 501),
    ],
)
def test_refuses_naming_the_field(body: dict[str, Any], field: str):
    with pytest.raises(Invalid) as refusal:
        taken(body)
    assert refusal.value.field == field


@pytest.mark.parametrize("body", [{"text": "x" * 20_001}, {"fields": {"a": "x" * 20_001}}])
def test_refuses_more_than_20000_characters(body: dict[str, Any]):
    with pytest.raises(TooLarge):
        taken({"category": "other"} | body)


def test_takes_20000_characters_of_any_size():
    assert taken({"category": "other", "text": "உ" * 20_000}).text == "உ" * 20_000


def test_shows_a_long_value_shortened_and_on_one_line():
    with pytest.raises(Invalid) as refusal:
        taken({"category": "a\nb" * 100, "text": "x"})
    assert len(refusal.value.details["value"]) <= 80
    assert "\n" not in str(refusal.value)


# Enough said


@pytest.mark.parametrize(
    "body", [{"text": "wet"}, {"fields": {"depth_cm": 0}}, {"lon": 80.2, "lat": 13.0}, {"place": "near the temple"}]
)
def test_takes_any_one_way_of_saying_something(body: dict[str, Any]):
    assert taken({"category": "flooding"} | body).category == "flooding"


def test_keeps_what_was_said_as_it_was_said():
    said = {
        "category": "rescue",
        "text": "  Trapped\n<script>alert(1)</script> \u0b89\u0ba4\u0bb5\u0bbf  ",
        **HERE,
        "accuracy_m": 12.5,
        "place": " near St. Mary's ",
        "observed_at": "2015-12-02T11:59:00+05:30",
        "people": 4,
        "fields": {"trapped": True, "note": None, "n": 1.5},
        "consent": {"publish": True, "contact": True, "version": "2"},
        "client_id": "abc",
    }
    report = taken(said, channel="web", source="p-1", lang="ta")
    assert report.text == "Trapped\n<script>alert(1)</script> \u0b89\u0ba4\u0bb5\u0bbf"
    assert (report.lon, report.lat, report.accuracy_m, report.place_text) == (80.25, 13.05, 12.5, "near St. Mary's")
    assert (report.observed_at, report.received_at) == (NOW - 60_000, NOW)
    assert (report.people, report.fields, report.client_id) == (4, said["fields"], "abc")
    assert report.consent == Consent(True, True, "2")
    assert (report.channel, report.source, report.lang) == ("web", "p-1", "ta")
    assert (report.flags, report.need, report.id) == ((), Need.ASKS, ARRIVAL.id)


def test_assumes_no_consent_and_the_time_of_arrival():
    report = taken({"category": "other", "text": "a"})
    assert report.consent == Consent(False, False, None)
    assert report.observed_at == report.received_at == NOW
    assert (report.lon, report.lat, report.people, report.fields, report.place_text) == (None, None, None, {}, "")


def test_shows_a_nul_as_the_replacement_character():
    report = taken({"category": "other", "text": "a\x00b", "place": "c\x00"})
    assert (report.text, report.place_text) == ("a\ufffdb", "c\ufffd")


# Flags


@pytest.mark.parametrize(
    ("body", "flags"),
    [
        ({"observed_at": "2015-12-02T06:40:00Z"}, ()),  # ten minutes ahead: a clock may be
        ({"observed_at": "2015-12-02T06:40:00.001Z"}, ("time_future",)),
        ({"observed_at": "2025-12-02T06:40:00Z"}, ("time_future",)),
        ({"observed_at": "2000-01-01T00:00:00Z"}, ()),
        ({"observed_at": "1999-12-31T23:59:59.999Z"}, ("time_ancient",)),
        ({"observed_at": "1970-01-01T00:00:00Z"}, ("time_ancient",)),
        ({"observed_at": "2015-12-02T06:00:00"}, ("time_no_zone",)),
        ({"observed_at": "2025-12-02T06:00:00"}, ("time_no_zone", "time_future")),
        ({"observed_at": "1970-01-01"}, ("time_no_zone", "time_ancient")),
        ({"lon": 0, "lat": 0}, ("zero_coordinates",)),
        ({"lon": 13.05, "lat": 80.25}, ("swapped_axes",)),
        ({"lon": 0.0, "lat": 51.5}, ("far_away",)),
        ({"lon": 0.0, "lat": 51.5, "observed_at": "2025-01-01"}, ("time_no_zone", "time_future", "far_away")),
    ],
)
def test_keeps_with_flags_what_cannot_be_right(body: dict[str, Any], flags: tuple[str, ...]):
    now = current({"category": "rescue", "text": "help"} | body)
    assert now.report.flags == flags
    # A wrong place keeps it off the map, a wrong time does not; neither refuses it.
    believable = "lon" in body and not {"zero_coordinates", "swapped_axes", "far_away"} & {*flags}
    assert (now.point() is not None) is believable
    assert (now.report.lon, now.report.lat) == (body.get("lon"), body.get("lat"))


def test_knows_the_limits_of_time():
    assert FUTURE_MS == 600_000
    assert taken({"category": "other", "text": "a", "observed_at": "2000-01-01T00:00:00Z"}).observed_at == ANCIENT_MS


def test_draws_a_flagged_report_where_a_person_placed_it():
    body = {"category": "rescue", "text": "help", "lon": 0, "lat": 0}
    assert current(body).point() is None
    assert current(body, Placement(80.2, 13.0, 50.0, "phone call")).point() == (80.2, 13.0)
    assert current({"category": "rescue", "text": "a", **HERE}, Placement(80.2, 13.0, None, "map")).point() == (
        80.2,
        13.0,
    )


# What asks


@pytest.mark.parametrize("category", CATEGORIES)
def test_lets_the_category_decide_whether_it_asks(category: str):
    asks = category in ("rescue", "medical", "water_food")
    assert taken({"category": category, "text": "as described"}).need.is_request is asks


@pytest.mark.parametrize("text", ["water rising, PLEASE HELP", "5 people trapped on first floor", "Drowning"])
def test_makes_any_report_with_words_of_need_a_request(text: str):
    for category in ("flooding", "shelter", "transport", "other"):
        assert taken({"category": category, "text": text}).need is Need.ASKS


@pytest.mark.parametrize("text", ["", "road under water", "nobody is trapped here any more"])
def test_leaves_information_without_words_of_need_as_it_is(text: str):
    assert taken({"category": "flooding", "text": text, **HERE}).need is Need.INFORMATION


def test_sends_what_is_in_doubt_to_a_person_and_keeps_offers_apart():
    assert (
        taken({"category": "flooding", "text": "Our old neighbour does not answer the door since yesterday"}).need
        is Need.MAY
    )
    assert taken({"category": "other", "text": "we have a boat and two people, where?"}).need is Need.OFFER


@pytest.mark.parametrize("asked", [True, False])
def test_takes_the_answer_of_a_draft_before_that_of_a_mapping(asked: bool):
    body = {"category": "flooding", "text": "wet"}
    for report in (taken(body | {"asks": asked}, asks=not asked), taken(body, asks=asked)):
        assert (report.asked, report.need.is_request) == (asked, asked)
    assert taken(body).asked is None


def test_doubts_an_answer_that_the_words_or_the_category_contradict():
    assert taken({"category": "rescue", "text": "trapped"}, asks=False).need is Need.MAY
    assert taken({"category": "rescue", "text": "as described", "asks": False}).need is Need.MAY
    assert taken({"category": "rescue", "text": "nobody is trapped", "asks": False}).need is Need.INFORMATION
    closed = taken({"category": "rescue", "text": "as described"}, asks=False)
    assert closed.need is Need.INFORMATION, "a file tells of closed cases in every category"


@pytest.mark.parametrize("fact", ["life_in_danger", "trapped", "cannot_move", "needs_medicine"])
def test_makes_any_report_with_a_fact_of_danger_a_request(fact: str):
    assert taken({"category": "flooding", "fields": {fact: True}}).need is Need.ASKS
    assert taken({"category": "flooding", "fields": {fact: False}}).need is Need.INFORMATION
    assert taken({"category": "flooding", "fields": {fact: True}, "asks": False}).need is Need.MAY


def test_keeps_what_was_heard_with_the_fingerprint_of_the_detector():
    now = current({"category": "flooding", "text": "we are trapped"})
    assert now.heard(RULES.detector) == RULES.detector.detect("we are trapped")
    assert now.heard(NeedDetector()) == NOTHING_HEARD, "another detector hears anew"
    added = msgspec.structs.replace(now, report=taken({"category": "flooding", "text": "wet"}))
    added = msgspec.structs.replace(added, additions=(Addition(NOW, "now we are trapped"),))
    assert added.heard(RULES.detector).need is Need.ASKS, "what was added is heard as well"


def test_hears_a_corrected_text_anew():
    report = correct_report(taken({"category": "flooding", "text": "wet"}), Correction(text="trapped"), RULES.detector)
    assert decode_heard(report.heard, RULES.detector.fingerprint) == RULES.detector.detect("trapped")


def test_gives_a_draft_without_an_answer_the_fingerprint_it_always_had():
    draft = Draft("flooding", text="wet")
    assert payload_hash(draft, b"k") == payload_hash(draft_from({"category": "flooding", "text": "wet"}), b"k")
    assert b"asks" not in msgspec.json.encode(draft)
    assert payload_hash(draft, b"k") != payload_hash(msgspec.structs.replace(draft, asks=False), b"k")


# Fingerprint and contact


@given(st.text(max_size=20), st.text(max_size=20))
def test_fingerprints_what_was_said_and_not_its_key(one: str, other: str):
    first, again = Draft("other", text=one, client_id="1"), Draft("other", text=one, client_id="2")
    assert payload_hash(first, b"k") == payload_hash(again, b"k")
    assert (payload_hash(Draft("other", text=other), b"k") == payload_hash(first, b"k")) is (one == other)
    assert payload_hash(first, b"k") != payload_hash(first, b"l")
    assert len(payload_hash(first, b"k")) == 16


def test_fingerprints_fields_in_whatever_order_they_come():
    one = Draft("other", fields={"a": 1, "b": 2}, contact=Contact(phone="1"))
    other = Draft("other", fields={"b": 2, "a": 1}, contact=Contact(phone="1"))
    assert payload_hash(one, b"k") == payload_hash(other, b"k")
    changed = msgspec.structs.replace(other, contact=Contact(phone="2"))
    assert payload_hash(one, b"k") != payload_hash(changed, b"k")


def test_knows_an_empty_contact():
    assert Contact().empty()
    assert Contact(phone="", email="").empty()
    assert not Contact(name="A").empty()


def test_keeps_no_contact_in_the_report():
    report = taken({"category": "other", "text": "a", "contact": {"phone": "9840012345", "name": "Asha"}})
    assert b"9840012345" not in msgspec.json.encode(report)
    assert b"Asha" not in msgspec.json.encode(report)
