"""Facts that several columns make together, on reports of a real deployment."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import pytest
from shapely import Point

from crisismap.core.event import EventDraft
from crisismap.core.layer.layer import Role
from crisismap.core.people.person import Person
from crisismap.core.privacy import Audience
from tests import acts
from tests.conftest import FakeClock
from tests.people import RESPONDER
from tests.situation.crisis import HERE, MINUTE, Crisis, crisis
from tests.situation.merge_layers import feature


@pytest.fixture
def here(tmp_path: Path, clock: FakeClock) -> Iterator[Crisis]:
    with crisis(tmp_path, clock) as opened:
        yield opened


def test_puts_the_reason_that_a_person_gave_first(here: Crisis) -> None:
    report = here.post("rescue", text="trapped on the roof", **HERE)
    by_rule = here.item(report)["reasons"]
    assert by_rule, "the control: the rules have reasons of their own"
    acts.priority(here.context, RESPONDER, report, None, priority=3, reason='she said "soon"').result()
    item = here.item(report)
    assert item["priority"] == "P3"
    assert item["reasons"] == ['set to P3 by a person: she said "soon"', *by_rule]


def test_gives_a_report_without_reasons_an_empty_list_or_the_one_of_a_person(here: Crisis) -> None:
    report = here.post("flooding", text="water in the street", **HERE)
    item = here.item(report)
    assert (item["priority"], item["reasons"]) == (None, [])


def test_tells_the_distance_to_the_nearest_shelter_in_whole_metres(here: Crisis) -> None:
    bare = here.post(place="behind the temple")
    placed = here.post(**HERE)
    assert here.item(placed)["nearest_shelter"] is None, "no shelter is known yet"
    here.put("halls", Role.SHELTER, feature("7", Point(80.2, 13.001), name="School", status="open"))
    assert here.item(placed)["nearest_shelter"] == {"id": "7", "name": "School", "distance_m": 111}
    assert here.item(bare)["nearest_shelter"] is None


def test_names_who_has_claimed_as_that_person_is_called_now(here: Crisis) -> None:
    report, mala = here.post(**HERE), Person("p-mala", "Mala", "Boat Team 4", frozenset({"responder"}))
    assert here.item(report)["claimed_by"] is None
    sign_in_by_organisation(here, mala)
    acts.claim(here.context, mala, report, None).result()
    assert here.item(report)["claimed_by"] == "Mala (Boat Team 4)"
    sign_in_by_organisation(here, dataclasses.replace(mala, org="Fire Service"))
    assert here.item(report)["claimed_by"] == "Mala (Fire Service)"


def sign_in_by_organisation(here: Crisis, person: Person) -> None:
    """The organisation's server says who somebody is; what it says last holds."""
    now = here.clock()
    event = EventDraft("session.begin", "", "", now)
    here.context.store.people.begin_session_by_subject("subject-7", person, event, now + MINUTE).result()


def test_counts_the_wait_from_arrival_and_never_below_zero(here: Crisis, clock: FakeClock) -> None:
    report = here.post(**HERE)
    assert here.items(Audience.AGENCY)[0]["id"] == report
    clock.advance(minutes=2, ms=999)
    assert here.items()[0]["waiting_s"] == 120
    clock.advance(hours=-5)
    assert here.items()[0]["waiting_s"] == 0
