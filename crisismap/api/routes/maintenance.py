"""Upkeep: what the command line asks of a running server; for an admin, and no part of the public document."""

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
from crisismap.services.operations.retention import retain
from crisismap.services.operations.verify_log import verify_log
from crisismap.services.reporter.erasure import erase_by_code

MAX_BODY = 4096
router = APIRouter(prefix="/api/v1", include_in_schema=False)


class Known(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A revision and the hash that it had, as they were kept elsewhere."""

    revision: int
    head: str


class VerifyLogBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the log is compared with, if anything."""

    known: Known | None = None


class EraseBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whose report."""

    code: str


class RetentionBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whether it is only counted."""

    dry_run: bool = False


@router.post("/log:verify")
async def post_verify(request: Request, person: Caller) -> Response:
    """Follow the chain of hashes."""
    body = decoded(await read_body(request, MAX_BODY), VerifyLogBody)
    known = (body.known.revision, body.known.head) if body.known else None
    return _json(await asyncio.to_thread(verify_log, bootstrap.current().store, person, known))


@router.post("/backups")
async def post_backup(request: Request, person: Caller) -> Response:
    """Write down that a backup is taken; the command copies by itself."""
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
    """Take out what has had its time."""
    body = decoded(await read_body(request, MAX_BODY), RetentionBody)
    return _json(await asyncio.to_thread(retain, bootstrap.current(), person, dry_run=body.dry_run))


def _json(value: object) -> Response:
    return Response(msgspec.json.encode(value), 200, {"Cache-Control": "no-store"}, "application/json")
