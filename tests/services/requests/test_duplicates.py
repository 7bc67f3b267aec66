"""Similar requests: found fast by people who may read, and shown to strangers only as far as the public's map goes."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import pytest

from crisismap.core.errors import Forbidden, NotFound, NotSignedIn
from crisismap.core.place.place import cell_place
from crisismap.services.requests import duplicates
from crisismap.services.runtime.context import Context
from tests import acts
from tests.conftest import FakeClock
from tests.people import AGENCY, RESPONDER, STRANGER, VOLUNTEER
from tests.services.deployment import ask

M = 1 / 110_570
LAKSANA = {"text": "People on the roof, jalan Laksana 12", "lon": 80.25, "lat": 13.05}


def similar(context: Context, report: str) -> list[str]:
    return [
        found.id
        for found in duplicates.similar(context.store, context.views, context.rules, context.clock(), RESPONDER, report)
    ]


def test_finds_what_is_near_in_place_time_and_words(context: Context, clock: FakeClock) -> None:
    first, _ = ask(context, **LAKSANA)
    far, _ = ask(context, **LAKSANA | {"lat": 13.15})
    clock.ms += 20 * 60_000
    second, _ = ask(context, text="jl laksana roof", lon=80.25, lat=13.05 + 25 * M)
    found = duplicates.similar(context.store, context.views, context.rules, context.clock(), RESPONDER, second)
    assert [each.id for each in found] == [first]
    assert far not in similar(context, first)
    assert found[0].metres == pytest.approx(25, abs=1)
    assert found[0].minutes == pytest.approx(20)
    assert found[0].score > 0.9
    assert "the same place named: laksana" in found[0].reasons
    assert found[0].record.text == LAKSANA["text"]


def test_finds_what_has_no_place_by_rare_words_also_misspelt(context: Context) -> None:
    placed, _ = ask(context, text="komplek Mokmer Gunung Sahari, ibu hamil", lon=80.2, lat=13.0)
    for n in range(5):
        ask(context, text=f"banjir gang {n}", lon=80.21 + n / 100, lat=13.0)
    words, _ = ask(context, text="ibu hamil, kompleks mokmerr gunung sahari", lon=None, lat=None)
    assert similar(context, words) == [placed]
    assert similar(context, placed) == [words]


def test_gives_nothing_for_branches_of_one_name(context: Context) -> None:
    one, _ = ask(context, text="Saravana Stores, stuck", lon=80.20, lat=13.00)
    ask(context, text="Saravana Stores, stuck", lon=80.25, lat=13.05)
    assert similar(context, one) == []


def test_leaves_out_what_is_no_longer_to_be_joined_and_what_is_long_ago(context: Context, clock: FakeClock) -> None:
    old, _ = ask(context, **LAKSANA)
    clock.ms += 72 * 3_600_000
    now, _ = ask(context, **LAKSANA)
    assert similar(context, now) == []
    clock.ms += 60_000
    again, _ = ask(context, **LAKSANA)
    assert similar(context, again) == [now]
    assert old not in similar(context, again)


def test_asks_for_the_verb_and_knows_only_what_is_there(context: Context) -> None:
    report, _ = ask(context, **LAKSANA)
    for person, refusal in ((STRANGER, NotSignedIn), (VOLUNTEER, Forbidden)):
        with pytest.raises(refusal):
            duplicates.similar(context.store, context.views, context.rules, context.clock(), person, report)
    assert duplicates.similar(context.store, context.views, context.rules, context.clock(), AGENCY, report) == []
    for wrong in ("nonsense", "00000000-0000-8000-8000-000000000000"):
        with pytest.raises(NotFound):
            duplicates.similar(context.store, context.views, context.rules, context.clock(), RESPONDER, wrong)


def test_tells_the_same_sender_by_fingerprints_and_never_shows_them(context: Context) -> None:
    for phone in ("+91 98400 12345", "+91 98400 54321"):
        ask(context, text="", lon=80.25, lat=13.05, contact={"phone": phone})
    mine, _ = ask(context, text="", lon=80.25, lat=13.05 + 20 * M, contact={"phone": "098400 12345"})
    found = duplicates.similar(context.store, context.views, context.rules, context.clock(), RESPONDER, mine)
    assert [("the same sender" in each.reasons) for each in found] == [True, False]
    assert "98400" not in repr(found)


# What everybody may know


def test_tells_a_stranger_category_cell_and_age_and_nothing_else(context: Context, clock: FakeClock) -> None:
    first, _ = ask(context, text="Murugan family, 12 Laksana street, call 9876543210", lon=80.25, lat=13.05)
    clock.ms += 25 * 60_000
    mine, _ = ask(context, lon=80.2503, lat=13.0502)
    found = duplicates.nearby(context.views.situation, context.clock(), mine)
    lon, lat, _ = cell_place(80.25, 13.05, context.rules.privacy.cell_resolution)
    assert [asdict(each) for each in found] == [
        {"id": first, "category": "rescue", "area": "", "lon": lon, "lat": lat, "age_minutes": 20, "text": ""}
    ]


def test_offers_a_stranger_the_whole_cell_alike_whatever_the_words_and_metres_say(
    context: Context, clock: FakeClock
) -> None:
    spots = [(80.25, 13.05), (80.2501, 13.0501), (80.2535, 13.0535)]
    cell = cell_place(80.25, 13.05, context.rules.privacy.cell_resolution)
    inside = [spot for spot in spots if cell_place(*spot, context.rules.privacy.cell_resolution) == cell]
    assert len(inside) >= 2
    theirs = []
    for n, (lon, lat) in enumerate(inside):
        clock.ms += 600_000
        theirs.append(ask(context, text=f"text {n}", lon=lon, lat=lat)[0])
    mine, _ = ask(context, text="text 0", lon=80.25, lat=13.05)
    assert [each.id for each in duplicates.nearby(context.views.situation, context.clock(), mine)] == theirs[::-1]


def test_offers_a_stranger_no_other_category_cell_or_day_and_nothing_answered(
    context: Context, clock: FakeClock
) -> None:
    ask(context, text="old", lon=80.25, lat=13.05)
    clock.ms += 7 * 3_600_000
    ask(context, category="water_food", text="food", lon=80.25, lat=13.05)
    ask(context, text="far", lon=80.35, lat=13.05)
    done, _ = ask(context, text="done", lon=80.25, lat=13.05)
    kept = acts.answer(context, RESPONDER, done, None, note="came").result()
    context.views.situation.wait(kept.revision)
    mine, _ = ask(context, lon=80.25, lat=13.05)
    assert duplicates.nearby(context.views.situation, context.clock(), mine) == []


@pytest.mark.parametrize(
    "said",
    [
        {"category": "medical", "text": "insulin"},  # never shown singly
        {"category": "flooding", "text": "knee deep"},  # asks nothing
        {"text": "in words", "lon": None, "lat": None},
    ],
)
def test_offers_nothing_to_who_has_no_cell_of_a_request(context: Context, said: dict[str, Any]) -> None:
    ask(context, **said)
    mine, _ = ask(context, **said)
    assert duplicates.nearby(context.views.situation, context.clock(), mine) == []
    assert duplicates.nearby(context.views.situation, context.clock(), "nonsense") == []


def test_checks_what_a_stranger_chose_against_what_was_offered(context: Context, clock: FakeClock) -> None:
    first, _ = ask(context, lon=80.25, lat=13.05)
    medical, _ = ask(context, category="medical", text="insulin", lon=80.25, lat=13.05)
    far, _ = ask(context, lon=80.35, lat=13.05)
    mine, _ = ask(context, lon=80.25, lat=13.05)
    assert duplicates.may_be(context.views.situation, context.clock(), mine, first)
    assert duplicates.may_be(context.views.situation, context.clock(), mine, first.upper())
    for other in (medical, far, mine, "nonsense", "00000000-0000-8000-8000-000000000000"):
        assert not duplicates.may_be(context.views.situation, context.clock(), mine, other)


def test_offers_a_stranger_none_of_those_that_read_alike(context: Context, clock: FakeClock) -> None:
    old, _ = ask(context, text="grandmother on the roof", lon=80.25, lat=13.05)
    clock.ms += 30 * 60_000
    for text in ("two of us", "nine of us"):  # what the public may not read tells nothing apart
        ask(context, text=text, lon=80.25, lat=13.05)
    mine, _ = ask(context, lon=80.25, lat=13.05)
    assert [each.id for each in duplicates.nearby(context.views.situation, context.clock(), mine)] == [old]


def test_makes_nothing_likely_by_the_word_of_one_who_asks(context: Context, clock: FakeClock) -> None:
    other, _ = ask(context, text="jalan Laksana 12, fire", lon=80.25, lat=13.05)
    clock.ms += 5 * 3_600_000
    mine, _ = ask(context, text="jalan Bangau 3, no food", lon=80.2503, lat=13.0502)
    before = duplicates.similar(context.store, context.views, context.rules, context.clock(), RESPONDER, mine)
    assert before == [], "nothing but the word of the requester speaks for it"
    kept = duplicates.same_as(context.store, context.views.situation, context.clock(), mine, other)
    context.views.situation.wait(kept.revision)
    [found] = duplicates.similar(context.store, context.views, context.rules, context.clock(), RESPONDER, mine)
    assert (found.id, found.reasons[0], found.earlier) == (other, duplicates.REASON, True)
    assert found.score < context.rules.duplicates.threshold
    assert found.metres == pytest.approx(40, abs=5)
