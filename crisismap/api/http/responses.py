"""Responses: JSON, links to the next page, ETags and cache headers; only public responses are shared."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import msgspec
from starlette.requests import HTTPConnection
from starlette.responses import Response

from crisismap.core.privacy import Audience

# For content that depends on the caller: revalidated each time, or never stored.
PRIVATE = {"Vary": "Authorization, Cookie", "Cache-Control": "private, no-cache"}
UNSTORED = {"Vary": "Authorization, Cookie", "Cache-Control": "private, no-store"}
NO_STORE = {"Cache-Control": "no-store"}


def json_response(value: Any, headers: Mapping[str, str] | None = None, status: int = 200) -> Response:
    """Return a value, encoded by msgspec."""
    return Response(msgspec.json.encode(value), status, headers, "application/json")


def next_page(request: HTTPConnection, cursor: str | None) -> dict[str, str]:
    """Return the Link header that leads to the page at `cursor`; none if this was the last."""
    if cursor is None:
        return {}
    url = request.url.include_query_params(cursor=cursor)
    return {"Link": f'<{url.path}?{url.query}>; rel="next"'}


def accepts_gzip(request: HTTPConnection) -> bool:
    """Return whether the client accepts gzip, respecting `q=0`."""
    for offer in request.headers.get("accept-encoding", "").lower().split(","):
        name, _, weight = offer.replace(" ", "").partition(";q=")
        if name == "gzip":
            return weight.strip("0.") != "" or weight == ""
    return False


def cache_headers(
    audience: Audience, content: str, form: str, query: str, gzipped: bool, *, weak: bool = False
) -> dict[str, str]:
    """Return ETag, Vary, Cache-Control and Content-Encoding for content made of the situation's columns.

    `weak`: equivalent bodies may differ in a byte, such as the revision at which they were read.
    """
    digest = hashlib.blake2b(f"{audience}|{content}|{form}|{query}|{gzipped}".encode(), digest_size=12).hexdigest()
    headers = {
        "ETag": f'{"W/" if weak else ""}"{digest}"',
        "Vary": "Authorization, Cookie, Accept-Encoding",
        "Cache-Control": "no-cache" if audience is Audience.PUBLIC else "private, no-cache",
    }
    if gzipped:
        headers["Content-Encoding"] = "gzip"
    return headers


def not_modified(request: HTTPConnection, headers: dict[str, str]) -> bool:
    """Return whether the client already has this content."""
    known = request.headers.get("if-none-match", "")
    tags = {tag.strip().removeprefix("W/") for tag in known.split(",")}
    return "*" in tags or headers["ETag"].removeprefix("W/") in tags
