"""A cookie is its owner's while it is good, else a stranger's; a change comes from our own page."""

from __future__ import annotations

import pytest

from crisismap.core.people.person import STRANGER
from crisismap.services.accounts.people import suspend
from crisismap.services.accounts.session import from_own_page, is_own_origin, person_of_cookie
from crisismap.services.accounts.sign_in import SESSION_MS
from crisismap.services.runtime.context import Context
from tests.conftest import FakeClock
from tests.people import ADMIN
from tests.services.accounts.test_account import join


def test_knows_whose_browser_it_is(context: Context) -> None:
    begun = join(context)
    assert person_of_cookie(context.store, context.clock(), begun.secret) == begun.person


@pytest.mark.parametrize("cookie", [None, "", "x", "\x00", "ü" * 5000])
def test_takes_anything_else_for_a_stranger(context: Context, cookie: str | None) -> None:
    join(context)
    assert person_of_cookie(context.store, context.clock(), cookie) == STRANGER


def test_forgets_a_session_that_ran_out_or_was_suspended(context: Context, clock: FakeClock) -> None:
    old, other = join(context), join(context, login="other")
    suspend(context.store, context.clock(), ADMIN, other.person.id)
    assert person_of_cookie(context.store, context.clock(), other.secret) == STRANGER
    assert person_of_cookie(context.store, context.clock(), old.secret) == old.person
    clock.advance(ms=SESSION_MS + 1)
    assert person_of_cookie(context.store, context.clock(), old.secret) == STRANGER


@pytest.mark.parametrize(
    ("method", "site", "own"),
    [
        ("GET", "cross-site", True),
        ("POST", "same-origin", True),
        ("POST", "none", True),
        ("POST", None, True),
        ("POST", "cross-site", False),
        ("POST", "same-site", False),
        ("DELETE", "cross-site", False),
    ],
)
def test_lets_only_our_own_page_change_anything(method: str, site: str | None, own: bool) -> None:
    assert from_own_page(method, site) is own


@pytest.mark.parametrize(
    ("origin", "own"),
    [
        ("https://map.example.org", True),
        ("http://127.0.0.1:8501", True),
        ("http://127.0.0.1:9000", False),
        ("https://evil.example", False),
        ("file://", False),
    ],
)
def test_knows_its_own_origin_by_the_host_that_was_asked_or_its_public_address(origin: str, own: bool) -> None:
    assert is_own_origin(origin, ("127.0.0.1:8501", None), "https://map.example.org") is own
