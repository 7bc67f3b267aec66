"""The organisation's word becomes a session with the roles that a setting gives; anything else is refused."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from crisismap.core.errors import Forbidden, NotSignedIn, Unavailable
from crisismap.services.accounts import oidc, sign_in
from crisismap.services.accounts.account import NewSession
from crisismap.services.runtime.context import Context
from tests.conftest import FakeClock
from tests.oidc_provider import Provider, provider
from tests.services.deployment import opened

CALLBACK = f"http://map.example{oidc.CALLBACK}"


@pytest.fixture
def organisation() -> Iterator[Provider]:
    with provider() as one:
        yield one


@pytest.fixture
def joined(tmp_path: Path, organisation: Provider) -> Iterator[Context]:
    """A deployment that signs in there; its clock is the provider's, which signs times."""
    with opened(tmp_path / "data", FakeClock(int(time.time() * 1000)), **organisation.environ()) as one:
        yield one


def back(context: Context) -> tuple[str, str]:
    """What the browser brings back from the organisation: its sealed note and the query."""
    url, sealed = oidc.leave(context.settings, context.clock(), CALLBACK)
    answer = httpx.get(url, follow_redirects=False)
    return sealed, urlsplit(answer.headers["location"]).query


def finish(context: Context, sealed: str, query: str) -> NewSession:
    return oidc.finish_sign_in(context.store, context.settings, context.clock(), sealed, query, CALLBACK)


@pytest.mark.parametrize(
    ("told", "roles"),
    [
        ("relief-staff", {"agency"}),
        (["boats", "relief-staff", "other"], {"responder", "agency"}),
        (["Boats"], set()),
        ("", set()),
        (None, set()),
        ({"boats": 1}, set()),
    ],
)
def test_gives_the_roles_of_the_setting(told: object, roles: set[str]) -> None:
    assert oidc.roles_of(" relief-staff=agency, boats = responder", told) == roles


def test_is_offered_where_it_is_set(joined: Context) -> None:
    assert oidc.sign_in_label(joined.settings) == "City Relief Office"
    without = replace(joined.settings, oidc_issuer="")
    assert oidc.sign_in_label(without) == ""
    with pytest.raises(NotSignedIn):
        oidc.leave(without, joined.clock(), CALLBACK)


def test_sends_the_browser_away_with_a_challenge_and_without_the_verifier(joined: Context) -> None:
    url, sealed = oidc.leave(joined.settings, joined.clock(), CALLBACK)
    asked = parse_qs(urlsplit(url).query)
    assert (asked["code_challenge_method"], asked["redirect_uri"]) == (["S256"], [CALLBACK])
    assert "verifier" not in sealed
    assert asked["nonce"][0] not in sealed


def test_begins_a_session_and_knows_the_person_again(joined: Context) -> None:
    first, again = (finish(joined, *back(joined)) for _ in range(2))
    assert (first.person.name, first.person.roles) == ("Asha", frozenset({"agency"}))
    assert again.person.id == first.person.id
    assert sign_in.person_of_session(joined.store, joined.clock(), again.secret).id == first.person.id


def test_refuses_an_answer_that_is_late_foreign_or_used_before(joined: Context, organisation: Provider) -> None:
    sealed, query = back(joined)
    other, _ = back(joined)
    for note in (other, "x", ""):
        with pytest.raises(NotSignedIn):
            finish(joined, note, query)
    assert organisation.exchanged == 0
    assert finish(joined, sealed, query), "the negative control: its own note is good"
    with pytest.raises(NotSignedIn):
        finish(joined, sealed, query)
    late, query = back(joined)
    joined.clock.advance(ms=(oidc.AWAY_S + 1) * 1000)  # type: ignore[attr-defined]
    with pytest.raises(NotSignedIn):
        finish(joined, late, query)


def test_refuses_who_has_no_role_and_a_provider_of_another_name(joined: Context, organisation: Provider) -> None:
    organisation.who = {"sub": "u-2", "name": "Nobody", "groups": ["guests"]}
    with pytest.raises(Forbidden):
        finish(joined, *back(joined))
    organisation.url += "/other"
    with pytest.raises(Unavailable):
        oidc.leave(joined.settings, joined.clock(), CALLBACK)
