"""Server-sent events with the situation's numbers and what changed; each frame is encoded once for all viewers."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from typing import Any
from weakref import WeakSet

import msgspec
from fastapi import APIRouter
from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

from crisismap import bootstrap
from crisismap.api.http.declared import media_types
from crisismap.api.recent_changes import RecentChanges
from crisismap.core.errors import NotFound
from crisismap.core.privacy import Audience
from crisismap.services.lists import read
from crisismap.situation.board.board import Board
from crisismap.situation.board_update import BoardUpdate

PACE_S = 0.25  # minimum interval between frames, however fast reports arrive
QUIET_S = 10.0  # maximum interval between frames: requests become overdue without an event
CHECK_S = 5.0  # interval at which viewers of the exact situation are asked for their permission again
RETRY_S = 1.0  # interval at which viewers whose connection was full get the newest frame
CATCH_UP_S = 1.0  # longest wait for an update that lists already show
AT_ONCE = 100  # frames sent before the event loop turns to other requests
log = logging.getLogger(__name__)

_HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),
]
_NOTHING_MISSED = b": nothing missed\n\n"  # a comment, which opens the stream of a viewer that is up to date
_END: Message = {"type": "http.response.body", "body": b""}

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
    """Server-sent events: a frame at once, then one whenever the situation moves; `Last-Event-ID` resumes."""
    raise NotFound("no_page")  # the front middleware answers, so that no layer in between holds a frame back


class LiveFrame(msgspec.Struct, frozen=True, omit_defaults=True):
    """The data of one event.

    `changed`: the reports that changed since the frame before, for this reader; `reload`: more than are named.
    """

    revision: int
    unanswered: int
    overdue: int
    changed: tuple[str, ...] = ()
    reload: bool = False


_hubs: WeakSet[Hub] = WeakSet()


def end_all() -> None:
    """Disconnect the viewers of all hubs. Must be called in their event loop."""
    for hub in list(_hubs):
        hub.end()


def viewer_counts() -> dict[str, int]:
    """Return how many viewers of this process watch now, and how many were lost because they did not read."""
    hubs = list(_hubs)
    return {"viewers": sum(hub.viewers for hub in hubs), "dropped": sum(hub.dropped for hub in hubs)}


class _Viewer:
    """One open stream."""

    __slots__ = ("audience", "behind", "checked_at", "ending", "may_watch", "revision", "send")

    def __init__(self, audience: Audience, may_watch: Callable[[], bool] | None, send: Send, now: float) -> None:
        self.audience, self.may_watch, self.send = audience, may_watch, send
        self.checked_at = now  # when its permission was asked for
        self.revision = 0  # of the last frame that it was sent
        self.behind = False  # its connection is full
        self.ending = False  # it gets nothing more but the end

    def write(self, message: Message) -> None:
        """Send a message if the connection takes it at once, else leave it out.

        A server's `send` waits before it writes anything while the connection's buffer is full, so that giving up
        then loses the whole message and no part of it. The buffer is the server's, which bounds it.
        """
        sending = self.send(message).__await__()
        try:
            next(sending)
        except StopIteration:
            self.behind = False
        else:
            sending.close()
            self.behind = True


class Hub:
    """Sends frames to all viewers, from one task. Belongs to one event loop.

    A viewer's own coroutine waits for nothing but its end. One whose connection is full is left out until it has read,
    and then gets all that it missed as one frame; one that reads no more is closed by `http/idle.py`.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._boards: Mapping[Audience, Board]
        self._recent: dict[Audience, RecentChanges]
        self._start_from(bootstrap.current().views.situation.boards())
        self._numbers: dict[Audience, dict[str, int]] = {}
        self._encoded: dict[tuple[Audience, tuple[str, ...] | None], bytes] = {}
        self._stamp = (-1, 0.0)  # what the two above were made for
        self._viewers: set[_Viewer] = set()
        self._moved = asyncio.Event()
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._following = self._ended = False
        self.dropped = 0
        _hubs.add(self)

    @property
    def viewers(self) -> int:
        """Return how many watch now."""
        return len(self._viewers)

    @property
    def revision(self) -> int:
        """Return the revision of the current frame."""
        return self._boards[Audience.PUBLIC].revision

    def follow(self) -> None:
        """Follow the situation from now on."""
        situation = bootstrap.current().views.situation
        situation.when_moved(self.notify)
        self._following = True
        self._start_from(situation.boards())  # of updates that come meanwhile `_take` leaves out those that these have

    def _start_from(self, boards: Mapping[Audience, Board]) -> None:
        self._boards = boards
        self._recent = {audience: RecentChanges(board.changed) for audience, board in boards.items()}

    def notify(self, update: BoardUpdate) -> None:
        """Schedule a frame; called from the situation's thread."""
        self._loop.call_soon_threadsafe(self._take, update)

    def _take(self, update: BoardUpdate) -> None:
        if update.revision <= self.revision:
            return
        self._boards = update.boards
        for audience, ids in update.changed.items():
            self._recent[audience].add(update.revision, ids)
        self._moved.set()

    def end(self) -> None:
        """Disconnect all viewers: their streams have no end, and the server would wait for them at shutdown."""
        self._ended = True
        self._end(self._viewers)
        self._moved.set()

    def _end(self, viewers: Iterable[_Viewer]) -> None:
        for viewer in viewers:
            viewer.ending = True
            viewer.write(_END)

    def frame(self, audience: Audience, since: int | None = None) -> bytes:
        """Return the current frame for a viewer whose last one was of revision `since`; None: it had none.

        The numbers are counted once per revision and second, and each different frame is encoded once.
        """
        stamp = (self.revision, self._loop.time() // 1.0)
        if stamp != self._stamp:
            self._stamp = stamp
            self._numbers.clear()
            self._encoded.clear()
        changed: tuple[str, ...] | None = ()
        if since is not None:
            # A revision that is not reached yet is another store's, such as one that was restored.
            changed = self._recent[audience].after(since) if since <= self.revision else None
        key = (audience, changed)
        if key not in self._encoded:
            self._encoded[key] = self._encode(audience, changed)
        return self._encoded[key]

    def _encode(self, audience: Audience, changed: tuple[str, ...] | None) -> bytes:
        numbers = self._numbers.get(audience)
        if numbers is None:
            context = bootstrap.current()
            numbers = read.totals_of(context.views.situation, self._boards[audience], context.clock(), audience)
            self._numbers[audience] = numbers
        revision = numbers["revision"]
        data = LiveFrame(revision, numbers["unanswered"], numbers["overdue"], changed or (), changed is None)
        return b"id: %d\ndata: %b\n\n" % (revision, msgspec.json.encode(data))

    async def watch(
        self, audience: Audience, may_watch: Callable[[], bool] | None, scope: Scope, receive: Receive, send: Send
    ) -> None:
        """Serve one viewer until it disconnects, or `may_watch` says that it may not any more. None: it always may."""
        await send({"type": "http.response.start", "status": 200, "headers": _HEADERS})
        await self._catch_up()
        if self._ended:
            await send(_END)
            return
        viewer = _Viewer(audience, may_watch, send, self._loop.time())
        since = last_event_id(scope)
        viewer.revision = self.revision
        body = _NOTHING_MISSED if since == self.revision else self.frame(audience, since)
        await send(_body(body))
        self._viewers.add(viewer)
        try:
            if viewer.revision != self.revision:
                self._moved.set()
            self._run("frames", self._send_frames)
            if may_watch is not None:
                self._run("permissions", self._check_permissions)
            while (await receive())["type"] != "http.disconnect":
                pass
        finally:
            self._viewers.discard(viewer)
            self.dropped += viewer.behind

    async def _catch_up(self) -> None:
        """Wait for what lists already show, so that a first frame is never older than a list that was read before."""
        revision, until = bootstrap.current().views.situation.revision, self._loop.time() + CATCH_UP_S
        while self._following and self.revision < revision and self._loop.time() < until:
            await asyncio.sleep(0.005)

    def _run(self, name: str, task: Callable[[], Any]) -> None:
        """Start a task of the hub unless it runs."""
        if name not in self._tasks or self._tasks[name].done():
            self._tasks[name] = self._loop.create_task(task())

    async def _send_frames(self) -> None:
        """Send frames while somebody watches."""
        sent_at = self._loop.time()
        while self._viewers and not self._ended:
            late = any(viewer.behind for viewer in self._viewers)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._moved.wait(), RETRY_S if late else QUIET_S)
            due = self._moved.is_set() or self._loop.time() - sent_at >= QUIET_S
            self._moved.clear()
            if due:
                sent_at = self._loop.time()
            await self._send_frame([viewer for viewer in self._viewers if due or viewer.behind])
            await asyncio.sleep(PACE_S)

    async def _send_frame(self, viewers: Iterable[_Viewer]) -> None:
        messages: dict[tuple[Audience, int], tuple[int, Message]] = {}
        for number, viewer in enumerate(viewers, 1):
            key = (viewer.audience, viewer.revision)
            if key not in messages:
                messages[key] = self.revision, _body(self.frame(*key))
            try:
                self._write(viewer, *messages[key])
            except Exception:
                log.exception("a frame of the live stream could not be sent")  # all others must get theirs
                self._viewers.discard(viewer)
            if number % AT_ONCE == 0:
                await asyncio.sleep(0)

    def _write(self, viewer: _Viewer, revision: int, message: Message) -> None:
        if viewer.ending:
            if viewer.behind:  # its end did not fit in
                viewer.write(_END)
            return
        if viewer.may_watch is not None and self._loop.time() - viewer.checked_at > 2 * CHECK_S:
            return  # the check is late, so that nobody knows whether it still may
        viewer.write(message)
        if not viewer.behind:
            viewer.revision = revision

    async def _check_permissions(self) -> None:
        """Ask for all viewers of the exact situation in one go whether they still may, while there are any."""
        while any(viewer.may_watch is not None for viewer in self._viewers):
            await asyncio.sleep(CHECK_S)
            asked = [each for each in self._viewers if each.may_watch is not None and not each.ending]
            now = self._loop.time()
            try:
                lost = await asyncio.to_thread(_without_permission, asked)
            except Exception:
                log.exception("the permission of viewers could not be read")  # after a while they get nothing more
                continue
            for viewer in asked:
                viewer.checked_at = now
            self._end(lost)


def last_event_id(scope: Scope) -> int | None:
    """Return the revision of the last frame that a returning viewer has seen, if it names one."""
    given = Headers(scope=scope).get("last-event-id", "")
    return int(given) if given.isascii() and given.isdecimal() and len(given) <= 18 else None


def _body(body: bytes) -> Message:
    return {"type": "http.response.body", "body": body, "more_body": True}


def _without_permission(viewers: Iterable[_Viewer]) -> list[_Viewer]:
    return [viewer for viewer in viewers if viewer.may_watch is not None and not viewer.may_watch()]
