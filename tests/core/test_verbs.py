"""The entries of VERBS: whole, told apart, with labels that exist, and as docs/reference.md says them."""

from __future__ import annotations

import re

import msgspec
import pytest

from crisismap.core.people.permission import REQUESTER, ROLES
from crisismap.core.verb import Body
from crisismap.core.verbs import VERBS, of_event
from crisismap.i18n import DEFAULT, languages
from crisismap.settings import ROOT


def written(reference: str) -> dict[str, tuple[str, str]]:
    """The table of verbs in docs/reference.md: of each verb its body and who may."""
    table = reference.partition("### What can be done with a request")[2].partition("\n\n###")[0]
    rows = [[cell.strip(" `") for cell in line.split("|")] for line in table.splitlines() if line.startswith("| `")]
    return {name: (body, who) for _, name, body, who, *_ in rows}


def shown(body: type[Body]) -> str:
    """`{note, photo_ids?}`."""
    names = [f"{each.name}{'' if each.required else '?'}" for each in msgspec.structs.fields(body)]
    return f"{{{', '.join(names)}}}" if names else ""


def entries() -> dict[str, tuple[str, str]]:
    order = ("volunteer", "responder", "agency", "admin", "requester")
    return {
        name: (shown(verb.body), ", ".join(role for role in order if role in verb.roles))
        for name, verb in VERBS.items()
    }


def sorted_members(rows: dict[str, tuple[str, str]]) -> dict[str, tuple[set[str], str]]:
    return {name: (set(re.findall(r"\w+\??", body)), who) for name, (body, who) in rows.items()}


def test_stands_in_the_reference_as_it_is():
    reference = (ROOT / "docs" / "reference.md").read_text()
    assert sorted_members(written(reference)) == sorted_members(entries())
    changed = reference.replace("`{minutes?}` | responder", "`{hours?}` | responder")
    assert sorted_members(written(changed)) != sorted_members(entries()), "the negative control"


def test_is_found_by_its_event_and_by_no_other():
    assert len({verb.permission for verb in VERBS.values()}) == len(VERBS)
    for name, verb in VERBS.items():
        assert verb.name == name
        assert of_event(verb.permission) is verb
    assert of_event("contact.read") is None


def test_gives_its_permission_to_its_roles_and_to_nobody_else():
    for verb in VERBS.values():
        assert {role for role, may in ROLES.items() if verb.permission in may} == verb.roles - {"requester"}
        assert (verb.permission in REQUESTER) == ("requester" in verb.roles)
        assert verb.roles <= {*ROLES, "requester"}


@pytest.mark.parametrize("name", VERBS)
def test_has_labels_that_exist(name: str):
    verb, sentences = VERBS[name], languages()[DEFAULT].sentences
    labels = verb.labels
    for key in filter(None, (labels.page, labels.team, labels.requester)):
        assert key in sentences
    members = {each.name: "x" for each in msgspec.structs.fields(verb.body)}
    assert labels.done.format_map({**members, "until": ""})
    assert labels.button
    assert labels.event
    if verb.undo is not None:
        assert labels.undone
