"""The session of a browser: the cookie's name, whose it is, and whether a change comes from our own page."""

from __future__ import annotations

from crisismap.core.errors import NotSignedIn
from crisismap.core.people.person import STRANGER, Person
from crisismap.core.ports import Store
from crisismap.services.accounts.sign_in import person_of_session

COOKIE = "crisismap_session"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


def person_of_cookie(store: Store, now_ms: int, secret: str | None) -> Person:
    """Whose browser this is; a cookie that is missing or no longer good is a stranger's."""
    if not secret:
        return STRANGER
    try:
        return person_of_session(store, now_ms, secret)
    except NotSignedIn:
        return STRANGER


def from_own_page(method: str, sec_fetch_site: str | None) -> bool:
    """Whether a request may act for the cookie's owner, by its Sec-Fetch-Site header.

    A browser sends the cookie by itself, so a change must come from our own page; SameSite=Lax says so already,
    this says it again for browsers and proxies that do not heed it.
    """
    return method in SAFE_METHODS or (sec_fetch_site or "same-origin") in ("same-origin", "none")
