"""The headers that answers carry: those that every answer has, and those that depend on what is asked and how."""

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
# An answer for programs that somebody opens as a page runs and loads nothing; the plain pages say more themselves.
_CLOSED = {"Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"}
# Who came encrypted once never goes without again; the scheme is what a trusted proxy tells.
_ENCRYPTED = {"Strict-Transport-Security": "max-age=31536000"}
_ALL = {
    (closed, encrypted): HEADERS | (_CLOSED if closed else {}) | (_ENCRYPTED if encrypted else {})
    for closed in (False, True)
    for encrypted in (False, True)
}
_RAW = {
    which: [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    for which, headers in _ALL.items()
}


def headers_of(scope: Scope, *, closed: bool) -> Mapping[str, str]:
    """What an answer needs; `closed`: it is ours and no asset, so it runs and loads nothing."""
    return _ALL[closed, scope.get("scheme") == "https"]


def raw_headers_of(scope: Scope, *, closed: bool) -> list[tuple[bytes, bytes]]:
    """The same as ASGI sends it."""
    return _RAW[closed, scope.get("scheme") == "https"]


def with_headers(send: Send, wanted: Mapping[str, str]) -> Send:
    """A `send` that adds them where an answer has none of its own."""

    async def wrapped(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in wanted.items():
                headers.setdefault(name, value)
        await send(message)

    return wrapped
