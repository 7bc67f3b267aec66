"""ETags and what may be kept where: one ETag per content, audience and encoding; only the public's is shared."""

from __future__ import annotations

import hashlib

from starlette.requests import HTTPConnection

from crisismap.core.privacy import Audience


def accepts_gzip(request: HTTPConnection) -> bool:
    """Whether the caller can take gzip; `q=0` says that it cannot."""
    for offer in request.headers.get("accept-encoding", "").lower().split(","):
        name, _, weight = offer.replace(" ", "").partition(";q=")
        if name == "gzip":
            return weight.strip("0.") != "" or weight == ""
    return False


def cache_headers(
    audience: Audience, content: str, form: str, query: str, gzipped: bool, *, weak: bool = False
) -> dict[str, str]:
    """ETag, Vary, Cache-Control and Content-Encoding for something made of the situation's columns.

    `weak`: bodies that say the same may differ in a byte, such as the revision they were read at.
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
    """Whether the caller has this very content."""
    known = request.headers.get("if-none-match", "")
    tags = {tag.strip().removeprefix("W/") for tag in known.split(",")}
    return "*" in tags or headers["ETag"].removeprefix("W/") in tags
