"""The nearest open shelters with room: official and unofficial side by side, and no more than who asks may know."""

from __future__ import annotations

import json
from typing import Any

import pytest

from crisismap.core.errors import Invalid, NotFound
from crisismap.services.around import shelters
from crisismap.services.around.shelters import ShelterStatement
from crisismap.services.layers.publish import put_layer_bytes
from crisismap.services.runtime.context import COMMAND_LINE, Context
from tests.acts import verify as say_verified
from tests.conftest import FakeClock
from tests.people import AGENCY, RESPONDER, STRANGER
from tests.services.deployment import ask

HERE = (80.25, 13.05)


def put(context: Context, layer: str, role: str, *features: tuple[Any, dict[str, Any]]) -> None:
    """A layer of points (lon, lat) or geometries."""
    made = [
        {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": at} if isinstance(at, tuple) else at,
            "properties": said,
        }
        for at, said in features
    ]
    body = json.dumps({"type": "FeatureCollection", "features": made}).encode()
    put_layer_bytes(context, COMMAND_LINE, layer, role, body)
    assert context.views.situation.wait(context.store.events.revision())


@pytest.fixture
def listed(context: Context) -> Context:
    """A deployment with shelters from 1 to 5 km east, of which two have no room, and one far away."""
    put(
        context,
        "refuges",
        "shelter",
        ((80.26, 13.05), {"id": "1", "name": "Full Hall", "status": "full"}),
        ((80.27, 13.05), {"id": "2", "name": "Crowded School", "status": "open", "capacity": 50, "occupancy": 60}),
        ((80.28, 13.05), {"id": "3", "name": "Temple", "status": "open", "capacity": 200, "occupancy": 160}),
        ((80.24, 13.08), {"id": "4", "name": "Church", "needs": "blankets"}),
        ((80.29, 13.05), {"id": "5", "name": "Mosque", "status": "open", "updated_at": "2015-12-01T00:00:00Z"}),
        ((80.30, 13.05), {"id": "6", "name": "College", "status": "open"}),
        ((83.0, 13.05), {"id": "7", "name": "Another City", "status": "open"}),
    )
    return context


def names(found: tuple[shelters.Shelter, ...]) -> list[str]:
    return [each.name for each in found]


def test_offers_the_nearest_open_ones_with_room(listed: Context) -> None:
    found = shelters.nearest_open(listed.views, listed.clock(), STRANGER, *HERE)
    assert names(found) == ["Temple", "Church", "Mosque"]
    temple, church, _ = found
    assert (round(temple.distance_m or 0), temple.direction) == (3254, "east")
    assert church.direction == "north"
    assert (temple.facility.free, temple.facility.capacity) == (40, 200)
    assert church.facility.needs == "blankets"
    assert names(shelters.nearest_open(listed.views, listed.clock(), STRANGER, *HERE, most=9)) == [
        "Temple",
        "Church",
        "Mosque",
        "College",
    ]
    assert shelters.nearest_open(listed.views, listed.clock(), STRANGER, 0.0, 0.0) == ()
    with pytest.raises(Invalid, match="lat"):
        shelters.nearest_open(listed.views, listed.clock(), STRANGER, 80.0, 91.0)


def test_says_how_old_each_fact_is(listed: Context, clock: FakeClock) -> None:
    ages = {each.name: each.as_of_ms for each in shelters.nearest_open(listed.views, listed.clock(), STRANGER, *HERE)}
    assert ages["Mosque"] == 1_448_928_000_000  # its own field
    assert ages["Temple"] == clock()  # when the version was loaded


def test_sets_what_people_say_beside_the_list(listed: Context, clock: FakeClock) -> None:
    for lon in (80.2801, 80.2802):
        ask(listed, category="shelter", text="no room", fields={"status": "full"}, lon=lon)
    clock.advance(minutes=20)
    ask(listed, category="shelter", text="come", fields={"status": "open"}, lon=80.2801)
    ask(listed, category="shelter", text="far from it", fields={"status": "full"}, lon=80.285)
    ask(listed, category="shelter", text="hostile", fields={"status": "<script>"}, lon=80.28)
    ask(listed, category="flooding", text="wet", fields={"status": "full"}, lon=80.28)
    temple = shelters.nearest_open(listed.views, listed.clock(), AGENCY, *HERE)[0]
    assert temple.status == "open"
    now = clock()
    assert temple.people == (ShelterStatement("open", 1, 0, now), ShelterStatement("full", 2, 0, now - 20 * 60_000))
    # That it is open harms when it is wrong: the public hears it when a person has checked it.
    public = shelters.nearest_open(listed.views, listed.clock(), STRANGER, *HERE)[0].people
    assert [(each.status, each.reports) for each in public] == [("full", 2)]


def test_tells_the_public_what_a_person_has_checked(listed: Context) -> None:
    report, _ = ask(listed, category="shelter", text="come", fields={"status": "open"}, lon=80.28)
    done = say_verified(listed, RESPONDER, report, None, status="verified", reason="rang them up").result()
    assert listed.views.situation.wait(done.revision)
    assert [
        (s.status, s.verified) for s in shelters.nearest_open(listed.views, listed.clock(), STRANGER, *HERE)[0].people
    ] == [("open", 1)]
    done = say_verified(listed, RESPONDER, report, None, status="disputed", reason="no").result()
    assert listed.views.situation.wait(done.revision)
    assert shelters.nearest_open(listed.views, listed.clock(), AGENCY, *HERE)[0].people == ()


def test_forgets_what_people_said_long_ago(listed: Context, clock: FakeClock) -> None:
    ask(listed, category="shelter", text="no room", fields={"status": "full"}, lon=80.28)
    assert shelters.nearest_open(listed.views, listed.clock(), STRANGER, *HERE)[0].people
    clock.advance(minutes=60 * 24 * 30)
    assert shelters.nearest_open(listed.views, listed.clock(), STRANGER, *HERE)[0].people == ()


def test_lists_all_of_them_by_id(listed: Context) -> None:
    found, total = shelters.list_shelters(listed.views, listed.clock(), STRANGER, 0, 3)
    assert ([each.id for each in found], total) == (["1", "2", "3"], 7)
    assert [(each.open, each.distance_m, each.direction) for each in found][0] == (False, None, None)
    assert [each.id for each in shelters.list_shelters(listed.views, listed.clock(), STRANGER, 6, 3)[0]] == ["7"]
    with pytest.raises(Invalid, match="limit"):
        shelters.list_shelters(listed.views, listed.clock(), STRANGER, 0, 0)


def test_starts_from_the_place_that_the_person_may_know(listed: Context) -> None:
    report, _ = ask(listed)
    spot, found = shelters.of_request(listed.store, listed.views, listed.clock, RESPONDER, report)
    assert spot is not None and (spot.lon, spot.lat) == HERE
    assert names(found) == ["Temple", "Church", "Mosque"]
    public, _ = shelters.of_request(listed.store, listed.views, listed.clock, STRANGER, report)
    assert public is not None and public.about == "cell"
    assert (public.lon, public.lat) != HERE
    hidden, _ = ask(listed, category="medical")
    with pytest.raises(NotFound):
        shelters.of_request(listed.store, listed.views, listed.clock, STRANGER, hidden)
    unplaced, _ = ask(listed, lon=None, lat=None)
    assert shelters.of_request(listed.store, listed.views, listed.clock, RESPONDER, unplaced) == (None, ())


def test_finds_the_place_that_is_meant(listed: Context) -> None:
    assert [
        (s.lon, s.lat) for s in shelters.whereabouts(listed.views, listed.rules, listed.settings, "13.05, 80.25")
    ] == [(80.25, 13.05)]
    assert (
        shelters.whereabouts(listed.views, listed.rules, listed.settings, " crowded  SCHOOL ")[0].name
        == "Crowded School"
    )
    assert (
        shelters.whereabouts(listed.views, listed.rules, listed.settings, "near the crowdet school")[0].name
        == "Crowded School"
    )
    for typed in ("", "x" * 300, "no such name", "91, 181"):
        with pytest.raises(Invalid):
            shelters.whereabouts(listed.views, listed.rules, listed.settings, typed)


def test_answers_without_any_list(context: Context) -> None:
    assert not shelters.has_shelters(context.views.situation)
    assert shelters.nearest_open(context.views, context.clock(), STRANGER, *HERE) == ()
    assert shelters.list_shelters(context.views, context.clock(), STRANGER, 0, 10) == ((), 0)
