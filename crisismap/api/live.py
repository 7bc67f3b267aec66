"""Server-sent events with the situation's numbers; each frame is encoded once for all watchers."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any
from weakref import WeakSet

import msgspec
from fastapi import APIRouter
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from crisismap import bootstrap
from crisismap.api.http.declared import media_types
from crisismap.core.errors import NotFound
from crisismap.core.privacy import Audience
from crisismap.services.lists import read

PACE_S = 0.25  # minimum interval between frames, however fast reports arrive
QUIET_S = 10.0  # maximum interval between frames: requests become overdue without an event
CHECK_S = 5.0  # after it, a watcher of the exact situation is asked for its permission again
STUCK_S = 20.0  # a watcher who reads nothing for so long is disconnected

_HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),
]

router = APIRouter()


@router.get(
    "/api/v1/live",
    tags=["situation"],
    operation_id="get_live",
    response_class=Response,
    response_description="Frames, as long as you listen",
    responses=media_types("text/event-stream"),
)
async def get_live() -> Response:
    """Server-sent events: a frame at once, then one whenever the situation moves."""
    raise NotFound("no_page")  # the front middleware answers, so that no layer in between holds a frame back


class LiveFrame(msgspec.Struct, frozen=True):
    """The data of one event."""

    revision: int
    unanswered: int
    overdue: int


_hubs: WeakSet[Hub] = WeakSet()


def end_all() -> None:
    """Disconnect the watchers of all hubs. Must be called in their event loop."""
    for hub in list(_hubs):
        hub.end()


class Hub:
    """Notifies all watchers when the situation changes. Belongs to one event loop."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._change = asyncio.Event()
        self._frames: dict[Audience, tuple[int, float, bytes]] = {}
        self._scheduled = False
        self._ended = False
        _hubs.add(self)

    def notify(self, _revision: int) -> None:
        """Schedule a notification; called from the situation's thread."""
        self._loop.call_soon_threadsafe(self._schedule)

    def _schedule(self) -> None:
        if not self._scheduled:
            self._scheduled = True
            self._loop.call_later(PACE_S, self._wake)

    def _wake(self) -> None:
        self._scheduled = False
        self._change.set()
        self._change = asyncio.Event()

    def end(self) -> None:
        """Disconnect all watchers: their streams have no end, and the server would wait for them at shutdown."""
        self._ended = True
        self._wake()

    def frame(self, audience: Audience) -> bytes:
        """Return the current frame, encoded once per revision and second."""
        now = self._loop.time() // 1.0
        revision = bootstrap.current().views.situation.revision
        cached = self._frames.get(audience)
        if cached is None or cached[:2] != (revision, now):
            numbers = read.totals(bootstrap.current().views.situation, bootstrap.current().clock(), audience)
            numbers_now = LiveFrame(numbers["revision"], numbers["unanswered"], numbers["overdue"])
            cached = (revision, now, b"id: %d\ndata: %b\n\n" % (revision, msgspec.json.encode(numbers_now)))
            self._frames[audience] = cached
        return cached[2]

    async def watch(
        self, audience: Audience, still: Callable[[], bool] | None, scope: Scope, receive: Receive, send: Send
    ) -> None:
        """Serve one watcher until it disconnects or stops reading, or `still` says that it may no longer watch."""
        await send({"type": "http.response.start", "status": 200, "headers": _HEADERS})
        gone = asyncio.ensure_future(_disconnected(receive))
        try:
            checked = self._loop.time()
            while not gone.done() and not self._ended:
                moved = self._change
                if still is not None and self._loop.time() - checked >= CHECK_S:
                    checked = self._loop.time()
                    if not await asyncio.to_thread(still):
                        break
                frame: dict[str, Any] = {"type": "http.response.body", "body": self.frame(audience), "more_body": True}
                await asyncio.wait_for(send(frame), STUCK_S)
                waiting = asyncio.ensure_future(moved.wait())
                await asyncio.wait(
                    {gone, waiting}, timeout=QUIET_S if still is None else CHECK_S, return_when=asyncio.FIRST_COMPLETED
                )
                waiting.cancel()
            await send({"type": "http.response.body", "body": b""})
        except (TimeoutError, OSError):
            return
        finally:
            gone.cancel()


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
