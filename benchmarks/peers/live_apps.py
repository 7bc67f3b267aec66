"""The peers of the job `live`: the same numbers to the same viewers, as in Starlette's tutorials and as bare ASGI.

`starlette_app` has a queue for each client, `asgi_app` one frame that all clients share. A POST makes a new revision;
as with ours, its frame goes out PACE_S later, with all that came meanwhile.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from crisismap.api.live import PACE_S

_HEADERS = [(b"content-type", b"text/event-stream; charset=utf-8"), (b"cache-control", b"no-store")]


class Numbers:
    """The revision, and who is told of a new one after the pace."""

    def __init__(self) -> None:
        self.revision = 1
        self._is_scheduled = False
        self.queues: set[asyncio.Queue[bytes]] = set()
        self.change = asyncio.Event()
        self.frame = self._frame()

    def _frame(self) -> bytes:
        members = f'{{"revision":{self.revision},"unanswered":12345,"overdue":1234}}'
        return f"id: {self.revision}\ndata: {members}\n\n".encode()

    def move(self) -> int:
        """Take in a report and return its revision."""
        self.revision += 1
        if not self._is_scheduled:
            self._is_scheduled = True
            asyncio.get_running_loop().call_later(PACE_S, self._tell)
        return self.revision

    def _tell(self) -> None:
        self._is_scheduled = False
        self.frame = self._frame()
        for queue in self.queues:
            queue.put_nowait(self.frame)
        self.change.set()
        self.change = asyncio.Event()


numbers = Numbers()


async def _live(_request: Request) -> Response:
    async def frames() -> AsyncIterator[bytes]:
        queue: asyncio.Queue[bytes] = asyncio.Queue()
        numbers.queues.add(queue)
        try:
            yield numbers.frame
            while True:
                yield await queue.get()
        finally:
            numbers.queues.discard(queue)

    return StreamingResponse(frames(), media_type="text/event-stream")


async def _report(request: Request) -> Response:
    await request.body()
    return JSONResponse({"revision": numbers.move()}, 201)


async def _healthz(_request: Request) -> Response:
    return PlainTextResponse("ok")


starlette_app = Starlette(
    routes=[
        Route("/api/v1/live", _live),
        Route("/api/v1/reports", _report, methods=["POST"]),
        Route("/healthz", _healthz),
    ]
)


async def asgi_app(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """Stream to /api/v1/live, take in a POST, and answer 200 otherwise."""
    if scope["type"] != "http":
        return
    if scope["path"] == "/api/v1/live":
        await _stream(receive, send)
        return
    body = b"ok"
    if scope["method"] == "POST":
        while (await receive()).get("more_body"):
            pass
        body = b'{"revision":%d}' % numbers.move()
    headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": 201 if scope["method"] == "POST" else 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def _stream(receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": _HEADERS})
    gone = asyncio.ensure_future(_disconnected(receive))
    try:
        while not gone.done():
            moved = numbers.change
            await send({"type": "http.response.body", "body": numbers.frame, "more_body": True})
            waiting = asyncio.ensure_future(moved.wait())
            await asyncio.wait({gone, waiting}, return_when=asyncio.FIRST_COMPLETED)
            waiting.cancel()
    finally:
        gone.cancel()


async def _disconnected(receive: Any) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
