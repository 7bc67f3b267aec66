"""The caller is whom the token names, else whose cookie it is, else a stranger; a bad token is refused."""

from __future__ import annotations

import pytest
from starlette.requests import Request

from crisismap.api.http.dependencies import address_of, person_of
from crisismap.core.errors import Forbidden, NotSignedIn
from crisismap.core.people.person import STRANGER
from crisismap.services.accounts.session import COOKIE
from crisismap.services.accounts.sign_in import TokenRequest, make_token
from crisismap.services.runtime.context import COMMAND_LINE, Context
from tests.services.accounts.test_account import join


def request(method: str = "GET", **headers: str) -> Request:
    raw = [(name.replace("_", "-").encode(), value.encode("latin-1")) for name, value in headers.items()]
    return Request({"type": "http", "method": method, "headers": raw, "client": ("192.0.2.7", 5000)})


def test_knows_a_token_whatever_the_case_of_its_scheme(context: Context) -> None:
    token = make_token(context.store, context.clock(), COMMAND_LINE, TokenRequest("responder"))
    for scheme in ("Bearer", "bearer"):
        assert person_of(request(authorization=f"{scheme} {token}")).roles == {"responder"}


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer ", "Basic abc", "Bearer wrong"])
def test_refuses_a_bad_token_even_beside_a_good_cookie(context: Context, header: str) -> None:
    cookie = f"{COOKIE}={join(context).secret}"
    with pytest.raises(NotSignedIn):
        person_of(request(authorization=header, cookie=cookie))


def test_takes_a_cookie_from_our_own_page_only(context: Context) -> None:
    begun = join(context)
    cookie = f"{COOKIE}={begun.secret}"
    assert person_of(request(cookie=cookie)) == begun.person
    assert person_of(request("POST", cookie=cookie, sec_fetch_site="same-origin")) == begun.person
    with pytest.raises(Forbidden):
        person_of(request("POST", cookie=cookie, sec_fetch_site="cross-site"))


@pytest.mark.parametrize(
    ("origin", "own"),
    [
        (None, True),  # a program
        ("http://map.example", True),
        ("https://MAP.example", True),  # a proxy ends TLS
        ("http://map.example:8080", False),
        ("http://map.example.evil.example", False),
        ("http://evil.example/map.example", False),
        ("null", False),
        ("", False),
    ],
)
def test_takes_a_cookie_without_sec_fetch_site_by_its_origin(context: Context, origin: str | None, own: bool) -> None:
    begun = join(context)
    headers = {"cookie": f"{COOKIE}={begun.secret}", "host": "map.example"} | ({"origin": origin} if origin else {})
    if origin == "":
        headers["origin"] = ""
    if own:
        assert person_of(request("POST", **headers)) == begun.person
    else:
        with pytest.raises(Forbidden):
            person_of(request("POST", **headers))
        assert person_of(request("GET", **headers)) == begun.person, "the control: reading is no change"


def test_takes_anybody_else_for_a_stranger(context: Context) -> None:
    assert person_of(request()) == STRANGER
    assert person_of(request("POST", cookie=f"{COOKIE}=old", sec_fetch_site="cross-site")) == STRANGER
    assert address_of(request()) == "192.0.2.7"
    assert address_of(Request({"type": "http", "headers": []})) == ""
