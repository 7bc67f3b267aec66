"""Fault 36b: no volunteer, file or row of small steps moves a request far alone; it is flagged, told, and put back."""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import Any

import h3
import pytest

from crisismap.core.errors import Forbidden, NotFound, NotSignedIn, WrongState
from crisismap.core.event import EventDraft
from crisismap.core.people.account import CredentialKind
from crisismap.core.people.person import Person
from crisismap.core.place import moves
from crisismap.core.place.moves import PROPOSE_PLACE
from crisismap.core.place.place import Placement
from crisismap.core.report.report import Correction
from crisismap.core.verb import PlaceBody
from crisismap.core.verbs import VERBS
from crisismap.services.intake.import_rows import ImportRow, keep_rows
from crisismap.services.lists import read
from crisismap.services.reporter.own_data import correct_own_report
from crisismap.services.requests.location_moves import location_moves, moved_claims, moves_of
from crisismap.services.requests.report_detail import report_detail
from crisismap.services.runtime.context import Context
from crisismap.settings import ROOT
from tests import acts
from tests.people import ADMIN, AGENCY, EVERYBODY, RESPONDER, STRANGER, VOLUNTEER
from tests.services.deployment import ask

SELVI = replace(RESPONDER, id="p-selvi", name="Selvi")
SECOND = replace(VOLUNTEER, id="p-second", name="Mala")
HERE, PARIS = (80.25, 13.05), Placement(2.35, 48.85, 1.0, "exact, seen on the map")
TRAPPED = {"text": "five trapped on the roof, water rising"}


@pytest.fixture
def desk(context: Context) -> Context:
    """A deployment that knows the people, and where its incident lies."""
    for person in (VOLUNTEER, SECOND, RESPONDER, SELVI):
        event = EventDraft("person.add", person.id, "", context.clock())
        done = context.store.people.add(person, event, CredentialKind.TOKEN, None).result()
    assert context.views.situation.wait(done.revision)
    return context


def point(context: Context, id_: str) -> tuple[float, float] | None:
    return context.store.reports.one(id_).point()


def record(context: Context, person: Person, id_: str) -> Any:
    context.views.situation.wait(context.store.events.revision())
    return read.record(context.store, context.views, context.clock, person, id_)


def events(context: Context, id_: str) -> list[str]:
    return [each.verb for each in context.store.events.of_report(context.store.reports.one(id_).seq)]


def test_keeps_a_p1_where_it_is_when_a_volunteer_moves_it_to_another_continent(desk: Context) -> None:
    id_, _ = ask(desk, **TRAPPED)
    acts.claim(desk, RESPONDER, id_, None).result()
    done = acts.place(desk, VOLUNTEER, id_, None, PARIS).result()
    assert done.value == PROPOSE_PLACE
    assert point(desk, id_) == HERE
    assert record(desk, RESPONDER, id_).flags == ["move_proposed"]
    assert record(desk, STRANGER, id_).flags == [], "the public is told nothing"
    assert moved_claims(desk.views.situation, RESPONDER) == 1, "told to who claimed it"
    assert moved_claims(desk.views.situation, SELVI) == 0
    [proposed] = moves_of(desk.store, desk.rules, desk.views.situation.people, RESPONDER, id_)
    assert (proposed.by, proposed.by_role, proposed.was) == ("Vani", "volunteer", HERE)
    assert proposed.moved_m == pytest.approx(8_030_000, rel=0.01)
    assert acts.confirm_place(desk, RESPONDER, id_, None, proposed.number).result()
    assert point(desk, id_) == (2.35, 48.85), "one press"
    acts.put_back(desk, RESPONDER, id_, None).result()
    assert point(desk, id_) == HERE, "one press too"
    assert events(desk, id_)[-3:] == [PROPOSE_PLACE, "report.confirm_place", "report.put_back"]


def test_would_move_it_without_the_rule(desk: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control."""
    id_, _ = ask(desk, **TRAPPED)
    monkeypatch.setattr(moves, "_is_far", lambda *_: False)
    acts.place(desk, VOLUNTEER, id_, None, PARIS).result()
    assert point(desk, id_) == (2.35, 48.85)
    assert record(desk, RESPONDER, id_).flags == []


def test_flags_a_far_move_of_a_responder_until_another_one_confirms_it(desk: Context) -> None:
    id_, _ = ask(desk, **TRAPPED)
    acts.claim(desk, SELVI, id_, None).result()
    acts.place(desk, RESPONDER, id_, None, PARIS).result()
    assert record(desk, SELVI, id_).flags == ["moved_far"]
    assert moved_claims(desk.views.situation, SELVI) == 1
    with pytest.raises(WrongState):
        acts.confirm_place(desk, RESPONDER, id_, None).result()
    acts.confirm_place(desk, SELVI, id_, None).result()
    assert (record(desk, SELVI, id_).flags, moved_claims(desk.views.situation, SELVI)) == ([], 0)
    told = report_detail(desk.store, desk.views, desk.rules, desk.clock, SELVI, id_)
    assert [(each.status, each.can_confirm) for each in told.moves] == [("confirmed", True)]
    assert "put_back" in told.offered


def test_lets_a_second_volunteer_confirm_with_a_flag(desk: Context) -> None:
    id_, _ = ask(desk, **TRAPPED)
    acts.place(desk, VOLUNTEER, id_, None, PARIS).result()
    with pytest.raises(WrongState):
        acts.confirm_place(desk, VOLUNTEER, id_, None).result()
    told = report_detail(desk.store, desk.views, desk.rules, desk.clock, SECOND, id_)
    assert "confirm_place" in told.offered
    assert "put_back" not in told.offered
    assert PROPOSE_PLACE not in [step.verb for step in told.steps]
    acts.confirm_place(desk, SECOND, id_, None).result()
    assert record(desk, RESPONDER, id_).flags == ["moved_far"]
    with pytest.raises(Forbidden):
        acts.put_back(desk, SECOND, id_, None).result()


def test_tells_a_volunteer_no_exact_place_and_no_name(desk: Context) -> None:
    id_, _ = ask(desk, **TRAPPED)
    acts.place(desk, VOLUNTEER, id_, None, Placement(80.45, 13.05, 5.0, "map")).result()
    [exact] = moves_of(desk.store, desk.rules, desk.views.situation.people, RESPONDER, id_)
    [coarse] = moves_of(desk.store, desk.rules, desk.views.situation.people, SECOND, id_)
    assert (exact.lon, exact.was, exact.by) == (80.45, HERE, "Vani")
    assert coarse.by == ""
    assert coarse.lon != exact.lon
    assert coarse.was not in (None, HERE)
    hidden, _ = ask(desk, category="medical", text="in labour")
    for person in EVERYBODY:
        if person in (VOLUNTEER, RESPONDER):
            continue
        with pytest.raises((Forbidden, NotSignedIn, NotFound)):
            moves_of(desk.store, desk.rules, desk.views.situation.people, person, hidden)
    assert location_moves(desk.rules, {}, AGENCY, desk.store.reports.one(id_)) == []


def test_answers_alike_wherever_in_its_cell_the_place_is(desk: Context) -> None:
    """A volunteer who tries places around must not find the exact one by where a move becomes far."""
    cell = h3.latlng_to_cell(13.05, 80.25, 7)
    lat, lon = h3.cell_to_latlng(cell)
    corners = [(lon + 0.9 * (x - lon), lat + 0.9 * (y - lat)) for y, x in h3.cell_to_boundary(cell)[::3]]
    outcomes = []
    for there in corners:
        for step in range(30):
            id_, _ = ask(desk, lon=there[0], lat=there[1])
            done = acts.place(desk, VOLUNTEER, id_, None, Placement(lon, lat + (step - 15) * 0.006, None, "map"))
            outcomes.append(done.result().value)
    one, other = outcomes[:30], outcomes[30:]
    assert one == other
    assert len(set(one)) == 2, "some are near, some far"


def test_adds_up_the_small_steps_of_several_volunteers(desk: Context) -> None:
    id_, _ = ask(desk, **TRAPPED)
    for step in range(1, 30):
        who = (VOLUNTEER, SECOND)[step % 2]
        acts.place(desk, who, id_, None, Placement(80.25, 13.05 + step * 0.004, None, "map")).result()
    here = point(desk, id_)
    assert here is not None
    assert abs(here[1] - 13.05) < 0.07
    assert "move_proposed" in record(desk, RESPONDER, id_).flags


def row(id_: str, lon: float, lat: float, **more: Any) -> ImportRow:
    return ImportRow({"category": "rescue", "text": "boat for four", "client_id": id_, "lon": lon, "lat": lat} | more)


def test_proposes_what_a_changed_row_of_a_file_moves_far(desk: Context) -> None:
    [stored] = keep_rows(desk.intake, desk.store, desk.views, ADMIN, [row("1", *HERE)])
    [near] = keep_rows(desk.intake, desk.store, desk.views, ADMIN, [row("1", 80.255, 13.05)])
    assert (near.updated, point(desk, stored.id)) == (("location",), (80.255, 13.05))
    [far] = keep_rows(desk.intake, desk.store, desk.views, ADMIN, [row("1", 2.35, 48.85)])
    assert far.left == ("location (far from where it was: proposed, a responder confirms it)",)
    assert point(desk, stored.id) == (80.255, 13.05)
    assert record(desk, RESPONDER, stored.id).flags == ["move_proposed"]
    [again] = keep_rows(desk.intake, desk.store, desk.views, ADMIN, [row("1", 2.35, 48.85)])
    assert again.repeated, "the same row proposes nothing again"
    acts.put_back(desk, RESPONDER, stored.id, None).result()
    [other_words] = keep_rows(desk.intake, desk.store, desk.views, ADMIN, [row("1", 2.35, 48.85, people=4)])
    assert (other_words.updated, other_words.left) == (("people",), ()), "nor after somebody declined it"
    assert record(desk, RESPONDER, stored.id).flags == []


def test_adds_up_the_small_steps_of_rows(desk: Context) -> None:
    [stored] = keep_rows(desk.intake, desk.store, desk.views, ADMIN, [row("1", *HERE)])
    for step in range(1, 20):
        keep_rows(desk.intake, desk.store, desk.views, ADMIN, [row("1", 80.25, 13.05 + step * 0.004)])
    here = point(desk, stored.id)
    assert here is not None
    assert abs(here[1] - 13.05) < 0.05


def test_moves_nothing_by_the_words_of_its_reporter(desk: Context) -> None:
    id_, code = ask(desk, **TRAPPED)
    now = desk.clock()
    correct_own_report(
        desk.store, desk.views, desk.guards.code_tries, now, code, "192.0.2.1", Correction(place="Paris, 48.85, 2.35")
    )
    acts.by_code(desk, id_, "add", None, "we are at 48.85, 2.35 now").result()
    assert point(desk, id_) == HERE
    for verb in ("confirm_place", "put_back"):
        with pytest.raises(Forbidden):
            acts.by_code(desk, id_, verb, None).result()
    with pytest.raises(Forbidden):
        acts.do(desk, None, id_, None, "place", PlaceBody(2.35, 48.85, "I am here")).result()


def test_keeps_a_far_first_location_of_a_volunteer_as_a_proposal_too(desk: Context) -> None:
    id_, _ = ask(desk, lon=0.0, lat=0.0)  # no place that is believed
    assert acts.place(desk, VOLUNTEER, id_, None, Placement(0.0, 0.0, None, "map")).result().value == PROPOSE_PLACE
    assert acts.place(desk, VOLUNTEER, id_, None, Placement(80.2, 13.0, None, "map")).result().value == "report.place"
    acts.place(desk, RESPONDER, id_, None, PARIS).result()
    acts.put_back(desk, SELVI, id_, None).result()
    assert point(desk, id_) == (80.2, 13.0)


def test_has_no_other_way_to_set_a_location() -> None:
    """Whatever makes a `Placement` or writes places goes through `core.place.moves`; no bulk verb moves anything."""
    makers = set()
    for path in (ROOT / "crisismap").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            called = getattr(node, "func", None)
            if getattr(called, "id", "") == "Placement":
                makers.add(path.relative_to(ROOT / "crisismap").as_posix())
    assert makers == {
        "core/report/report.py",  # the place that was sent
        "core/report/row_update.py",
        "core/transitions.py",
        "store/tables/reports.py",  # reads them
    }
    assert not any(VERBS[name].bulk for name in ("place", "confirm_place", "put_back"))
