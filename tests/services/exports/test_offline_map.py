"""The map of an area to take along: what is on it, for whom, and that somebody took it."""

from __future__ import annotations

from datetime import UTC

import pytest
from shapely.geometry import LineString, Point, box

from crisismap.core.errors import Forbidden, Invalid, NotSignedIn
from crisismap.core.event import EventSearch
from crisismap.core.incident import UNNAMED, Incident
from crisismap.core.layer.layer import Feature, Layer, LayerVersion, Role
from crisismap.core.people.person import STRANGER
from crisismap.core.privacy import Audience
from crisismap.services.exports import offline_map
from crisismap.services.exports.offline_map import export_area_map
from crisismap.services.layers.publish import put_layer
from crisismap.services.operations.incident import describe
from crisismap.services.runtime.context import Context
from tests.conftest import FakeClock
from tests.people import ADMIN, AGENCY, RESPONDER, VOLUNTEER
from tests.services.deployment import ask


def put(context: Context, role: Role, *features: Feature) -> None:
    layer = Layer(str(role), f"Layer of {role}", role, "CC0", "the city")
    put_layer(context.store, context.views, context.clock(), AGENCY, LayerVersion(layer, 0, context.clock(), features))
    assert context.views.situation.wait(context.store.events.revision())


@pytest.fixture
def city(context: Context) -> Context:
    """Two wards, a river that reaches beyond them, a closed bridge and shelters; one request that waits."""
    put(context, Role.AREA, Feature("1", "Adyar", "W-1", box(80.2, 13.0, 80.3, 13.1), {}))
    river = Feature("r", "River", "", box(80.24, 13.04, 95.0, 13.06), {"severity": "Severe"})
    put(context, Role.HAZARD, river, Feature("far", "far", "", box(70, 10, 71, 11), {}))
    put(context, Role.TRANSPORT, Feature("b", "Bridge", "", LineString([(80.2, 13.05), (80.3, 13.05)]), {}, "closed"))
    school = Feature("s", "School", "", Point(80.25, 13.06), {"capacity": 200, "occupancy": 160}, "open")
    over = Feature("c", "Camp", "", Point(80.25, 13.07), {}, valid_to_ms=context.clock() - 1)
    put(context, Role.SHELTER, school, over)
    ask(context, text="on the roof of the mill", fields={"trapped": True}, people=5)
    return context


def test_holds_the_layers_round_the_area_as_they_count_now(city: Context) -> None:
    made = offline_map.area_map(city.views, city.rules, city.clock(), "adyar", Audience.AGENCY, UTC)
    assert made.title == "Adyar (W-1): requests nobody has answered"
    assert made.box == (80.2, 13.0, 80.3, 13.1)
    shown = {layer.role: layer for layer in made.layers}
    assert {role: [each.title for each in layer.features] for role, layer in shown.items()} == {
        "area": ["Adyar"],
        "hazard": ["River"],
        "transport": ["Bridge"],
        "shelter": ["School"],
    }
    assert [each.kind for layer in made.layers for each in layer.features] == [
        "here",
        "hazard",
        "road_closed",
        "shelter",
    ]
    assert shown["hazard"].notes == ("Version 1, of 2015-12-02 06:30", "CC0", "the city")
    [river] = shown["hazard"].features
    assert river.geometry.bounds[2] == pytest.approx(80.315)  # cut at the edge of the map
    assert any("severe" in note.lower() for note in river.notes)
    [school] = shown["shelter"].features
    assert "40 of 200 places free" in school.notes
    assert made.symbols[school.symbol].startswith("<svg")


def test_tells_a_team_who_waits_where(city: Context, clock: FakeClock) -> None:
    ask(city, category="water_food", text="no water", lon=80.21)
    ask(city, text="in no ward", lon=81.0)
    ask(city, text="behind the temple", lon=None, lat=None, place="temple street")
    clock.advance(minutes=90)
    made = offline_map.area_map(city.views, city.rules, city.clock(), "W-1", Audience.AGENCY, UTC)
    assert [place.text for place in made.places] == ["on the roof of the mill", "no water"]
    first = made.places[0]
    assert (first.lon, first.lat, first.radius_m) == (80.25, 13.05, None)
    assert first.title == "P1 · Rescue · 5 people"
    assert first.notes[0] == "Waiting since 2015-12-02 06:30"
    assert first.notes[1].startswith("overdue ")
    assert "Inside River" in first.notes
    assert set(made.symbols) >= {place.symbol for place in made.places}
    assert made.counts.startswith("2 requests with a place that nobody has answered (P1: 1).")
    assert "Made 2015-12-02 08:00 (times: UTC) from revision" in made.origin
    assert f" of {UNNAMED}, " in made.origin
    describe(city.store, city.views, city.clock(), ADMIN, Incident("Flood of December"))
    assert (
        " of Flood of December, "
        in offline_map.area_map(city.views, city.rules, city.clock(), "W-1", Audience.AGENCY, UTC).origin
    )


def test_tells_the_public_only_published_places(city: Context) -> None:
    ask(city, category="medical", text="insulin for Devi")
    made = offline_map.area_map(city.views, city.rules, city.clock(), "W-1", Audience.PUBLIC, UTC)
    [place] = made.places
    assert (place.lon, place.lat) != (80.25, 13.05)
    assert place.radius_m is not None and place.radius_m > 500
    assert place.text == ""
    body = export_area_map(city, AGENCY, "W-1", Audience.PUBLIC, UTC).decode()
    for secret in ("on the roof", "insulin"):
        assert secret not in body


def test_holds_no_contact_and_no_code(city: Context) -> None:
    contact = {"phone": "+91 98400 12345", "email": "devi@example.org", "name": "Devi Sentinel"}
    _, code = ask(city, text="help", contact=contact, consent={"contact": True})
    body = export_area_map(city, AGENCY, "W-1", Audience.AGENCY, UTC).decode()
    assert "on the roof of the mill" in body
    for secret in ("98400", "devi@", "Sentinel", code, code.replace("-", "")):
        assert secret not in body


def test_is_for_those_who_may_export_and_says_who_took_it(city: Context) -> None:
    with pytest.raises(NotSignedIn):
        export_area_map(city, STRANGER, "W-1", Audience.PUBLIC, UTC)
    for person in (VOLUNTEER, RESPONDER):
        with pytest.raises(Forbidden):
            export_area_map(city, person, "W-1", Audience.PUBLIC, UTC)
    assert city.store.events.search(EventSearch(verbs=("export.take",)), 10) == []
    export_area_map(city, AGENCY, "W-1", Audience.AGENCY, UTC)
    export_area_map(city, ADMIN, "adyar", Audience.PUBLIC, UTC)
    newest, first = city.store.events.search(EventSearch(verbs=("export.take",)), 10)
    assert (first.subject, first.actor, first.data) == (
        "map.html",
        AGENCY.id,
        {"reports": 1, "area": "W-1", "audience": "agency"},
    )
    assert newest.data["audience"] == "public"


def test_says_what_does_not_fit(city: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Invalid, match="area: there is no area with this code or name"):
        export_area_map(city, AGENCY, "W-9", Audience.AGENCY, UTC)
    for _ in range(3):
        ask(city, category="other", text="water please", asks=True)
    monkeypatch.setattr(offline_map, "MOST_PLACES", 1)
    made = offline_map.area_map(city.views, city.rules, city.clock(), "W-1", Audience.AGENCY, UTC)
    assert [place.text for place in made.places] == ["on the roof of the mill"]
    assert "3 of them, less urgent, did not fit: see the desk." in made.counts
    monkeypatch.setattr(offline_map, "MOST_POINTS", 10)
    with pytest.raises(Invalid, match="corners there, a map to take along holds 10; choose a smaller area"):
        export_area_map(city, AGENCY, "W-1", Audience.AGENCY, UTC)
    put(city, Role.AREA, Feature("1", "Nowhere", "W-0", None, {}))
    with pytest.raises(Invalid, match="nothing says where this area lies"):
        export_area_map(city, AGENCY, "W-0", Audience.AGENCY, UTC)
