"""Live: the numbers of the situation as server-sent events, one frame encoded once for all who watch."""

from __future__ import annotations

import asyncio
from typing import Any
from weakref import WeakSet

import msgspec
from starlette.types import Receive, Scope, Send

from crisismap import bootstrap
from crisismap.core.privacy import Audience
from crisismap.services.lists import read

PACE_S = 0.25  # at most so often, however fast reports come
QUIET_S = 10.0  # a frame at least so often: requests become overdue without any event
STUCK_S = 20.0  # a watcher who takes nothing for so long is let go

_HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),
]


class LiveFrame(msgspec.Struct, frozen=True):
    """What one event says."""

    revision: int
    unanswered: int
    overdue: int


_hubs: WeakSet[Hub] = WeakSet()


def end_all() -> None:
    """Let the watchers of all hubs go. Called in their event loop."""
    for hub in list(_hubs):
        hub.end()


class Hub:
    """Wakes all watchers when the situation moves. Belongs to one event loop."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._moved = asyncio.Event()
        self._frames: dict[Audience, tuple[int, float, bytes]] = {}
        self._scheduled = False
        self._ended = False
        _hubs.add(self)

    def moved(self, _revision: int) -> None:
        """Called from the situation's thread."""
        self._loop.call_soon_threadsafe(self._schedule)

    def _schedule(self) -> None:
        if not self._scheduled:
            self._scheduled = True
            self._loop.call_later(PACE_S, self._wake)

    def _wake(self) -> None:
        self._scheduled = False
        self._moved.set()
        self._moved = asyncio.Event()

    def end(self) -> None:
        """Let all watchers go: their streams would never end by themselves, and the server waits for them."""
        self._ended = True
        self._wake()

    def frame(self, audience: Audience) -> bytes:
        """The present frame, encoded once per revision and second."""
        now = self._loop.time() // 1.0
        revision = bootstrap.current().views.situation.revision
        held = self._frames.get(audience)
        if held is None or held[:2] != (revision, now):
            numbers = read.totals(bootstrap.current().views.situation, bootstrap.current().clock(), audience)
            shown = LiveFrame(numbers["revision"], numbers["unanswered"], numbers["overdue"])
            held = (revision, now, b"id: %d\ndata: %b\n\n" % (revision, msgspec.json.encode(shown)))
            self._frames[audience] = held
        return held[2]

    async def watch(self, audience: Audience, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one watcher until it goes away or stops taking."""
        await send({"type": "http.response.start", "status": 200, "headers": _HEADERS})
        gone = asyncio.ensure_future(_gone(receive))
        try:
            while not gone.done() and not self._ended:
                moved = self._moved
                frame: dict[str, Any] = {"type": "http.response.body", "body": self.frame(audience), "more_body": True}
                await asyncio.wait_for(send(frame), STUCK_S)
                waiting = asyncio.ensure_future(moved.wait())
                await asyncio.wait({gone, waiting}, timeout=QUIET_S, return_when=asyncio.FIRST_COMPLETED)
                waiting.cancel()
            await send({"type": "http.response.body", "body": b""})
        except (TimeoutError, OSError):
            return
        finally:
            gone.cancel()


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
