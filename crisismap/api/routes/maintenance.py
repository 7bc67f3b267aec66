"""Maintenance commands sent to a running server; for an admin, and not in the public document."""

from __future__ import annotations

import asyncio

import msgspec
from fastapi import APIRouter, Request
from starlette.responses import Response

from crisismap import bootstrap
from crisismap.api.http.body import decoded
from crisismap.api.http.identity import Caller
from crisismap.api.routes.reports import read_body
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
async def post_verify(request: Request, person: Caller) -> Response:
    """Verify the chain of hashes."""
    body = decoded(await read_body(request, MAX_BODY), VerifyLogBody)
    known = (body.known.revision, body.known.head) if body.known else None
    return _json(await asyncio.to_thread(verify_log, bootstrap.current().store, person, known))


@router.post("/backups")
async def post_backup(request: Request, person: Caller) -> Response:
    """Record a backup; the command copies the data itself."""
    return _json(
        {
            "revision": await asyncio.to_thread(
                backup.begins, bootstrap.current().store, bootstrap.current().clock(), person
            )
        }
    )


@router.post("/erasures")
async def post_erasure(request: Request, person: Caller) -> Response:
    """Erase the report of a tracking code."""
    body = decoded(await read_body(request, MAX_BODY), EraseBody)
    return _json(
        {
            "id": await asyncio.to_thread(
                erase_by_code,
                bootstrap.current().store,
                bootstrap.current().views,
                bootstrap.current().settings,
                bootstrap.current().clock(),
                person,
                body.code,
            )
        }
    )


@router.post("/retention")
async def post_retention(request: Request, person: Caller) -> Response:
    """Remove data past its retention period."""
    body = decoded(await read_body(request, MAX_BODY), RetentionBody)
    return _json(await asyncio.to_thread(retain, bootstrap.current(), person, dry_run=body.dry_run))


def _json(value: object) -> Response:
    return Response(msgspec.json.encode(value), 200, {"Cache-Control": "no-store"}, "application/json")
