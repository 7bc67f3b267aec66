"""/login/oidc: through one's organisation and back, against a provider that really runs; and every way to cheat."""

from __future__ import annotations

import time
from collections.abc import Iterator

import httpx
import pytest
from joserfc.jwk import RSAKey

from tests.oidc_provider import Provider, provider
from tests.server import Server, serving
from tests.web.pages.test_sign_in_page import SESSION
from tests.web.visitor import Visitor


@pytest.fixture(scope="module")
def organisation() -> Iterator[Provider]:
    with provider() as one:
        yield one


@pytest.fixture(scope="module")
def joined(organisation: Provider, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("oidc")
    with serving(folder, **organisation.environ()) as one:
        yield one
    assert "Traceback" not in one.log.read_text()


@pytest.fixture(autouse=True)
def honest(organisation: Provider) -> None:
    organisation.who = {"sub": "u-1", "name": "Asha", "groups": ["relief-staff"]}
    organisation.spoil, organisation.signs = {}, None


def away(visitor: Visitor) -> str:
    """To the organisation's page and its answer; gives the address that it leads back to."""
    visitor.open("/login")
    assert "Sign in through City Relief Office" in visitor.text
    there = visitor.http.get("/login/oidc")
    assert there.status_code == 303, there.text
    back = httpx.get(there.headers["location"], trust_env=False)
    assert back.status_code == 302, back.text
    return back.headers["location"]


def come_back(visitor: Visitor, address: str) -> httpx.Response:
    return visitor.http.get(address)


def test_signs_in_with_the_role_that_the_organisation_gives(joined: Server, organisation: Provider) -> None:
    with Visitor(joined.url) as visitor:
        answer = come_back(visitor, away(visitor))
        assert (answer.status_code, answer.headers["location"]) == (303, "/")
        assert "You are signed in as Asha (City Relief Office)" in visitor.open("/login").text
        assert visitor.http.get("/api/v1/reports.geojson?audience=agency").status_code == 200
        organisation.who = {"sub": "u-1", "name": "Asha", "groups": ["boats"]}
        assert come_back(visitor, away(visitor.open("/login").send("/logout"))).status_code == 303
        assert visitor.http.get("/api/v1/reports.geojson?audience=agency").status_code == 200
        people = {each["name"] for each in httpx.get(f"{joined.url}/api/v1/tokens", headers=joined.auth).json()}
        assert people == set(), "no token was made for anybody"


def test_refuses_whom_the_organisation_gives_no_role(joined: Server, organisation: Provider) -> None:
    for groups in ([], ["relief"], None, "admin", {"admin": 1}):
        organisation.who = {"sub": "u-9", "name": "Eve", "groups": groups}
        with Visitor(joined.url) as visitor:
            answer = come_back(visitor, away(visitor))
            assert answer.status_code == 403
            assert "has not given you a role" in answer.text
            assert SESSION not in visitor.http.cookies


@pytest.mark.parametrize(
    "spoil",
    [
        {"nonce": "another"},
        {"aud": "another client"},
        {"iss": "https://another.example"},
        {"exp": int(time.time()) - 600},
        {"iat": int(time.time()) + 6000},
        {"sub": None},
        {"azp": "another client"},
        {"at_hash": "wrong"},
    ],
    ids=lambda spoil: next(iter(spoil)),  # names without the hour: every worker must find the same tests
)
def test_refuses_a_token_that_is_not_for_this_sign_in(
    joined: Server, organisation: Provider, spoil: dict[str, object]
) -> None:
    organisation.spoil = spoil
    with Visitor(joined.url) as visitor:
        assert come_back(visitor, away(visitor)).status_code == 403
        assert SESSION not in visitor.http.cookies


def test_refuses_a_token_signed_by_somebody_else(joined: Server, organisation: Provider) -> None:
    organisation.signs = RSAKey.generate_key(2048, {"kid": "k1"})
    with Visitor(joined.url) as visitor:
        assert come_back(visitor, away(visitor)).status_code == 403


def test_refuses_an_answer_that_this_browser_did_not_ask_for(joined: Server, organisation: Provider) -> None:
    with Visitor(joined.url) as victim, Visitor(joined.url) as attacker:
        theirs = away(attacker)
        assert come_back(victim, theirs).status_code == 403, "no cookie"
        away(victim)
        before = organisation.exchanged
        assert come_back(victim, theirs).status_code == 403, "another state"
        assert organisation.exchanged == before, "the code was not even sent"
        assert SESSION not in victim.http.cookies
        assert come_back(attacker, theirs).status_code == 303, "the negative control: its own browser may"
        assert come_back(attacker, theirs).status_code == 403, "once"


@pytest.mark.parametrize(
    "query", ["", "?state=x", "?error=access_denied&state=x", "?code=x", "?code=&state=", "?code=x&state=x%23"]
)
def test_asks_for_nothing_without_a_code(joined: Server, organisation: Provider, query: str) -> None:
    with Visitor(joined.url) as visitor:
        away(visitor)
        before = organisation.exchanged
        assert come_back(visitor, f"/login/oidc/callback{query}").status_code == 403
        assert organisation.exchanged == before


def test_offers_nothing_where_no_organisation_is_set(visitor: Visitor) -> None:
    assert "Sign in through" not in visitor.open("/login").text
    assert visitor.http.get("/login/oidc").headers["location"] == "/login"
    assert visitor.http.get("/login/oidc/callback?code=x&state=y").status_code == 403
