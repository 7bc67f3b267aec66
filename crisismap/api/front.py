"""The outermost ASGI middleware: dispatches by path, so that unknown ones are 404s, and answers the hottest paths."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from contextlib import suppress
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from crisismap import bootstrap
from crisismap.api.hot import post_report
from crisismap.api.http import problems
from crisismap.api.http.headers import headers_of, with_headers
from crisismap.api.http.identity import address_of, person_of
from crisismap.api.live import Hub
from crisismap.api.tile import tile
from crisismap.core.errors import CrisismapError
from crisismap.services.runtime.context import audience_of

# First segments of our paths, whether they exist yet or not.
BUILT = frozenset(
    {"api", "report", "shelters", "t", "tasks", "login", "logout", "assets", "intake", "healthz", "readyz", "metrics"}
)
LATER = frozenset({"map", "list", "ogc", "openrosa", "open311"})
# First segments of Streamlit's own paths; Streamlit answers any unknown path with its page.
STREAMLIT = frozenset({"", "_stcore", "static", "media", "component", "favicon.png", "manifest.json"})

_TILES = "/api/v1/tiles/"
_LIVE = "/api/v1/live"
_REPORTS = "/api/v1/reports"
_BATCH = f"{_REPORTS}:batch"


@dataclass(frozen=True, slots=True)
class DeskPaths:
    """The paths of the desk's pages without slashes, with the default page's, and the app for all other paths."""

    pages: frozenset[str]
    default: str
    nothing_here: ASGIApp


class Front:
    """ASGI middleware that sends our paths to `own` and the desk's `paths`, or all others, to `app` (Streamlit)."""

    def __init__(self, app: ASGIApp, own: ASGIApp, paths: DeskPaths | None = None) -> None:
        self._desk = app
        self._own = own
        self._paths = paths
        self._hub: Hub | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Dispatch by the first segment of the path."""
        if scope["type"] != "http":
            await self._desk(scope, receive, send)
            return
        path: str = scope["path"]
        if path == _REPORTS and scope["method"] == "POST":
            await post_report(scope, receive, send)
            return
        first = path.split("/", 2)[1] if path.startswith("/") else ""
        ours = first in BUILT or first in LATER
        send = with_headers(send, headers_of(scope, closed=ours and first != "assets"))
        if not ours:
            await self._desk_app(path, first, scope)(scope, receive, send)
        elif first in LATER:
            await problems.plain("not-built", 501, "not_built", what=f"/{first}")(scope, receive, send)
        else:
            await self._ours(path, scope, receive, send)

    def _desk_app(self, path: str, first: str, scope: Scope) -> ASGIApp:
        """Return the app for a path that is not ours."""
        paths, page = self._paths, path.strip("/")
        # Browsers request /_stcore/ below a page's path first, and expect a plain 404 there.
        if paths is None or first in STREAMLIT or "/_stcore/" in path:
            return self._desk
        if page == paths.default:
            query = scope["query_string"].decode("latin-1")
            return RedirectResponse("/?" + query if query else "/", 307, {"Cache-Control": "no-cache"})
        return self._desk if page in paths.pages else paths.nothing_here

    async def _ours(self, path: str, scope: Scope, receive: Receive, send: Send) -> None:
        method = scope["method"]
        # Posted reports have limits of their own: whoever has sent too many requests can still call for help.
        reports = path == _BATCH and method == "POST"
        if path.startswith("/api/") and not reports and (refused := _rate_limited(scope)):
            await refused(scope, receive, send)
        elif (path.startswith(_TILES) or path == _LIVE) and method != "GET":
            await problems.method_not_allowed("GET")(scope, receive, send)
        elif path.startswith(_TILES):
            await _respond(asyncio.to_thread(tile, Request(scope)), scope, receive, send)
        elif path == _LIVE:
            await self._live(scope, receive, send)
        else:
            await self._own(scope, receive, send)

    async def _live(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            audience = audience_of(person_of(Request(scope)))
        except CrisismapError as refusal:
            await problems.refusal(refusal, problems.language_of(scope))(scope, receive, send)
            return
        if self._hub is None:
            self._hub = Hub(asyncio.get_running_loop())
            bootstrap.current().views.situation.when_moved(self._hub.moved)
        await self._hub.watch(audience, scope, receive, send)


def _rate_limited(scope: Scope) -> Response | None:
    """Return the refusal of a caller above the rate limit; an invalid token counts for the address."""
    context = bootstrap.current()
    if not context.guards.rates.on:
        return None
    request, person = Request(scope), None
    if "authorization" in request.headers:
        with suppress(CrisismapError):
            person = person_of(request)
    try:
        context.guards.rates.ask(person, address_of(request), context.clock())
    except CrisismapError as refusal:
        return problems.refusal(refusal, problems.language_of(scope))
    return None


async def _respond(made: Awaitable[Response], scope: Scope, receive: Receive, send: Send) -> None:
    try:
        response = await made
    except CrisismapError as refusal:
        response = problems.refusal(refusal, problems.language_of(scope))
    except Exception:
        problems.log.exception("unexpected error")
        response = problems.plain("error", 500, "went_wrong")
    await response(scope, receive, send)
