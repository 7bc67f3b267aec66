"""The outermost ASGI middleware: dispatches by path, so that unknown ones are 404s, and answers the hottest paths."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from functools import partial

from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from crisismap import bootstrap
from crisismap.api.desk_guard import DeskGuard, Files
from crisismap.api.hot import post_report
from crisismap.api.http import problems
from crisismap.api.http.dependencies import address_of, person_of
from crisismap.api.http.headers import headers_of, with_headers
from crisismap.api.http.query import AFTER, number_of
from crisismap.api.live import Hub
from crisismap.api.shedding import kind_of, sent_in_turn
from crisismap.api.tile import tile
from crisismap.core.errors import CrisismapError, Invalid, NotBuilt, Unavailable
from crisismap.core.privacy import Audience
from crisismap.services.lists import read
from crisismap.services.runtime.context import audience_of

# First segments of our paths, whether they exist yet or not.
BUILT = frozenset(
    {"api", "report", "shelters", "t", "tasks", "login", "logout", "assets", "intake", "healthz", "readyz", "metrics"}
)
LATER = frozenset({"map", "list", "ogc", "openrosa", "open311"})
# First segments of Streamlit's own paths; Streamlit answers any unknown path with its page.
STREAMLIT = frozenset({"", "_stcore", "media", "component"})
# First segments of its files.
STATIC = frozenset({"static", "favicon.png", "manifest.json"})

STEP_S = 0.02  # the situation takes in what is new no more often

_TILES = "/api/v1/tiles/"
_LIVE = "/api/v1/live"
_REPORTS = "/api/v1/reports"
_BATCH = f"{_REPORTS}:batch"


@dataclass(frozen=True, slots=True)
class DeskPaths:
    """The paths of the desk's pages without slashes, with the default page's, and the app for all other paths.

    `files` answers those of the pages, and Streamlit's files.
    """

    pages: frozenset[str]
    default: str
    nothing_here: ASGIApp
    files: ASGIApp


class Front:
    """ASGI middleware that sends our paths to `api` and the desk's `paths`, or all others, to `app` (Streamlit)."""

    def __init__(self, app: ASGIApp, api: ASGIApp, paths: DeskPaths | None = None, files: Files | None = None) -> None:
        """`files` are those that the desk holds for its sessions; without them nothing guards the desk."""
        self._desk = app if files is None else DeskGuard(app, files)
        self._api = api
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
            error = NotBuilt("not_built", what=f"/{first}")
            await problems.refusal(error, problems.language_of(scope))(scope, receive, send)
        else:
            await self._ours(path, scope, receive, send)

    def _desk_app(self, path: str, first: str, scope: Scope) -> ASGIApp:
        """Return the app for a path that is not ours."""
        paths, page = self._paths, path.strip("/")
        # Browsers request /_stcore/ below a page's path first, and expect a plain 404 there.
        if paths is None or "/_stcore/" in path:
            return self._desk
        if first in STATIC or path == "/":
            return paths.files
        if first in STREAMLIT:
            return self._desk
        if page == paths.default:
            query = scope["query_string"].decode("latin-1")
            return RedirectResponse("/?" + query if query else "/", 307, {"Cache-Control": "no-cache"})
        if page not in paths.pages:
            return paths.nothing_here
        return self._desk if path.endswith("/") else paths.files  # Streamlit redirects to the path without the slash

    async def _ours(self, path: str, scope: Scope, receive: Receive, send: Send) -> None:
        # Posted reports have limits of their own: whoever has sent too many requests can still call for help.
        reports = path == _BATCH and scope["method"] == "POST"
        kind = kind_of(scope["method"], path)
        turn = None
        try:
            try:
                if path.startswith("/api/") and not reports:
                    _check_rate(scope)
                if kind is not None:
                    turn = await bootstrap.current().guards.admission.begin(kind)
                    send = sent_in_turn(turn, send)
                answer = await self._answer(path, scope)
            except CrisismapError as refusal:
                answer = problems.refusal(refusal, problems.language_of(scope))
            except Exception:
                answer = problems.unexpected("went_wrong")
            await answer(scope, receive, send)
        finally:
            if turn is not None:
                turn.leave()

    async def _answer(self, path: str, scope: Scope) -> ASGIApp:
        """Return the app that answers a path of ours."""
        method = scope["method"]
        if method == "GET" and path.startswith("/api/v1/") and b"after=" in scope["query_string"]:
            await _wait_for_revision(QueryParams(scope["query_string"]))
        if (path.startswith(_TILES) or path == _LIVE) and method != "GET":
            return problems.method_not_allowed("GET")
        if path.startswith(_TILES):
            return await asyncio.to_thread(tile, Request(scope))
        if path == _LIVE:
            audience = audience_of(person_of(Request(scope)))
            may_watch = None if audience is Audience.PUBLIC else partial(_is_still, audience, Request(scope))
            return partial(self._live().watch, audience, may_watch)
        return self._api

    def _live(self) -> Hub:
        if self._hub is None:
            self._hub = Hub(asyncio.get_running_loop())
            self._hub.follow()
        return self._hub


def _is_still(audience: Audience, request: Request) -> bool:
    """Return whether the caller's token or session is still one of this audience."""
    try:
        return audience_of(person_of(request)) is audience
    except CrisismapError:
        return False


async def _wait_for_revision(params: QueryParams) -> None:
    """Wait until the situation has the revision that is asked for, without a thread. Raises Invalid, Unavailable."""
    revision = number_of(AFTER, params)
    context, loop = bootstrap.current(), asyncio.get_running_loop()
    situation = context.views.situation
    if revision is None or revision <= situation.revision:
        return
    newest = await asyncio.to_thread(context.store.events.revision)
    if revision > newest:  # nobody can make others wait for what may never come
        raise Invalid(AFTER, revision, "revision_unknown", newest=newest)
    until = loop.time() + read.CATCH_UP_S
    while situation.revision < revision:
        if loop.time() > until:
            raise Unavailable("situation_behind")
        await asyncio.sleep(STEP_S)


def _check_rate(scope: Scope) -> None:
    """Raise TooManyTries for a caller above the rate limit; an invalid token counts for the address."""
    context = bootstrap.current()
    if not context.guards.rates.on:
        return
    request, person = Request(scope), None
    if "authorization" in request.headers:
        with suppress(CrisismapError):
            person = person_of(request)
    context.guards.rates.request(person, address_of(request), context.clock())
