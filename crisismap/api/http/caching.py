"""ETags and cache headers: one ETag per content, audience and encoding; only public responses are shared."""

from __future__ import annotations

import hashlib

from starlette.requests import HTTPConnection

from crisismap.core.privacy import Audience


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
