"""Response headers: those of every response, and those that depend on the request."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.datastructures import MutableHeaders
from starlette.types import Message, Scope, Send

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "SAMEORIGIN",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "geolocation=(self), camera=(), microphone=()",
}
# An API response opened as a page must run and load nothing; the plain pages set a policy of their own.
_CLOSED = {"Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"}
# Clients that used HTTPS once never use HTTP again; the scheme comes from a trusted proxy.
_ENCRYPTED = {"Strict-Transport-Security": "max-age=31536000"}
_ALL = {
    (closed, encrypted): HEADERS | (_CLOSED if closed else {}) | (_ENCRYPTED if encrypted else {})
    for closed in (False, True)
    for encrypted in (False, True)
}
_RAW = {
    key: [(name.lower().encode(), value.encode()) for name, value in headers.items()] for key, headers in _ALL.items()
}


def headers_of(scope: Scope, *, closed: bool) -> Mapping[str, str]:
    """Return the headers of a response; `closed`: it is ours and no asset, so it must run and load nothing."""
    return _ALL[closed, scope.get("scheme") == "https"]


def raw_headers_of(scope: Scope, *, closed: bool) -> list[tuple[bytes, bytes]]:
    """Return the headers of `headers_of` as ASGI sends them."""
    return _RAW[closed, scope.get("scheme") == "https"]


def with_headers(send: Send, additions: Mapping[str, str]) -> Send:
    """Return a `send` that adds headers which the response does not have."""

    async def send_with_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in additions.items():
                headers.setdefault(name, value)
        await send(message)

    return send_with_headers
