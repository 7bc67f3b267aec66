"""Ages are short, and crowd text shows as it is in markdown."""

from __future__ import annotations

import pytest

from crisismap.core.layer.original import Original
from crisismap.core.people.permission import ROLES
from crisismap.ui.frame import wording
from crisismap.ui.frame.wording import original_link, role_group


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0, "0 s"),
        (59, "59 s"),
        (60, "1 min"),
        (3599, "59 min"),
        (3600, "1 h"),
        (3660, "1 h 1 min"),
        (90_000, "1 d 1 h"),
    ],
)
def test_says_ages_shortly(seconds: float, said: str) -> None:
    assert wording.age(seconds) == said


@pytest.mark.parametrize(
    "text", ["![x](https://evil.example/x.png)", "[a](b)", ":material/home:", "$x^2$", "<b>", "**b**"]
)
def test_makes_markdown_harmless(text: str) -> None:
    import re

    bare = re.sub(r"\\.", "", wording.plain(text))
    assert not set(bare) & set("[]()!<>*:$`_#~")


def test_every_role_has_a_name_for_its_people() -> None:
    people = {role: role_group(role) for role in ROLES if role != "public"}
    assert people["responder"] == "responders"
    assert people["agency"] == "agencies"
    assert not [role for role, name in people.items() if name == role]
    assert role_group("a role of a later version") == "a role of a later version"


def test_links_an_original_message_and_claims_no_more_than_is_known() -> None:
    signed, plain_one = (Original("ab" * 32, "<b>met</b>-7", each) for each in (True, False))
    link = original_link("warnings", signed)
    assert link.startswith(f'<a href="/api/v1/layers/warnings/originals/{"ab" * 32}.xml" download>&lt;b&gt;met')
    assert "signed; the signature has not been checked" in link
    assert "(not signed)" in original_link("warnings", plain_one)
