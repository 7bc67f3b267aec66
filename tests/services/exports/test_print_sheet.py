"""What is printed for an area, and for whom."""

from __future__ import annotations

from datetime import UTC

import pytest
from shapely.geometry import LineString, Point, box

from crisismap.core.errors import Forbidden, Invalid, NotSignedIn
from crisismap.core.layer.layer import Feature, Layer, LayerVersion, Role
from crisismap.core.people.person import STRANGER, Person
from crisismap.services.exports import print_sheet
from crisismap.services.layers.publish import put_layer
from crisismap.services.runtime.context import Context
from crisismap.situation.board.selection import Selection
from tests import acts
from tests.conftest import FakeClock
from tests.paper import pages
from tests.people import ADMIN, AGENCY, RESPONDER, VOLUNTEER
from tests.services.deployment import ask


def put(context: Context, role: Role, *features: Feature) -> None:
    version = LayerVersion(Layer(str(role), f"Layer of {role}", role), 0, context.clock(), features)
    put_layer(context.store, context.views, context.clock(), AGENCY, version)
    assert context.views.situation.wait(context.store.events.revision())


def thing(name: str, geometry: object, **said: object) -> Feature:
    return Feature(f"id-{name}", name, "", geometry, {}, **said)  # type: ignore[arg-type]


@pytest.fixture
def city(context: Context) -> Context:
    """Two wards, a river in flood, roads and shelters."""
    adyar = Feature("1", "Adyar", "W-1", box(80.2, 13.0, 80.3, 13.1), {})
    marina = Feature("2", "Marina", "W-2", box(80.3, 13.0, 80.4, 13.1), {})
    put(context, Role.AREA, adyar, marina)
    put(context, Role.HAZARD, thing("River", box(80.24, 13.04, 80.26, 13.06)), thing("far", box(70, 10, 71, 11)))
    closed = thing("Bridge", LineString([(80.2, 13.05), (80.3, 13.05)]), status="CLOSED ")
    put(context, Role.TRANSPORT, closed, thing("Road", LineString([(80.2, 13.02), (80.3, 13.02)])))
    over = thing("Camp of last week", Point(80.22, 13.02), valid_to_ms=context.clock() - 1)
    put(context, Role.SHELTER, thing("School", Point(80.25, 13.06), status="open"), over, thing("nowhere", None))
    return context


def test_prints_the_unanswered_requests_of_an_area_most_urgent_first(city: Context, clock: FakeClock) -> None:
    ask(city, category="water_food", text="no drinking water", people=3)
    ask(city, text="on the roof of the mill", fields={"trapped": True})
    ask(city, text="in the other ward", lon=80.35)
    ask(city, category="flooding", text="water in the street")
    clock.advance(minutes=90)
    made = print_sheet.make_sheet(city.views, city.rules, city.clock(), "W-1", UTC)
    assert [entry.text for entry in made.entries] == ["on the roof of the mill", "no drinking water"]
    first, second = made.entries
    assert (made.urgent, made.overdue) == (1, sum(bool(entry.overdue) for entry in made.entries))
    assert (first.priority, first.waiting, first.point) == ("P1", "1 h 30 min", (80.25, 13.05))
    assert first.overdue.startswith("overdue ")
    assert first.notes == ("Inside River", "Nearest open shelter: School, 1.1 km")
    assert second.title == "Water and food · 3 people"
    assert (made.area, made.made_at) == ("Adyar (W-1)", "2015-12-02 08:00")
    assert print_sheet.make_sheet(city.views, city.rules, city.clock(), "adyar", UTC).entries == made.entries
    assert [
        entry.text for entry in print_sheet.make_sheet(city.views, city.rules, city.clock(), "W-2", UTC).entries
    ] == ["in the other ward"]
    assert len(print_sheet.make_sheet(city.views, city.rules, city.clock(), None, UTC).entries) == 3


def test_is_narrowed_as_the_list_is_and_says_so(city: Context) -> None:
    ask(city, category="water_food", text="no drinking water", people=3)
    ask(city, text="on the roof of the mill", fields={"trapped": True})
    limits = Selection(category=("water_food",), priority=(2, 3))
    for area in ("W-1", None):
        made = print_sheet.make_sheet(city.views, city.rules, city.clock(), area, UTC, limits)
        assert [entry.text for entry in made.entries] == ["no drinking water"]
        assert made.counts().startswith("1 request that nobody has answered, only: Water and food, P2, P3")
    [index, *_] = pages(print_sheet.print_sheet(city, RESPONDER, None, UTC, Selection(overdue=True)))
    assert "only: overdue" in index


def test_draws_what_the_layers_have_there_now(city: Context) -> None:
    made = print_sheet.make_sheet(city.views, city.rules, city.clock(), "W-1", UTC)
    assert made.box == (80.2, 13.0, 80.3, 13.1)
    assert {(shape.kind, shape.name, shape.status) for shape in made.shapes} == {
        ("here", "Adyar", ""),
        ("area", "Marina", ""),
        ("hazard", "River", ""),
        ("road_closed", "Bridge", ""),
        ("road", "Road", ""),
        ("shelter", "School", "open"),
    }


def test_names_an_area_that_there_is_not(city: Context) -> None:
    for name in ("W-9", "", "W-1,W-2", "<script>"):
        with pytest.raises(Invalid, match="area: there is no area with this code or name"):
            print_sheet.make_sheet(city.views, city.rules, city.clock(), name, UTC)


def test_keeps_what_is_not_on_the_map_in_the_list(city: Context) -> None:
    ask(city, text="behind the temple", lon=None, lat=None, place="temple street")
    [entry] = print_sheet.make_sheet(city.views, city.rules, city.clock(), None, UTC).entries
    assert entry.point is None
    assert entry.notes == ("Place: temple street", "Not on the map: go by the words, or call the desk.")


def test_says_who_has_claimed_it(city: Context) -> None:

    report, _ = ask(city)
    acts.claim(city, RESPONDER, report, 1).result()
    assert city.views.situation.wait(city.store.events.revision())
    assert (
        print_sheet.make_sheet(city.views, city.rules, city.clock(), "W-1", UTC).entries[0].notes[0]
        == "Claimed by somebody"
    )


def test_prints_no_contact_and_no_code(city: Context) -> None:
    contact = {"phone": "+91 98400 12345", "email": "devi@example.org", "name": "Devi Sentinel"}
    codes = [ask(city, text=f"help {number}", contact=contact, consent={"contact": True})[1] for number in range(3)]
    [words] = pages(print_sheet.print_sheet(city, RESPONDER, "W-1", UTC))
    assert "help 2" in words
    for secret in ("98400", "12345", "devi@", "Sentinel", *codes, *(code.replace("-", "") for code in codes)):
        assert secret not in words


def test_says_how_many_found_no_room(city: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(print_sheet, "MOST", 2)
    for number in range(5):
        ask(city, text=f"help {number}")
    made = print_sheet.make_sheet(city.views, city.rules, city.clock(), "W-1", UTC)
    assert (len(made.entries), made.more) == (2, 3)


@pytest.mark.parametrize("person", [RESPONDER, AGENCY, ADMIN])
def test_prints_for_teams_and_writes_it_down(city: Context, person: Person) -> None:
    before = city.store.events.revision()
    assert print_sheet.print_sheet(city, person, "W-1", UTC).startswith(b"%PDF-")
    city.store.writer.run(lambda conn: (None, [])).result()
    assert city.store.events.revision() == before + 1


@pytest.mark.parametrize(("person", "refusal"), [(STRANGER, NotSignedIn), (VOLUNTEER, Forbidden)])
def test_prints_for_nobody_else(city: Context, person: Person, refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        print_sheet.print_sheet(city, person, "W-1", UTC)


def test_prints_an_incident_without_layers(context: Context) -> None:
    ask(context, text="alone")
    [words] = pages(print_sheet.print_sheet(context, AGENCY, None, UTC))
    assert "All areas" in words
    assert "alone" in words
