"""Viewers get a frame at once and one when the situation moves; each audience its own; all are let go at the end."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace
from typing import Any

import uvicorn
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message

from crisismap.api import live
from crisismap.api.front import Front
from crisismap.api.http.idle import Reaper
from crisismap.api.live import Hub
from crisismap.api.recent_changes import MOST
from crisismap.core.privacy import Audience
from crisismap.services.runtime.context import Context
from crisismap.situation.board.board import Board
from crisismap.situation.board_update import BoardUpdate
from tests.api.desk import eventually
from tests.services.deployment import ask

END = {"type": "http.response.body", "body": b""}
NOTHING_MISSED = b": nothing missed\n\n"


def frame_of(body: bytes) -> dict[str, Any]:
    id_, data = body.decode().strip().split("\n")
    found: dict[str, Any] = json.loads(data.removeprefix("data: "))
    assert id_ == f"id: {found['revision']}"
    return found


class Viewer:
    """One who watches until it hangs up; while it is `stuck`, its connection takes nothing."""

    def __init__(
        self,
        hub: Hub,
        audience: Audience = Audience.AGENCY,
        may_watch: Callable[[], bool] | None = None,
        last_id: int | str | None = None,
    ) -> None:
        self.sent: asyncio.Queue[Message] = asyncio.Queue()
        self.gone, self.takes = asyncio.Event(), asyncio.Event()
        self.takes.set()
        headers = [] if last_id is None else [(b"last-event-id", str(last_id).encode())]
        scope = {"type": "http", "headers": headers}
        self.task = asyncio.ensure_future(hub.watch(audience, may_watch, scope, self._receive, self._send))

    async def _receive(self) -> Message:
        await self.gone.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: Message) -> None:
        await self.takes.wait()
        self.sent.put_nowait(message)
        if message == END:
            self.gone.set()

    async def next(self) -> Message:
        return await asyncio.wait_for(self.sent.get(), 20)

    async def frame(self) -> dict[str, Any]:
        message = await self.next()
        return frame_of((await self.next() if message["type"] == "http.response.start" else message)["body"])


@asynccontextmanager
async def following() -> AsyncIterator[Hub]:
    """A hub that follows the situation."""
    hub = Hub(asyncio.get_running_loop())
    hub.follow()
    yield hub
    hub.end()
    await asyncio.sleep(0)


async def caught_up(hub: Hub, context: Context) -> None:
    while hub.revision < context.views.situation.revision:
        await asyncio.sleep(0.01)


def at(boards: Mapping[Audience, Board], revision: int) -> dict[Audience, Board]:
    """The same boards at a later revision."""
    return {audience: replace(board, revision=revision) for audience, board in boards.items()}


def test_encodes_a_frame_once_for_all_who_watch(context: Context) -> None:
    async def frames() -> None:
        async with following() as hub:
            first = hub.frame(Audience.AGENCY)
            assert hub.frame(Audience.AGENCY) is first
            ask(context)
            await caught_up(hub, context)
            second, public = hub.frame(Audience.AGENCY), hub.frame(Audience.PUBLIC)
            assert (frame_of(first)["unanswered"], frame_of(second)["unanswered"]) == (0, 1)
            assert frame_of(second)["revision"] == frame_of(public)["revision"] == context.views.situation.revision

    asyncio.run(frames())


def test_sends_one_at_once_and_one_when_the_situation_moves(context: Context) -> None:
    async def watch() -> None:
        async with following() as hub:
            one = Viewer(hub)
            start = await one.next()
            assert dict(start["headers"])[b"content-type"].startswith(b"text/event-stream")
            assert (await one.frame())["unanswered"] == 0
            report_id, _ = ask(context)
            frame = await one.frame()
            assert (frame["unanswered"], frame["changed"]) == (1, [report_id])
            one.gone.set()
            await asyncio.wait_for(one.task, 20)
            assert (hub.viewers, hub.dropped) == (0, 0)

    asyncio.run(watch())


def test_names_to_each_audience_only_what_changed_for_it(context: Context) -> None:
    async def watch() -> None:
        async with following() as hub:
            staff, public = Viewer(hub), Viewer(hub, Audience.PUBLIC)
            assert set(await staff.frame()) == set(await public.frame()) == {"revision", "unanswered", "overdue"}
            hidden, _ = ask(context, category="medical")
            assert (await staff.frame())["changed"] == [hidden]
            assert set(await public.frame()) == {"revision", "unanswered", "overdue"}
            shown, _ = ask(context)
            assert (await staff.frame())["changed"] == [shown]
            assert (await public.frame())["changed"] == [shown], "the control"

    asyncio.run(watch())


def test_resumes_after_the_last_frame_that_was_seen(context: Context) -> None:
    ask(context)

    async def watch() -> None:
        async with following() as hub:
            seen = hub.revision
            current = Viewer(hub, last_id=seen)
            assert [(await current.next())["type"], (await current.next())["body"]] == [
                "http.response.start",
                NOTHING_MISSED,
            ]
            first, second = ask(context)[0], ask(context)[0]
            await caught_up(hub, context)
            missed = await Viewer(hub, last_id=seen).frame()
            assert missed["changed"] == [second, first]
            assert (await current.frame())["changed"][-1] == first, "one that was up to date goes on"
            assert set(await Viewer(hub, last_id="no number").frame()) == {"revision", "unanswered", "overdue"}
            for unknown in (0, seen + 1000):
                assert (await Viewer(hub, last_id=unknown).frame())["reload"] is True

    asyncio.run(watch())


def test_says_reload_when_more_changed_than_a_frame_names(context: Context) -> None:
    async def watch() -> None:
        async with following() as hub:
            boards, seen = context.views.situation.boards(), hub.revision
            many = [f"id-{number}" for number in range(MOST + 1)]
            hub.notify(BoardUpdate(at(boards, seen + 1), {Audience.AGENCY: many, Audience.PUBLIC: []}))
            await asyncio.sleep(0)
            frame = frame_of(hub.frame(Audience.AGENCY, seen))
            assert frame["reload"] is True
            assert "changed" not in frame
            assert "reload" not in frame_of(hub.frame(Audience.PUBLIC, seen)), "of that the public sees nothing"

    asyncio.run(watch())


def test_leaves_a_stuck_viewer_out_and_then_sends_it_all_that_it_missed_at_once(context: Context, monkeypatch) -> None:
    monkeypatch.setattr(live, "RETRY_S", 0.05)

    async def watch() -> None:
        async with following() as hub:
            stuck, other = Viewer(hub), Viewer(hub)
            for each in (stuck, other):
                await each.frame()
            stuck.takes.clear()
            ids = []
            for _ in range(3):
                ids.append(ask(context)[0])
                assert (await other.frame())["changed"] == [ids[-1]], "nobody else waits"
            assert stuck.sent.empty()
            stuck.takes.set()
            assert (await stuck.frame())["changed"] == ids[::-1]
            stuck.takes.clear()
            ask(context)
            await other.frame()
            stuck.gone.set()
            await stuck.task
            assert (hub.viewers, hub.dropped) == (1, 1)

    asyncio.run(watch())


def test_lets_all_go_at_the_end(context: Context) -> None:
    async def watch() -> list[Message]:
        hub = Hub(asyncio.get_running_loop())
        viewers = [Viewer(hub) for _ in range(3)]
        for each in viewers:
            await each.frame()
        hub.end()
        await asyncio.wait_for(asyncio.gather(*(each.task for each in viewers)), 20)
        late = Viewer(hub)
        await late.next()
        return [await each.next() for each in (*viewers, late)]

    assert asyncio.run(watch()) == [END] * 4


def test_ends_soon_after_the_permission(context: Context, monkeypatch) -> None:
    monkeypatch.setattr(live, "CHECK_S", 0.05)
    allowed = True
    threads: list[int] = []

    def may_watch() -> bool:
        threads.append(threading.get_ident())
        return allowed

    async def watch() -> tuple[bool, Message]:
        nonlocal allowed
        hub = Hub(asyncio.get_running_loop())
        one, other = Viewer(hub, may_watch=may_watch), Viewer(hub)
        for each in (one, other):
            await each.frame()
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

    assert asyncio.run(watch()) == (False, END)
    assert threading.get_ident() not in threads, "the store is not read in the event loop"


def test_sends_nothing_while_nobody_knows_whether_a_viewer_still_may(context: Context, monkeypatch, caplog) -> None:
    monkeypatch.setattr(live, "CHECK_S", 0.05)
    broken = True

    def may_watch() -> bool:
        if broken:
            raise OSError("the disk is away")
        return True

    async def watch() -> None:
        nonlocal broken
        async with following() as hub:
            one, other = Viewer(hub, may_watch=may_watch), Viewer(hub)
            for each in (one, other):
                await each.frame()
            await asyncio.sleep(0.2)
            report_id, _ = ask(context)
            await other.frame()
            assert one.sent.empty()
            broken = False
            await asyncio.sleep(0.2)
            ask(context)
            assert report_id in (await one.frame())["changed"]

    asyncio.run(watch())
    assert "permission of viewers" in caplog.text


@contextmanager
def served(app: ASGIApp) -> Iterator[tuple[int, uvicorn.Server]]:
    """A uvicorn whose connections take little at a time, and are closed soon when their client never reads."""
    with socket.socket() as listening:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
        listening.bind(("127.0.0.1", 0))
        running = uvicorn.Server(uvicorn.Config(app, log_level="error", lifespan="off"))

        async def both() -> None:
            reaper = asyncio.create_task(Reaper(running.server_state.connections, check_s=0.1, stuck_s=1.0).run())
            await running.serve(sockets=[listening])
            reaper.cancel()

        thread = threading.Thread(target=lambda: asyncio.run(both()))
        thread.start()
        eventually(lambda: running.started)
        yield listening.getsockname()[1], running
        running.should_exit = True
        thread.join()


def test_drops_a_client_that_never_reads_and_delays_nobody(context: Context, monkeypatch) -> None:
    monkeypatch.setattr(live, "PACE_S", 0.001)
    boards = context.views.situation.boards()
    front = Front(PlainTextResponse("desk"), PlainTextResponse("own"))
    with served(front) as (port, running):
        clients = [socket.socket() for _ in range(2)]
        for client in clients:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            client.settimeout(20)
            client.connect(("127.0.0.1", port))
            client.sendall(b"GET /api/v1/live HTTP/1.1\r\nHost: x\r\n\r\n")
        _never, reading = clients
        eventually(lambda: front._hub is not None and front._hub.viewers == 2)
        hub, got = front._hub, b""
        assert hub is not None
        ids = [f"01516162-2240-8aa2-b902-{number:012d}" for number in range(MOST)]
        for revision in range(hub.revision + 1, hub.revision + 201):
            hub.notify(BoardUpdate(at(boards, revision), dict.fromkeys(Audience, ids)))
            while f"id: {revision}\n".encode() not in got[-8192:]:
                got += reading.recv(65536)
        eventually(lambda: hub.dropped == 1)
        assert hub.viewers == len(running.server_state.connections) == 1, "and its buffer is gone"
        for client in clients:
            client.close()
        eventually(lambda: hub.viewers == 0)
        assert hub.dropped == 1, "the control: who reads is not counted"
