"""ETags and what may be kept where: one ETag per content, audience and encoding; only the public's is shared."""

from __future__ import annotations

import hashlib

from starlette.requests import HTTPConnection

from crisismap.core.privacy import Audience


def accepts_gzip(request: HTTPConnection) -> bool:
    """Whether the caller can take gzip."""
    return "gzip" in request.headers.get("accept-encoding", "").lower()


def cache_headers(audience: Audience, content: str, form: str, query: str, gzipped: bool) -> dict[str, str]:
    """ETag, Vary, Cache-Control and Content-Encoding for something made of the situation's columns."""
    digest = hashlib.blake2b(f"{content}|{form}|{query}|{gzipped}".encode(), digest_size=12).hexdigest()
    headers = {
        "ETag": f'"{digest}"',
        "Vary": "Authorization, Cookie, Accept-Encoding",
        "Cache-Control": "no-cache" if audience is Audience.PUBLIC else "private, no-cache",
    }
    if gzipped:
        headers["Content-Encoding"] = "gzip"
    return headers


def not_modified(request: HTTPConnection, headers: dict[str, str]) -> bool:
    """Whether the caller has this very content."""
    known = request.headers.get("if-none-match", "")
    tags = {tag.strip().removeprefix("W/") for tag in known.split(",")}
    return "*" in tags or headers["ETag"] in tags
