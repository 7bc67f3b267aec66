"""Request bodies: read within limits of size and time, and decoded."""

from __future__ import annotations

from typing import Any, TypeVar

import msgspec
from fastapi import Depends, Request

from crisismap.core.errors import Invalid, Malformed, TooLarge
from crisismap.core.report.report import Draft
from crisismap.services.intake.read_body import read_stream

BODY_S = 30.0  # for a body to arrive, plus the time its size takes on a slow connection
SLOWEST_BPS = 16_000  # bytes per second

T = TypeVar("T")


async def read_body(request: Request, limit: int) -> bytes:
    """Read the body, refusing it as soon as it exceeds `limit` bytes or its time."""
    if int(request.headers.get("content-length") or 0) > limit:
        raise TooLarge("body_too_large", body="body", most=limit)
    return await read_stream(request.stream(), limit, BODY_S + limit / SLOWEST_BPS, "body")


def json_body(kind: type[Any], limit: int) -> Any:
    """Return a dependency on the body of at most `limit` bytes, decoded as `kind`."""

    async def read(request: Request) -> Any:
        return decoded(await read_body(request, limit), kind)

    return Depends(read)


def decoded(raw: bytes, kind: type[T]) -> T:
    """Return a small body decoded as `kind`; an empty body is an empty object. Raises Malformed."""
    try:
        return msgspec.json.decode(raw or b"{}", type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as problem:
        raise Malformed("body_unreadable", problem=str(problem)) from None


def with_key(draft: Draft, header: str | None) -> Draft:
    """Return the draft with the Idempotency-Key header as its client_id; if both are given they must agree."""
    if header is None or header == draft.client_id:
        return draft
    if draft.client_id is not None:
        raise Invalid("client_id", draft.client_id, "keys_differ")
    return msgspec.structs.replace(draft, client_id=header)
