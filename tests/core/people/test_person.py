"""People: what roles and a scope allow, and how others see a name."""

from __future__ import annotations

import pytest

from crisismap.core.people.permission import ROLES
from crisismap.core.people.person import STRANGER, Person


def person(*roles: str, scope: set[str] | None = None, org: str = "") -> Person:
    return Person("p-1", "Asha", org, frozenset(roles), None if scope is None else frozenset(scope))


def test_may_what_any_of_the_roles_may() -> None:
    both = person("volunteer", "agency")
    assert both.verbs == ROLES["volunteer"] | ROLES["agency"] | ROLES["public"]
    assert both.may("layer.put")
    assert not both.may("request.claim")


def test_may_no_more_than_the_scope_says() -> None:
    narrow = person("responder", scope={"request.claim", "layer.put"})
    assert narrow.may("request.claim")
    assert not narrow.may("request.answer"), "outside the scope"
    assert not narrow.may("layer.put"), "in the scope, and in none of the roles"


def test_keeps_what_anybody_may_within_an_empty_scope() -> None:
    assert person("admin", scope=set()).verbs == ROLES["public"] == STRANGER.verbs


def test_knows_no_role_that_there_is_not() -> None:
    with pytest.raises(KeyError):
        _ = person("king").verbs


def test_shows_the_organisation_behind_the_name() -> None:
    assert person(org="Boat Team 4").label() == "Asha (Boat Team 4)"
    assert person().label() == "Asha"


@pytest.mark.parametrize(
    ("name", "org", "label"),
    [
        ("Asha", "City Relief", "Asha (City Relief)"),
        ("Asha", "", "Asha"),
        ("responder token", "Boat Team 4", "Boat Team 4"),  # as older versions named a program's token
        ("Boat Team 4", "Boat Team 4", "Boat Team 4"),
        ("agency token", "", "a program"),
        ("Bureau token", "GIS", "Bureau token (GIS)"),
    ],
)
def test_calls_a_program_by_its_organisation(name: str, org: str, label: str) -> None:
    assert Person("p", name, org).label() == label
