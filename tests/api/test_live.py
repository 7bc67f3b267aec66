"""Watchers get a frame at once and one when the situation moves; each audience its own; all are let go at the end."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

from starlette.types import Message

from crisismap.api import live
from crisismap.api.live import Hub
from crisismap.core.privacy import Audience
from crisismap.services.runtime.context import Context
from tests.services.deployment import ask


def numbers(frame: bytes) -> dict[str, Any]:
    id_, data = frame.decode().strip().split("\n")
    found: dict[str, Any] = json.loads(data.removeprefix("data: "))
    assert id_ == f"id: {found['revision']}"
    return found


class Watcher:
    """One who watches until it hangs up."""

    def __init__(self, hub: Hub, still: Callable[[], bool] | None = None) -> None:
        self.sent: asyncio.Queue[Message] = asyncio.Queue()
        self.gone = asyncio.Event()
        self.task = asyncio.ensure_future(hub.watch(Audience.AGENCY, still, {}, self._receive, self.sent.put))

    async def _receive(self) -> Message:
        await self.gone.wait()
        return {"type": "http.disconnect"}

    async def next(self) -> Message:
        return await asyncio.wait_for(self.sent.get(), 20)


def test_encodes_a_frame_once_for_all_who_watch(context: Context) -> None:
    async def frames() -> tuple[bytes, bytes, bytes]:
        hub = Hub(asyncio.get_running_loop())
        first = hub.frame(Audience.AGENCY)
        ask(context)
        return first, hub.frame(Audience.AGENCY), hub.frame(Audience.PUBLIC)

    first, second, public = asyncio.run(frames())
    assert (numbers(first)["unanswered"], numbers(second)["unanswered"]) == (0, 1)
    assert numbers(second)["revision"] == numbers(public)["revision"] == context.views.situation.revision


def test_sends_one_at_once_and_one_when_the_situation_moves(context: Context) -> None:
    async def watch() -> list[Message]:
        hub = Hub(asyncio.get_running_loop())
        one = Watcher(hub)
        seen = [await one.next(), await one.next()]
        ask(context)
        hub.notify(context.views.situation.revision)
        seen.append(await one.next())
        one.gone.set()
        await asyncio.wait_for(one.task, 20)
        return seen

    start, first, second = asyncio.run(watch())
    assert dict(start["headers"])[b"content-type"].startswith(b"text/event-stream")
    assert [numbers(each["body"])["unanswered"] for each in (first, second)] == [0, 1]


def test_lets_all_go_at_the_end(context: Context) -> None:
    async def watch() -> list[Message]:
        hub = Hub(asyncio.get_running_loop())
        watchers = [Watcher(hub) for _ in range(3)]
        for each in watchers:
            await each.next()
            await each.next()
        hub.end()
        await asyncio.wait_for(asyncio.gather(*(each.task for each in watchers)), 20)
        return [await each.next() for each in watchers]

    assert asyncio.run(watch()) == [{"type": "http.response.body", "body": b""}] * 3


def test_ends_soon_after_the_permission(context: Context, monkeypatch) -> None:
    monkeypatch.setattr(live, "CHECK_S", 0.05)
    allowed = True

    async def watch() -> tuple[bool, Message]:
        nonlocal allowed
        hub = Hub(asyncio.get_running_loop())
        one, other = Watcher(hub, lambda: allowed), Watcher(hub)
        for each in (one, other):
            await each.next()
            await each.next()
        await asyncio.sleep(0.2)
        seen_before = one.task.done()
        allowed = False
        await asyncio.wait_for(one.task, 20)
        assert not other.task.done(), "the control: who has no permission to lose stays"
        hub.end()
        await asyncio.wait_for(other.task, 20)
        last = await one.next()
        while not one.sent.empty():
            last = await one.next()
        return seen_before, last

    assert asyncio.run(watch()) == (False, {"type": "http.response.body", "body": b""})
