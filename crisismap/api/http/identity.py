"""Identification of the caller: a Bearer token, else the session cookie, else a stranger."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request
from starlette.requests import HTTPConnection

from crisismap import bootstrap
from crisismap.core.errors import Forbidden, NotSignedIn
from crisismap.core.people.person import STRANGER, Person
from crisismap.services.accounts.session import COOKIE, from_own_page, person_of_cookie
from crisismap.services.accounts.sign_in import person_of_token

CODE = "X-Tracking-Code"  # the header that identifies a requester without an account


def person_of(request: HTTPConnection) -> Person:
    """Return the caller. Raises NotSignedIn for an invalid token; an expired cookie is a stranger's."""
    context = bootstrap.current()
    header = request.headers.get("authorization")
    if header is not None:
        scheme, _, token = header.partition(" ")
        if scheme.lower() != "bearer" or not token.strip():
            raise NotSignedIn("not_a_bearer")
        return person_of_token(context.store, context.keys.admin_token, context.clock(), token.strip())
    person = person_of_cookie(context.store, context.clock(), request.cookies.get(COOKIE))
    if person != STRANGER and not from_own_page(
        request.scope.get("method", "GET"), request.headers.get("sec-fetch-site")
    ):
        raise Forbidden("other_site")
    return person


def _caller(request: Request) -> Person:
    return person_of(request)


Caller = Annotated[Person, Depends(_caller)]


def address_of(request: HTTPConnection) -> str:
    """Return the caller's IP address, for limits only; it is never stored."""
    return request.client.host if request.client else ""
