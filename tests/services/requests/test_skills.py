"""What people can do is their own to say, fits requests by the rules, and names who could go."""

from __future__ import annotations

import pytest

from crisismap.core.errors import Forbidden, Invalid, NotSignedIn
from crisismap.core.event import EventSearch
from crisismap.core.people.person import Person
from crisismap.services.operations import audit
from crisismap.services.requests.skills import choose_skills, could_go, fitting, fitting_of, own_skills
from crisismap.services.runtime.context import Context
from tests import acts
from tests.people import ADMIN, AGENCY, RESPONDER, STRANGER, VOLUNTEER
from tests.services.accounts.test_account import join
from tests.services.deployment import ask

ROOF = {"text": "trapped on the roof, water rising"}


def can(context: Context, person: Person, *skills: str) -> None:
    done = choose_skills(context.store, context.rules, context.clock(), person, skills)
    assert context.views.situation.wait(done.revision)


def test_keeps_what_one_chose_last_and_out_of_the_log(context: Context) -> None:
    can(context, VOLUNTEER, "car", "swim")
    can(context, VOLUNTEER, "boat")
    assert own_skills(context.store, context.rules, VOLUNTEER) == {"boat"}
    assert own_skills(context.store, context.rules, RESPONDER) == frozenset()
    events = audit.search(context.store, ADMIN, EventSearch(verbs=("ability.set",)))
    assert len(events) == 2
    assert "boat" not in repr(events)


def test_refuses_what_the_file_does_not_know(context: Context) -> None:
    with pytest.raises(Invalid):
        can(context, VOLUNTEER, "boat", "flying")
    assert own_skills(context.store, context.rules, VOLUNTEER) == frozenset()
    with pytest.raises(NotSignedIn):
        can(context, STRANGER, "boat")


def test_fits_a_request_for_rescue_and_no_mere_information(context: Context) -> None:
    roof, _ = ask(context, **ROOF)
    flood, _ = ask(context, category="flooding", text="knee deep")
    rows = [context.store.reports.one(each) for each in (roof, flood)]
    assert "boat" in fitting(context.rules, rows[0])
    assert fitting(context.rules, rows[1]) == {}
    by_id = fitting_of(context.store, context.rules, [row.seq for row in rows])
    assert "boat" in by_id[roof]
    assert by_id[flood] == []


def test_names_those_first_who_hold_least(context: Context) -> None:
    busy, free, car = (join(context, login=name).person for name in ("busy", "free", "car"))
    can(context, busy, "boat")
    can(context, free, "boat")
    can(context, car, "car")
    done = acts.claim(context, busy, ask(context)[0], None).result()
    assert context.views.situation.wait(done.revision)
    asked = context.store.reports.one(ask(context, **ROOF)[0])
    found = could_go(context.store, context.views.situation, context.rules, AGENCY, asked)
    assert [(each.person.id, each.claims) for each in found] == [(free.id, 0), (busy.id, 1)]
    with pytest.raises(Forbidden):
        could_go(context.store, context.views.situation, context.rules, VOLUNTEER, asked)
