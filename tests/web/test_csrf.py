"""A form is taken from the browser that got it and from no other; without cookies only for a stranger."""

from __future__ import annotations

from dataclasses import replace

import pytest
from starlette.requests import Request

from crisismap.services.accounts.session import COOKIE as SESSION
from crisismap.web.csrf import COOKIE, Guard, guard_of

KEY = b"k" * 32


def guard(method: str = "POST", *, key: bytes = KEY, site: str = "same-origin", **cookies: str) -> Guard:
    said = "; ".join(f"{name}={value}" for name, value in cookies.items())
    headers = [(b"cookie", said.encode()), (b"sec-fetch-site", site.encode())]
    return guard_of(Request({"type": "http", "method": method, "headers": headers}), key)


def test_takes_the_form_that_this_browser_got() -> None:
    first = guard("GET")
    assert first.new
    back = guard(**{COOKIE: first.cookie})
    assert not back.new
    assert back.is_valid(first.token())
    assert back.known_cookie == first.cookie


def test_refuses_it_from_another_browser_session_key_or_page() -> None:
    first = guard("GET")
    own = {COOKIE: first.cookie}
    others = [
        guard(**{COOKIE: "0" * 32}),
        guard(**own, **{SESSION: "somebody"}),
        guard(key=b"x" * 32, **own),
        guard(site="cross-site", **own),
        guard(),
    ]
    assert [each.is_valid(first.token()) for each in others] == [False] * 5
    assert not guard(**own).is_valid("")


@pytest.mark.parametrize("cookie", ["", "short", "0" * 33, "é" * 16, "-" * 32])
def test_makes_a_cookie_anew_in_place_of_one_that_is_not_ours(cookie: str) -> None:
    made = replace(guard(), cookie="")
    assert made.known_cookie == ""
    request = Request({"type": "http", "method": "GET", "headers": [(b"cookie", f"{COOKIE}={cookie}".encode())]})
    fresh = guard_of(request, KEY)
    assert fresh.new
    assert len(fresh.cookie) == 32
    assert fresh.cookie != cookie


def test_lets_a_browser_without_cookies_call_for_help_but_act_for_nobody() -> None:
    token = guard("GET").token(without_cookies=True)
    assert guard().is_valid_for_stranger(token)
    assert not guard().is_valid(token)
    assert not guard().is_valid_for_stranger(guard("GET").token()), "a form that never came back has no second part"
    assert not guard(**{SESSION: "somebody"}).is_valid_for_stranger(token)
    assert not guard(site="cross-site").is_valid_for_stranger(token)
