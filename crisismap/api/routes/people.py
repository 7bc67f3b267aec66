"""People and tokens for an admin's programs, such as the command line: invite, create, list, revoke."""

from __future__ import annotations

import asyncio

import msgspec
from fastapi import APIRouter, Request
from starlette.responses import Response

from crisismap import bootstrap
from crisismap.api.http.body import decoded
from crisismap.api.http.identity import Caller
from crisismap.api.routes.reports import read_body
from crisismap.services.accounts import sign_in
from crisismap.services.accounts.sign_in import TokenRequest

MAX_BODY = 8192
router = APIRouter(prefix="/api/v1", tags=["people"], include_in_schema=False)


class NewPerson(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A person to invite."""

    name: str
    role: str
    org: str = ""


@router.post("/people")
async def post_person(request: Request, person: Caller) -> Response:
    """Invite a person."""
    new = decoded(await read_body(request, MAX_BODY), NewPerson)
    context = bootstrap.current()
    return _json(
        {
            "invitation": await asyncio.to_thread(
                sign_in.invite, context.store, context.clock(), person, new.name, new.role, new.org
            )
        }
    )


@router.post("/tokens")
async def post_token(request: Request, person: Caller) -> Response:
    """Create a token."""
    wish = decoded(await read_body(request, MAX_BODY), TokenRequest)
    return _json(
        {
            "token": await asyncio.to_thread(
                sign_in.make_token, bootstrap.current().store, bootstrap.current().clock(), person, wish
            )
        }
    )


@router.get("/tokens")
def get_tokens(person: Caller) -> Response:
    """Return the valid tokens, their owners and expiry, never the tokens themselves."""
    return _json(
        [
            sign_in.token_summary(each)
            for each in sign_in.tokens(bootstrap.current().store, bootstrap.current().clock(), person)
        ]
    )


@router.delete("/tokens/{credential_id}")
def delete_token(credential_id: str, person: Caller) -> Response:
    """End a token, a session or an invitation at once."""
    return _json(
        {"revoked": str(sign_in.revoke(bootstrap.current().store, bootstrap.current().clock(), person, credential_id))}
    )


def _json(value: object) -> Response:
    return Response(msgspec.json.encode(value), 200, {"Cache-Control": "no-store"}, "application/json")
