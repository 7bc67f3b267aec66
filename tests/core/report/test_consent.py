"""Consent: every version says all that it must, and a version that is not ours says nothing."""

from __future__ import annotations

from typing import Any

import pytest

from crisismap.core.errors import Misconfigured
from crisismap.core.report.consent import MEMBERS, consents_from

VERSION = {name: f"{name} text" for name in MEMBERS}


def test_tells_what_was_agreed_to() -> None:
    consents = consents_from({"plain-1": VERSION, "plain-2": VERSION | {"contact": "newer"}}, "consent.toml")
    assert consents.texts("plain-1") == {"contact": "contact text", "publish": "publish text"}
    assert consents.texts("plain-2")["contact"] == "newer"


@pytest.mark.parametrize("version", [None, "", "my-app-3"])
def test_has_no_text_of_a_version_that_is_not_ours(version: str | None) -> None:
    assert consents_from({"plain-1": VERSION}, "consent.toml").texts(version) == {}


@pytest.mark.parametrize("member", MEMBERS)
@pytest.mark.parametrize("value", [None, 7])
def test_refuses_a_version_that_lacks_a_text(member: str, value: object) -> None:
    table: dict[str, Any] = dict(VERSION)
    if value is None:
        del table[member]
    else:
        table[member] = value
    with pytest.raises(Misconfigured, match=r"consent\.toml.*plain-2"):
        consents_from({"plain-1": VERSION, "plain-2": table}, "consent.toml")


def test_refuses_a_version_that_is_no_table() -> None:
    with pytest.raises(Misconfigured, match="plain-1"):
        consents_from({"plain-1": "yes"}, "consent.toml")
