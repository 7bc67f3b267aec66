"""The session of a browser: the cookie's name, whose it is, and whether a change comes from our own page."""

from __future__ import annotations

from crisismap.core.errors import NotSignedIn
from crisismap.core.people.person import STRANGER, Person
from crisismap.services.accounts.sign_in import person_of_session
from crisismap.services.runtime.context import Context

COOKIE = "crisismap_session"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


def person_of_cookie(context: Context, secret: str | None) -> Person:
    """Whose browser this is; a cookie that is missing or no longer good is a stranger's."""
    if not secret:
        return STRANGER
    try:
        return person_of_session(context, secret)
    except NotSignedIn:
        return STRANGER


def from_own_page(method: str, sec_fetch_site: str | None) -> bool:
    """Whether a request may act for the cookie's owner, by its Sec-Fetch-Site header.

    A browser sends the cookie by itself, so a change must come from our own page; SameSite=Lax says so already,
    this says it again for browsers and proxies that do not heed it.
    """
    return method in SAFE_METHODS or (sec_fetch_site or "same-origin") in ("same-origin", "none")
