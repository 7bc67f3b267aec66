"""Short texts for people on the desk."""

from __future__ import annotations

from crisismap.core.people.permission import ROLES
from crisismap.ui.frame.wording import role_group


def test_every_role_has_a_name_for_its_people() -> None:
    people = {role: role_group(role) for role in ROLES if role != "public"}
    assert people["responder"] == "responders"
    assert people["agency"] == "agencies"
    assert not [role for role, name in people.items() if name == role]
    assert role_group("a role of a later version") == "a role of a later version"
