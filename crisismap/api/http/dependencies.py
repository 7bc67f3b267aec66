"""What handlers depend on: the caller, the caller's address, the tracking code."""

from __future__ import annotations

import asyncio
from typing import Annotated

from fastapi import Depends, Header, Request
from starlette.requests import HTTPConnection

from crisismap import bootstrap
from crisismap.core.errors import Forbidden, NotSignedIn
from crisismap.core.people.person import STRANGER, Person
from crisismap.services.accounts.session import COOKIE, from_own_page, person_of_cookie
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
    if person != STRANGER and not from_own_page(
        request.scope.get("method", "GET"), request.headers.get("sec-fetch-site")
    ):
        raise Forbidden("other_site")
    return person


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
