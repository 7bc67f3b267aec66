"""The front: the outermost ASGI layer. It owns our addresses, so that none falls through to the desk's page,
and answers the hot ones itself, without the layers in between."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Mapping
from contextlib import suppress

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from crisismap import bootstrap
from crisismap.api import problems
from crisismap.api.identity import address_of, person_of
from crisismap.api.live import Hub
from crisismap.api.reports import submit_report
from crisismap.api.tile import tile
from crisismap.core.errors import CrisismapError
from crisismap.services.context import audience_of

# First parts of the paths that are ours, built or not; everything else is the desk's.
BUILT = frozenset({"api", "report", "t", "login", "logout", "assets", "healthz", "readyz", "metrics"})
LATER = frozenset({"map", "list", "tasks", "ogc", "intake", "openrosa", "open311"})

_TILES = "/api/v1/tiles/"
_LIVE = "/api/v1/live"
# Reports are counted as reports: whoever has looked too often can still call for help.
_COUNTED_APART = frozenset({("/api/v1/reports", "POST"), ("/api/v1/reports:batch", "POST")})
# An answer for programs that somebody opens as a page runs and loads nothing; the plain pages say more themselves.
_OWN = {"Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"}
# Who came encrypted once never goes without again; the scheme is what a trusted proxy tells.
_ENCRYPTED = {"Strict-Transport-Security": "max-age=31536000"}
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "SAMEORIGIN",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "geolocation=(self), camera=(), microphone=()",
}


class Front:
    """ASGI middleware: `own` serves our addresses, `app` (Streamlit) the desk."""

    def __init__(self, app: ASGIApp, own: ASGIApp) -> None:
        self._desk = app
        self._own = own
        self._hub: Hub | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Dispatch by the first part of the path."""
        if scope["type"] != "http":
            await self._desk(scope, receive, send)
            return
        path: str = scope["path"]
        first = path.split("/", 2)[1] if path.startswith("/") else ""
        wanted = _HEADERS | _OWN if first in BUILT | LATER and first != "assets" else _HEADERS
        send = _with_headers(send, wanted | _ENCRYPTED if scope.get("scheme") == "https" else wanted)
        if first not in BUILT and first not in LATER:
            await self._desk(scope, receive, send)
        elif first in LATER:
            await problems.plain("not-built", 501, f"/{first} is not built yet.")(scope, receive, send)
        else:
            await self._ours(path, scope, receive, send)

    async def _ours(self, path: str, scope: Scope, receive: Receive, send: Send) -> None:
        method = scope["method"]
        if path.startswith("/api/") and (path, method) not in _COUNTED_APART and (refused := _too_much(scope)):
            await refused(scope, receive, send)
        elif path == "/api/v1/reports" and method == "POST":
            await _answered(submit_report(Request(scope, receive)), scope, receive, send)
        elif (path.startswith(_TILES) or path == _LIVE) and method != "GET":
            await problems.method_not_allowed("GET")(scope, receive, send)
        elif path.startswith(_TILES):
            await _answered(asyncio.to_thread(tile, Request(scope)), scope, receive, send)
        elif path == _LIVE:
            await self._live(scope, receive, send)
        else:
            await self._own(scope, receive, send)

    async def _live(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            audience = audience_of(person_of(Request(scope)))
        except CrisismapError as refusal:
            await problems.refusal(refusal)(scope, receive, send)
            return
        if self._hub is None:
            self._hub = Hub(asyncio.get_running_loop())
            bootstrap.current().situation.when_moved(self._hub.moved)
        await self._hub.watch(audience, scope, receive, send)


def _too_much(scope: Scope) -> Response | None:
    """The refusal for whoever has asked too much; a token that is no good counts for its address."""
    context = bootstrap.current()
    if not context.rates.on:
        return None
    request, person = Request(scope), None
    if "authorization" in request.headers:
        with suppress(CrisismapError):
            person = person_of(request)
    try:
        context.rates.ask(person, address_of(request), context.clock())
    except CrisismapError as refusal:
        return problems.refusal(refusal)
    return None


async def _answered(made: Awaitable[Response], scope: Scope, receive: Receive, send: Send) -> None:
    try:
        response = await made
    except CrisismapError as refusal:
        response = problems.refusal(refusal)
    except Exception:
        problems.log.exception("unexpected error")
        response = problems.plain("error", 500, "Something went wrong here. It has been logged.")
    await response(scope, receive, send)


def _with_headers(send: Send, wanted: Mapping[str, str]) -> Send:
    async def wrapped(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in wanted.items():
                headers.setdefault(name, value)
        await send(message)

    return wrapped
