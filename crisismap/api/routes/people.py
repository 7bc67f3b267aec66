"""People and tokens for an admin's programs, such as the command line: invite, create, list, revoke."""

from __future__ import annotations

from typing import Annotated

import msgspec
from fastapi import APIRouter
from starlette.responses import Response

from crisismap import bootstrap
from crisismap.api.http.body import json_body
from crisismap.api.http.dependencies import Caller
from crisismap.api.http.responses import NO_STORE, json_response
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
def post_person(person: Caller, new: Annotated[NewPerson, json_body(NewPerson, MAX_BODY)]) -> Response:
    """Invite a person."""
    context = bootstrap.current()
    invitation = sign_in.invite(context.store, context.clock(), person, new.name, new.role, new.org)
    return json_response({"invitation": invitation}, NO_STORE)


@router.post("/tokens")
def post_token(person: Caller, new: Annotated[TokenRequest, json_body(TokenRequest, MAX_BODY)]) -> Response:
    """Create a token."""
    context = bootstrap.current()
    secret = sign_in.make_token(context.store, context.clock(), person, new)
    return json_response({"token": secret}, NO_STORE)


@router.get("/tokens")
def get_tokens(person: Caller) -> Response:
    """Return the valid tokens, their owners and expiry, never the tokens themselves."""
    context = bootstrap.current()
    valid = sign_in.tokens(context.store, context.clock(), person)
    return json_response([sign_in.token_summary(each) for each in valid], NO_STORE)


@router.delete("/tokens/{credential_id}")
def delete_token(credential_id: str, person: Caller) -> Response:
    """End a token, a session or an invitation at once."""
    context = bootstrap.current()
    revoked = sign_in.revoke(context.store, context.clock(), person, credential_id)
    return json_response({"revoked": str(revoked)}, NO_STORE)
