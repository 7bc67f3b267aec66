"""Abilities: chosen on the own page, marked in the own lists only, and told to those who share the work out."""

from __future__ import annotations

from html import escape

import pytest

from crisismap.core.errors import Invalid
from crisismap.core.people.person import STRANGER
from crisismap.services.requests import skills
from crisismap.services.runtime.context import Context
from crisismap.ui.frame.skills import CONDUCT
from tests import acts
from tests.people import AGENCY, VOLUNTEER
from tests.ui.detail.test_detail import detail, person
from tests.ui.listed import listed, press
from tests.ui.open_desk import html, page, told


def can(context: Context, here, *abilities: str) -> None:
    assert context.views.situation.wait(
        skills.choose_skills(context.store, context.rules, context.clock(), here, abilities).revision
    )


def test_keeps_what_one_can_do(desk: Context, monkeypatch) -> None:
    ravi = person(desk, "Ravi")
    test = page("profile", ravi, monkeypatch)
    [pills] = [each for each in test.button_group if each.key == "abilities-chosen"]
    pills.set_value(["boat", "first_aid"])
    press(test, "Save skills and equipment")
    assert "Saved: Boat, First aid." in html(test)
    assert skills.own_skills(desk.store, desk.rules, ravi) == {"boat", "first_aid"}
    again = page("profile", ravi, monkeypatch)
    [pills] = [each for each in again.button_group if each.key == "abilities-chosen"]
    assert pills.value == ["boat", "first_aid"]


def test_marks_what_fits_in_the_own_lists_only(desk: Context, monkeypatch) -> None:
    ravi, mala = person(desk, "Ravi"), person(desk, "Mala")
    can(desk, ravi, "boat", "medic")
    told(desk, text="on the roof")
    for name in ("requests", "live_map"):
        mine = listed(page(name, ravi, monkeypatch))
        assert mine["abilities"] == {"boat": "Boat", "medic": "Doctor, nurse or paramedic"}
        assert "boat" in mine["cards"][0]["needs"]
        assert "medic" not in mine["cards"][0]["needs"]
    hers = listed(page("requests", mala, monkeypatch))
    assert hers["abilities"] == {}
    assert "needs" not in hers["cards"][0]


def test_says_who_could_go_the_least_busy_first(desk: Context, monkeypatch) -> None:
    ravi, mala, devi = (person(desk, name) for name in ("Ravi", "Mala", "Devi"))
    can(desk, ravi, "boat")
    can(desk, mala, "boat", "swim")
    can(desk, devi, "boat")
    id_, other = told(desk, text="five of us"), told(desk)
    assert desk.views.situation.wait(acts.claim(desk, devi, other, None).result().revision)
    seen = html(detail(desk, AGENCY, id_, monkeypatch))
    assert "Needed: Boat, Trained swimmer or diver, Rope, ladder (rescue from water)" in seen
    lines = [
        seen.index(words) for words in ("Mala (Boat Team 4): Boat, Trained", "Ravi (Boat Team 4): Boat<", "Devi (")
    ]
    assert lines == sorted(lines)
    assert "Devi (Boat Team 4): Boat · 1 claim" in seen
    for here in (STRANGER, VOLUNTEER):
        assert "Who could go" not in html(detail(desk, here, id_, monkeypatch))


def test_refuses_an_ability_nobody_knows(desk: Context) -> None:
    with pytest.raises(Invalid, match="ability"):
        skills.choose_skills(desk.store, desk.rules, desk.clock(), VOLUNTEER, ["fly"])


def test_says_how_the_people_who_report_are_treated(desk: Context, monkeypatch) -> None:
    seen = html(page("profile", VOLUNTEER, monkeypatch))
    assert all(escape(line) in seen for line in CONDUCT)


def test_is_for_those_who_go(desk: Context, monkeypatch) -> None:
    for here, said in ((STRANGER, "Please sign in"), (AGENCY, "Your role has no access")):
        assert said in [each.value for each in page("profile", here, monkeypatch).subheader]
