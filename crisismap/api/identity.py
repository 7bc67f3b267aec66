"""Who is asking: a Bearer token, else the session cookie, else a stranger."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request
from starlette.requests import HTTPConnection

from crisismap import bootstrap
from crisismap.core.errors import Forbidden, NotSignedIn
from crisismap.core.person import STRANGER, Person
from crisismap.services.sign_in import person_of_session, person_of_token

COOKIE = "crisismap_session"
_SAFE = ("GET", "HEAD", "OPTIONS")


def person_of(request: HTTPConnection) -> Person:
    """The caller. A bad token is refused (NotSignedIn); a cookie that is no longer good is a stranger's."""
    context = bootstrap.current()
    header = request.headers.get("authorization")
    if header is not None:
        scheme, _, token = header.partition(" ")
        if scheme.lower() != "bearer" or not token.strip():
            raise NotSignedIn("The Authorization header must read: Bearer TOKEN")
        return person_of_token(context, token.strip())
    session = request.cookies.get(COOKIE)
    if not session:
        return STRANGER
    try:
        person = person_of_session(context, session)
    except NotSignedIn:
        return STRANGER
    _same_site(request)
    return person


def _caller(request: Request) -> Person:
    return person_of(request)


Caller = Annotated[Person, Depends(_caller)]


def _same_site(request: HTTPConnection) -> None:
    # A browser sends the cookie by itself, so a change must come from our own page; SameSite=Lax says so already,
    # this says it again for browsers and proxies that do not heed it.
    if request.scope.get("method", "GET") in _SAFE:
        return
    site = request.headers.get("sec-fetch-site", "same-origin")
    if site not in ("same-origin", "none"):
        raise Forbidden("This change came from another site.")


def address_of(request: HTTPConnection) -> str:
    """The caller's address, for limits only; never stored."""
    return request.client.host if request.client else ""
