"""What handlers depend on: the caller, the caller's address, the tracking code."""

from __future__ import annotations

import asyncio
from typing import Annotated

from fastapi import Depends, Header, Request
from starlette.requests import HTTPConnection

from crisismap import bootstrap
from crisismap.core.errors import Forbidden, NotSignedIn
from crisismap.core.people.person import STRANGER, Person
from crisismap.services.accounts.session import (
    COOKIE,
    SAFE_METHODS,
    from_own_page,
    is_own_origin,
    person_of_cookie,
)
from crisismap.services.accounts.sign_in import person_of_token

CODE = "X-Tracking-Code"  # the header that identifies a requester without an account


def person_of(request: HTTPConnection) -> Person:
    """Return the caller: by Bearer token, else by session cookie, else a stranger.

    Raises NotSignedIn for an invalid token; an expired cookie is a stranger's.
    """
    context = bootstrap.current()
    header = request.headers.get("authorization")
    if header is not None:
        scheme, _, token = header.partition(" ")
        if scheme.lower() != "bearer" or not token.strip():
            raise NotSignedIn("not_a_bearer")
        return person_of_token(context.store, context.keys.admin_token, context.clock(), token.strip())
    person = person_of_cookie(context.store, context.clock(), request.cookies.get(COOKIE))
    if person != STRANGER and not _from_own_page(request, context.settings.public_url):
        raise Forbidden("other_site")
    return person


def _from_own_page(request: HTTPConnection, public_url: str) -> bool:
    """Return whether a change comes from our own page; browsers name the site or, without TLS, the origin."""
    method, site = request.scope.get("method", "GET"), request.headers.get("sec-fetch-site")
    if site is None and method not in SAFE_METHODS:
        return comes_from_own_origin(request, public_url)
    return from_own_page(method, site)


def comes_from_own_origin(request: HTTPConnection, public_url: str) -> bool:
    """Return whether the Origin header, if there is one, names this server."""
    headers = request.headers
    # A page of another site cannot set the forwarded host, so it is no way around this.
    return is_own_origin(headers.get("origin"), (headers.get("host"), headers.get("x-forwarded-host")), public_url)


def address_of(request: HTTPConnection) -> str:
    """Return the caller's IP address, for limits only; it is never stored."""
    return request.client.host if request.client else ""


# FastAPI runs plain functions in a thread; these need one only for a lookup in the store.


async def _caller(request: Request) -> Person:
    if "authorization" in request.headers or "cookie" in request.headers:
        return await asyncio.to_thread(person_of, request)
    return STRANGER


async def _address(request: Request) -> str:
    return address_of(request)


TrackingCode = Annotated[str | None, Header(alias=CODE, description="the report's tracking code")]


async def _required_code(code: TrackingCode = None) -> str:
    if not code:
        raise NotSignedIn("code_header_missing")
    return code


Caller = Annotated[Person, Depends(_caller)]
Address = Annotated[str, Depends(_address)]
RequiredCode = Annotated[str, Depends(_required_code)]
