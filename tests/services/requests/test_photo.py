"""Who may add a photo, who may look at it, and which may become part of an answer."""

from __future__ import annotations

import pytest

from crisismap.core.errors import Forbidden, Invalid, Malformed, NotFound, NotSignedIn, TooManyTries
from crisismap.core.people.person import STRANGER, Person
from crisismap.core.report.photo import Photo, Use
from crisismap.services.requests import photo
from crisismap.services.runtime.context import Context
from tests.people import ADMIN, AGENCY, RESPONDER, VOLUNTEER
from tests.photos import drawing, jpeg
from tests.services.deployment import ask

SENT = jpeg(drawing(32, 24))
WRONG = "AAAA-BBBB-CCCC"


def held(context: Context, report_id: str) -> tuple[Photo, ...]:
    return tuple(context.store.photos.of_report(context.store.reports.one(report_id).seq))


def test_takes_the_requesters_photo_by_its_code(context: Context) -> None:
    report, code = ask(context)
    done = photo.add_photo_by_code(context, code.lower(), "1.2.3.4", report, SENT)
    assert (done.width, done.height) == (32, 24)
    [kept] = held(context, report)
    assert (kept.id, kept.use, kept.by) == (done.id, Use.REPORT, "")


def test_answers_a_wrong_code_as_if_there_were_no_report(context: Context) -> None:
    report, _ = ask(context)
    _, other = ask(context)
    told = set()
    for code, of in ((WRONG, report), (other, report), ("", report), ("x" * 500, report), (other, "no id")):
        with pytest.raises(NotFound) as caught:
            photo.add_photo_by_code(context, code, "1.2.3.4", of, SENT)
        told.add(str(caught.value))
    assert len(told) == 1
    assert held(context, report) == ()


def test_stops_those_who_try_codes(context: Context) -> None:
    report, code = ask(context)
    for _ in range(10):
        with pytest.raises(NotFound):
            photo.add_photo_by_code(context, WRONG, "1.2.3.4", report, SENT)
    with pytest.raises(TooManyTries):
        photo.add_photo_by_code(context, code, "1.2.3.4", report, SENT)
    photo.add_photo_by_code(context, code, "5.6.7.8", report, SENT)


@pytest.mark.parametrize("person", [RESPONDER, AGENCY, ADMIN])
def test_takes_a_teams_photo(context: Context, person: Person) -> None:
    report, _ = ask(context)
    photo.add(context.store, context.guards.turns, context.clock(), person, report, SENT)
    [kept] = held(context, report)
    assert (kept.use, kept.by) == (Use.TEAM, person.id)


@pytest.mark.parametrize(("person", "refusal"), [(STRANGER, NotSignedIn), (VOLUNTEER, Forbidden)])
def test_takes_no_photo_from_others(context: Context, person: Person, refusal: type[Exception]) -> None:
    report, _ = ask(context)
    with pytest.raises(refusal):
        photo.add(context.store, context.guards.turns, context.clock(), person, report, SENT)


def test_keeps_nothing_of_what_is_no_photo(context: Context) -> None:
    report, code = ask(context)
    before = context.store.events.revision()
    with pytest.raises(Malformed):
        photo.add_photo_by_code(context, code, "1.2.3.4", report, b"help")
    assert (held(context, report), context.store.events.revision()) == ((), before)


def test_says_in_the_event_which_photo_and_nothing_personal(context: Context) -> None:
    report, code = ask(context)
    done = photo.add_photo_by_code(context, code, "1.2.3.4", report, SENT)
    event = context.store.events.of_report(context.store.reports.one(report).seq)[-1]
    assert (event.verb, event.subject, event.actor) == ("photo.add", report, "")
    assert event.data == {"photo": done.id, "use": "report"}


def test_shows_it_to_teams_and_to_the_requester_only(context: Context) -> None:
    report, code = ask(context)
    _, other = ask(context)
    own = photo.add_photo_by_code(context, code, "1.2.3.4", report, SENT).id
    team = photo.add(context.store, context.guards.turns, context.clock(), RESPONDER, report, SENT).id
    for person in (RESPONDER, AGENCY, ADMIN):
        assert photo.view_photo(context, person, None, "", own).id == own
        assert photo.view_photo(context, person, None, "", team).id == team
    assert photo.view_photo(context, STRANGER, code, "1.2.3.4", own).id == own
    told = set()
    tries = [(STRANGER, None, own), (VOLUNTEER, None, own), (STRANGER, other, own), (STRANGER, WRONG, own)]
    for person, said, photo_id in (*tries, (STRANGER, code, team), (STRANGER, code, report), (AGENCY, None, report)):
        with pytest.raises(NotFound) as caught:
            photo.view_photo(context, person, said, "9.9.9.9", photo_id)
        told.add(str(caught.value))
    assert len(told) == 1, "unknown and forbidden answer alike"


def test_lets_a_teams_photo_be_part_of_an_answer(context: Context) -> None:
    report, code = ask(context)
    other, _ = ask(context)
    own = photo.add_photo_by_code(context, code, "1.2.3.4", report, SENT).id
    team, foreign = (
        photo.add(context.store, context.guards.turns, context.clock(), RESPONDER, of, SENT).id
        for of in (report, other)
    )
    assert photo.check_usable(context.store, report, [team, team.upper()], RESPONDER) == (team,)
    assert photo.check_usable(context.store, report, [], RESPONDER) == ()
    for bad in (own, foreign, "no id", report):
        with pytest.raises(Invalid, match="photo_ids: is no photo that a team added"):
            photo.check_usable(context.store, report, [team, bad], RESPONDER)
    with pytest.raises(Invalid, match="at most 8"):
        photo.check_usable(context.store, report, [team] * 9, RESPONDER)
    with pytest.raises(Forbidden):
        photo.check_usable(context.store, report, [team], VOLUNTEER)


def test_keeps_the_photo_of_a_report_that_came_twice_once(context: Context) -> None:
    report, _ = ask(context)
    first = photo.add_to_new(context.store, context.guards.turns, context.clock(), STRANGER, report, SENT)
    assert photo.add_to_new(context.store, context.guards.turns, context.clock(), STRANGER, report, SENT) == first
    assert len(held(context, report)) == 1
