"""Roles are sets of verbs; every verb that is asked for exists."""

from __future__ import annotations

import re

import pytest

from crisismap.core.errors import Misconfigured
from crisismap.core.people.permission import ROLES, check_role, permissions
from crisismap.core.people.person import STRANGER, Person
from crisismap.settings import ROOT
from tests.people import ADMIN, AGENCY, RESPONDER, VOLUNTEER

# Who may what, as CONTRACT says it: one row a verb.
TABLE = {
    "report.submit": "stranger volunteer responder agency admin",
    "situation.read": "stranger volunteer responder agency admin",
    "report.place": "volunteer responder",
    "report.confirm_place": "volunteer responder",
    "report.put_back": "responder",
    "situation.read_exact": "responder agency admin",
    "request.claim": "responder",
    "request.release": "responder",
    "request.answer": "responder",
    "request.cannot_meet": "responder",
    "request.priority": "responder",
    "request.join": "responder",
    "request.separate": "responder",
    "request.reopen": "responder",
    "report.triage": "responder",
    "report.verify": "responder",
    "report.reconfirm": "volunteer responder",
    "report.clear": "responder admin",
    "report.withhold": "responder admin",
    "report.reconsider": "responder admin",
    "contact.read": "responder",
    "contact.find": "responder",
    "request.acknowledge": "responder",
    "view.keep": "responder",
    "ability.set": "volunteer responder",
    "handover.write": "responder",
    "handover.read": "responder",
    # The holder of the tracking code, and no role.
    "request.confirm": "",
    "request.withdraw": "",
    "report.add": "",
    "request.ask": "",
    "report.inform": "",
    "report.same_as": "",
    "photo.add": "responder agency admin",
    "export.take": "agency admin",
    "layer.put": "agency admin",
    "person.add": "admin",
    "token.create": "admin",
    "report.import": "admin",
    "metrics.read": "admin",
    "log.verify": "admin",
    "backup.make": "admin",
    "report.erase": "admin",
    "retention.run": "admin",
    "incident.describe": "admin",
    "account.password": "volunteer responder agency admin",
    "account.second_factor": "volunteer responder agency admin",
    "account.recovery": "volunteer responder agency admin",
    "session.end": "volunteer responder agency admin",
    "person.read": "admin",
    "person.invite": "admin",
    "person.suspend": "admin",
    "person.restore": "admin",
    "credential.revoke": "admin",
    "audit.read": "admin",
    "source.read": "admin",
    "source.quarantine": "admin",
    "source.release": "admin",
}
PEOPLE = {"stranger": STRANGER, "volunteer": VOLUNTEER, "responder": RESPONDER, "agency": AGENCY, "admin": ADMIN}


@pytest.mark.parametrize("verb", sorted(permissions()))
def test_lets_exactly_those_do_it_who_may(verb: str):
    assert {name for name, person in PEOPLE.items() if person.may(verb)} == set(TABLE[verb].split())


def test_tells_of_every_verb():
    assert set(TABLE) == permissions()


def test_makes_roles_sets_and_not_rungs():
    for one in ("responder", "agency", "admin"):
        for other in ("responder", "agency", "admin"):
            if one != other and {one, other} != {"agency", "admin"}:
                assert not ROLES[one] <= ROLES[other]


def test_adds_up_the_verbs_of_several_roles():
    both = Person("p", "B", "", frozenset({"responder", "agency"}))
    assert both.verbs == ROLES["public"] | ROLES["responder"] | ROLES["agency"]
    assert not both.may("person.add")


def test_knows_every_verb_that_the_program_asks_for():
    asked = set()
    for path in (ROOT / "crisismap").rglob("*.py"):
        if path.name == "permission.py":
            continue
        text = path.read_text()
        asked |= set(re.findall(r'\.may\(\s*"([a-z_.]+)"', text))
        asked |= set(re.findall(r'require\([^()]*(?:\([^()]*\))?[^()]*"([a-z_.]+)"\s*\)', text))
        if path.name in ("verbs.py", "requester.py"):
            asked |= set(re.findall(r'"((?:request|report)\.[a-z_]+)"', text))
    assert {"request.claim", "layer.put", "metrics.read", "situation.read_exact"} <= asked
    assert asked <= permissions()


def test_gives_no_unknown_role():
    for role in ("volunteer", "responder", "agency", "admin"):
        assert check_role(role) == role
    for role in ("public", "", "root", "Admin"):
        with pytest.raises(Misconfigured, match="volunteer, responder, agency, admin"):
            check_role(role)


def test_shows_others_a_name_and_the_organisation():
    assert RESPONDER.label() == "Ravi (Boat Team 4)"
    assert VOLUNTEER.label() == "Vani"
    assert STRANGER.verbs == ROLES["public"]
