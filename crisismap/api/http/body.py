"""Request bodies: read within limits of size and time, and decoded.

NaN, Infinity and 1e400 are refused by field name, not as invalid JSON.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from typing import Any, TypeVar

import msgspec
from fastapi import Depends, Request

from crisismap.core.errors import Invalid, Malformed, TooLarge
from crisismap.core.report.read_draft import read_draft
from crisismap.core.report.report import Draft
from crisismap.services.intake.read_body import read_stream

BODY_S = 30.0  # for a body to arrive, plus the time its size takes on a slow connection
SLOWEST_BPS = 16_000  # bytes per second

T = TypeVar("T")


class _NonFinite(str):
    """A number as written that has no finite value."""


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


def draft_of(body: bytes) -> Draft:
    """Return the draft. Raises Malformed for invalid JSON, Invalid with the wrong member."""
    try:
        return read_draft(body)
    except (Malformed, Invalid):
        found = _non_finite_number(body)
        if found is None:
            raise
    raise Invalid(found[0], found[1], "not_finite")


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


def _non_finite_number(body: bytes) -> tuple[str, str] | None:
    try:
        return next(_non_finite_members(json.loads(body, parse_constant=_NonFinite, parse_float=_number), ""), None)
    except (ValueError, RecursionError):
        return None


def _number(text: str) -> float | _NonFinite:
    return float(text) if math.isfinite(float(text)) else _NonFinite(text)


def _non_finite_members(value: Any, name: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, _NonFinite):
        yield name or "body", str(value)
    elif isinstance(value, dict):
        for member, inner in value.items():
            yield from _non_finite_members(inner, f"{name}.{member}".lstrip("."))
