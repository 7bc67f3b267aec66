"""Redaction: what each audience may know of a report, field by field."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crisismap.core.errors import Misconfigured
from crisismap.core.need.need import Need
from crisismap.core.place.geodesy import distance_m
from crisismap.core.place.place import Placement, cell_place
from crisismap.core.privacy import (
    Audience,
    PlaceKind,
    PrivacyRules,
    RedactedReport,
    privacy_rules_from,
    redact,
    review_reasons,
    text_is_cleared,
)
from crisismap.core.report.report import CurrentReport
from crisismap.core.report.request import Answer, Request, State
from crisismap.settings import ROOT, read_toml
from tests.core.samples import CATEGORIES, MINUTE, NOW, current

RULES = PrivacyRules()
HERE = {"lon": 80.2712345, "lat": 13.0812345, "accuracy_m": 12.0}
TEN = 10 * MINUTE
EVERYTHING: dict[str, Any] = {
    "text": "the street is under water",
    "place": "house of Asha",
    "people": 4,
    "observed_at": "2015-12-02T06:23:45.678Z",
    "consent": {"publish": True, "contact": True},
    "contact": {"phone": "9840012345"},
    **HERE,
}


def seen(now: CurrentReport, audience: Audience) -> RedactedReport | None:
    return redact(now, audience, CATEGORIES[now.report.category], RULES)


def shown(now: CurrentReport) -> RedactedReport:
    public = seen(now, Audience.PUBLIC)
    assert public is not None
    return public


def test_tells_the_agency_all_but_the_contact():
    now = current({"category": "rescue", **EVERYTHING}, channel="sms", lang="ta")
    found = seen(now, Audience.AGENCY)
    assert found is not None
    assert (found.lon, found.lat, found.place_kind, found.accuracy_m) == (80.2712345, 13.0812345, PlaceKind.EXACT, 12.0)
    assert (found.text, found.place_text, found.lang, found.channel) == (
        "the street is under water",
        "house of Asha",
        "ta",
        "sms",
    )
    assert (found.people, found.observed_at, found.received_at) == (4, NOW - 6 * MINUTE - 14_322, NOW)
    assert found.tells_reasons
    assert b"9840012345" not in msgspec.json.encode(found)


def test_tells_the_public_a_cell_of_a_request_and_none_of_its_words():
    public = shown(current({"category": "rescue", **EVERYTHING}, channel="sms", lang="ta"))
    assert (public.lon, public.lat, public.accuracy_m) == cell_place(80.2712345, 13.0812345, 7)
    assert distance_m(public.lon or 0, public.lat or 0, 80.2712345, 13.0812345) <= (public.accuracy_m or 0)
    assert public.place_kind is PlaceKind.CELL
    assert (public.text, public.place_text, public.channel, public.people, public.flags) == ("", "", None, None, ())
    assert not public.tells_reasons


def test_tells_the_public_exactly_where_a_report_that_asks_nothing_is():
    public = shown(current({"category": "flooding", **EVERYTHING}))
    assert (public.lon, public.lat, public.place_kind) == (80.2712345, 13.0812345, PlaceKind.EXACT)
    assert (public.accuracy_m, public.text, public.place_text) == (12.0, "the street is under water", "")


@pytest.mark.parametrize("wish", [True, 1, "true", "yes", "on", " YES ", "x"])
def test_hides_place_and_words_when_the_reporter_wants_it(wish: object):
    public = shown(current({"category": "flooding", **EVERYTHING, "fields": {"hide_place": wish}}))
    assert public.place_kind is PlaceKind.CELL
    assert (public.lon, public.lat) == cell_place(80.2712345, 13.0812345, 7)[:2]
    assert public.text == ""


@pytest.mark.parametrize("wish", [False, 0, None, "", "false", "No", " 0 "])
def test_heeds_a_clear_no(wish: object):
    public = shown(current({"category": "flooding", **EVERYTHING, "fields": {"hide_place": wish}}))
    assert public.place_kind is PlaceKind.EXACT


@pytest.mark.parametrize("category", ["medical"])
def test_tells_the_public_nothing_of_a_single_sensitive_report(category: str):
    now = current({"category": category, **EVERYTHING})
    assert seen(now, Audience.PUBLIC) is None
    assert seen(now, Audience.AGENCY) is not None


def test_treats_a_cry_for_help_in_any_category_as_a_request():
    public = shown(current({"category": "flooding", **EVERYTHING, "text": "we are trapped"}))
    assert (public.place_kind, public.text) == (PlaceKind.CELL, "")


def test_publishes_the_cell_of_a_place_that_a_person_gave():
    now = current({"category": "rescue", "text": "a"}, Placement(80.1, 13.0, 30.0, "call"))
    assert (shown(now).lon, shown(now).lat) == cell_place(80.1, 13.0, 7)[:2]
    whole = seen(now, Audience.AGENCY)
    assert whole is not None
    assert (whole.lon, whole.lat, whole.accuracy_m) == (80.1, 13.0, 30.0)


@pytest.mark.parametrize("audience", Audience)
def test_draws_nothing_that_has_no_believable_place(audience: Audience):
    for place in ({}, {"lon": 0, "lat": 0}, {"lon": 13.0, "lat": 80.2}):
        found = seen(current({"category": "rescue", "text": "a", **place}), audience)
        assert found is not None
        assert (found.lon, found.lat, found.accuracy_m, found.place_kind) == (None, None, None, PlaceKind.NONE)


@given(st.integers(0, 2 * TEN), st.integers(0, 2 * TEN), st.integers(0, 2 * TEN))
def test_tells_the_public_no_time_finer_than_ten_minutes(arrived: int, saw: int, answered: int):
    now = current({"category": "rescue", "text": "a"}, now_ms=NOW + arrived)
    report = msgspec.structs.replace(now.report, observed_at=NOW + saw)
    done = Request(State.ANSWERED, answer=Answer("p", NOW + answered, "note"))
    public = shown(msgspec.structs.replace(now, report=report, request=done))
    assert [public.received_at, public.observed_at, public.answered_at] == [
        (NOW + x) // TEN * TEN for x in (arrived, saw, answered)
    ]


@given(
    st.floats(80, 80.4), st.floats(12.9, 13.3), st.text(max_size=30), st.sampled_from(list(CATEGORIES)), st.booleans()
)
def test_tells_the_public_nothing_but_what_is_the_same_for_the_whole_cell(lon, lat, text, category: str, publish: bool):
    """Two requests that differ only within what is hidden look alike to the public."""
    body = {"category": category, "text": text or "a", "lon": lon, "lat": lat, "consent": {"publish": publish}}
    now = current(body)
    public = seen(now, Audience.PUBLIC)
    if not now.report.need.is_request or public is None:
        return
    c_lon, c_lat, _ = cell_place(lon, lat, 7)
    other = current({**body, "lon": c_lon, "lat": c_lat, "place": "elsewhere", "people": 3, "accuracy_m": 5.0})
    assert seen(other, Audience.PUBLIC) == public


# The rule that clears a text


def cleared(text: str, category: str = "flooding", **more: Any) -> bool:
    said = {"category": category, "text": text, "consent": {"publish": True}, **more}
    return text_is_cleared(current(said), PrivacyRules())


PHONES = [
    "9840012345",
    "98400 12345",
    "98400-12345",
    "984.001.2345",
    "+91 98400 12345",
    "(044) 2345 6789",
    "9 8 4 0 0 1 2 3 4 5",
    "9-8-4-0-0",
    "9 . 8 . 4 . 0",
    "9\u200b8\u200b4\u200b0\u200b0",
    "98 | 40 | 01 | 23",
    "984_001_2345",
    "\uff19\uff18\uff14\uff10\uff10\uff11\uff12\uff13",  # full-width
    "௯௮௪௦௦௧௨௩௪௫",  # Tamil
    "९८४०० १२३४५",  # Devanagari
    "٩٨٤٠٠١٢٣٤٥",  # Arabic
    "9\ufe0f\u20e38\ufe0f\u20e34\ufe0f\u20e30\ufe0f\u20e3",  # keycaps
    "⁹⁸⁴⁰⁰¹²³",
    "①②③④⑤⑥⑦",
    "9     8     4     0     0     1     2",  # far apart, but many
    "9a8b4c0d0e1f2",
    "13.08268 80.27071",
    "1234",
]
REACHABLE = ["asha@example.org", "@asha", "https://t.me/asha", "www.example.org", "WA.me/asha", "HTTP://x"]
HARMLESS = [
    "",
    "knee deep",
    "bus 19B stuck",
    "2 m deep at no. 12",
    "water 30 cm",
    "ward 173",
    "நீர் 50 செ.மீ",
    "3-4 houses",
]


@pytest.mark.parametrize("text", PHONES + REACHABLE)
def test_clears_no_text_that_could_reach_somebody(text: str):
    assert not cleared(f"road closed {text} call")
    assert not cleared(text)


@pytest.mark.parametrize("text", HARMLESS)
def test_clears_harmless_text_with_consent_only(text: str):
    assert cleared(text, place="near the temple")
    without = current({"category": "flooding", "text": text, "place": "x"})
    assert not text_is_cleared(without, PrivacyRules())


def test_clears_no_words_of_a_request():
    assert not cleared("please bring water", "water_food")
    assert not cleared("we are trapped", "flooding")


@given(
    st.text(st.sampled_from("0123456789"), min_size=4, max_size=12), st.sampled_from(["", " ", "-", ".", " - ", "\n"])
)
def test_finds_four_digits_in_a_row_however_spaced(digits: str, gap: str):
    assert not cleared("x " + gap.join(digits))


def test_ends_on_the_longest_hostile_text():
    for text in ("9 " * 3 + " " * 19_000, "1" + "-" * 19_000, ("12-" + "_" * 4) * 2800, "w" * 20_000, ":/" * 10_000):
        assert cleared(text[:20_000].strip() or "a") in (True, False)


# The rule file


def test_ships_rules_that_hide_at_least_a_cell_of_resolution_7():
    rules = privacy_rules_from(read_toml(ROOT / "data" / "rules" / "privacy.toml"), "privacy.toml")
    assert (rules.cell_resolution, rules.small_count) == (7, 5)
    assert all(rules.resolution(category) <= 7 for category in CATEGORIES)


def test_can_hide_more_by_category():
    rules = privacy_rules_from({"cell_resolution": 8, "by_category": {"rescue": 5}, "small_count": 3}, "p.toml")
    assert (rules.resolution("rescue"), rules.resolution("other"), rules.small_count) == (5, 8, 3)
    assert privacy_rules_from({}, "p.toml") == PrivacyRules()


@pytest.mark.parametrize(
    "data",
    [
        {"cell_resolution": 10},
        {"cell_resolution": -1},
        {"cell_resolution": "7"},
        {"by_category": {"rescue": 12}},
        {"small_count": 0},
        {"small_count": "few"},
    ],
)
def test_names_the_file_that_is_wrong(data: dict[str, Any]):
    with pytest.raises(Misconfigured, match=r"p\.toml"):
        privacy_rules_from(data, "p.toml")


def test_publishes_an_offer_of_help_as_it_publishes_a_request():
    """Whoever offers a room or a boat says where they live."""
    body = {"category": "flooding", "text": "we have a boat", "lon": 80.25, "lat": 13.05, "consent": {"publish": True}}
    offer, told = current(body), current(body | {"text": "knee deep"})
    assert (offer.need, offer.asks, told.need) == (Need.OFFER, False, Need.INFORMATION)
    category = CATEGORIES["flooding"]
    public, open_ = (redact(each, Audience.PUBLIC, category, RULES) for each in (offer, told))
    assert public is not None
    assert open_ is not None
    assert (public.place_kind, public.text, open_.place_kind, open_.text) == ("cell", "", "exact", "knee deep")
    assert (public.lon, public.lat) == cell_place(80.25, 13.05, 7)[:2]
    assert "offer" in review_reasons(offer, category, RULES)


@pytest.mark.parametrize("text", ["we have a boat", "I am worried about them", "we are trapped", "knee deep"])
def test_tells_only_staff_the_need(text: str):
    now = current({"category": "flooding", "text": text})
    seen = {each: redact(now, each, CATEGORIES["flooding"], RULES) for each in Audience}
    assert {each: found and found.need for each, found in seen.items()} == {
        Audience.PUBLIC: None,
        Audience.AGENCY: now.need,
    }
