"""Maintenance commands sent to a running server; for an admin, and not in the public document."""

from __future__ import annotations

from typing import Annotated

import msgspec
from fastapi import APIRouter
from starlette.responses import Response

from crisismap import bootstrap
from crisismap.api.http.body import json_body
from crisismap.api.http.dependencies import Caller
from crisismap.api.http.responses import NO_STORE, json_response
from crisismap.services.operations import backup
from crisismap.services.operations.audit import verify_log
from crisismap.services.operations.retention import retain
from crisismap.services.reporter.erasure import erase_by_code

MAX_BODY = 4096
router = APIRouter(prefix="/api/v1", include_in_schema=False)


class Known(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A revision and its hash, as stored elsewhere."""

    revision: int
    head: str


class VerifyLogBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The revision to compare the log with, if any."""

    known: Known | None = None


class EraseBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The tracking code of the report to erase."""

    code: str


class RetentionBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whether to count only."""

    dry_run: bool = False


@router.post("/log:verify")
def post_verify(person: Caller, body: Annotated[VerifyLogBody, json_body(VerifyLogBody, MAX_BODY)]) -> Response:
    """Verify the chain of hashes."""
    context = bootstrap.current()
    known = (body.known.revision, body.known.head) if body.known else None
    return json_response(verify_log(context.store, person, known), NO_STORE)


@router.post("/backups")
def post_backup(person: Caller) -> Response:
    """Record a backup; the command copies the data itself."""
    context = bootstrap.current()
    return json_response({"revision": backup.begins(context.store, context.clock(), person)}, NO_STORE)


@router.post("/erasures")
def post_erasure(person: Caller, body: Annotated[EraseBody, json_body(EraseBody, MAX_BODY)]) -> Response:
    """Erase the report of a tracking code."""
    context = bootstrap.current()
    erased = erase_by_code(context.store, context.views, context.settings, context.clock(), person, body.code)
    return json_response({"id": erased}, NO_STORE)


@router.post("/retention")
def post_retention(person: Caller, body: Annotated[RetentionBody, json_body(RetentionBody, MAX_BODY)]) -> Response:
    """Remove data past its retention period."""
    context = bootstrap.current()
    return json_response(retain(context, person, dry_run=body.dry_run), NO_STORE)
