"""The browser session: cookie name, the person it belongs to, and protection against cross-site requests."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlsplit

from crisismap.core.errors import NotSignedIn
from crisismap.core.people.person import STRANGER, Person
from crisismap.core.ports import Store
from crisismap.services.accounts.sign_in import person_of_session

COOKIE = "crisismap_session"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


def person_of_cookie(store: Store, now_ms: int, secret: str | None) -> Person:
    """Return the person of a session cookie, STRANGER if it is missing or expired."""
    if not secret:
        return STRANGER
    try:
        return person_of_session(store, now_ms, secret)
    except NotSignedIn:
        return STRANGER


def from_own_page(method: str, sec_fetch_site: str | None) -> bool:
    """Return whether a request may act for the cookie's owner, by its Sec-Fetch-Site header.

    Browsers send cookies automatically, so a change must come from our own page. SameSite=Lax requires that too; this
    check covers browsers and proxies that ignore it.
    """
    return method in SAFE_METHODS or (sec_fetch_site or "same-origin") in ("same-origin", "none")


def is_own_origin(origin: str | None, hosts: Iterable[str | None], public_url: str) -> bool:
    """Return whether an Origin header names this server, by its address or one of the hosts that were asked.

    None is: programs send none, and so do browsers with their own requests to read. `null` is not.
    """
    if origin is None:
        return True
    parts = urlsplit(origin)
    if parts.scheme not in ("http", "https") or not parts.netloc:
        return False
    own = {host.strip().lower() for host in hosts if host} | {urlsplit(public_url).netloc.lower()}
    return parts.netloc.lower() in own
