"""Many desk sessions in a process of their own: `python -m benchmarks.viewers` reads an order from stdin.

Speaks Streamlit's websocket protocol as its frontend does: opens the page, answers each timer of the page
(`st.fragment(run_every=)`), and after each whole run may fetch the map's tiles of the new revision. Renders nothing, so
that twenty sessions fit beside the server, which cannot distinguish them from browsers.
"""

from __future__ import annotations

import asyncio
import json
import re
import sys
import time
from collections import Counter
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from typing import Any
from urllib.parse import urlsplit

from benchmarks.ordered import Ordered

START_S = 60.0
_REVISION = re.compile(rb"\.mvt\?[^\"\\]*?v=(\d+)")
# A page may leave refreshing to its own JavaScript; then whole reruns at this interval replace it.
FALLBACK_S = 2.0
TILES_S = 10.0  # until a view's tiles are given up


@dataclass(frozen=True, slots=True)
class Order:
    """Open `sessions` pages, wait until all are drawn, print "ready", then watch for `seconds`."""

    url: str
    sessions: int
    seconds: float
    cookie: str = ""
    tiles: list[str] = field(default_factory=list)  # paths without query
    cookies: list[str] = field(default_factory=list)  # of several people, in turns, in place of `cookie`
    strict: bool = True  # fail at the first problem in place of counting them


@dataclass(frozen=True, slots=True)
class WatchResult:
    """Runs that ended while watching, durations of refreshing runs from request to end, and bytes received."""

    whole: int
    fragments: int
    p50_ms: float
    p99_ms: float
    message_bytes: int
    tiles: int
    timers: int  # sessions whose page asked for timers
    problems: int  # sessions that showed an error or missed a tile
    own_cpu_s: float


class Viewers:
    """The process of viewers, used as a context manager."""

    def __init__(self, order: Order) -> None:
        self._patience_s = order.seconds + 120
        self._process = Ordered("benchmarks.viewers", "the sessions", asdict(order))

    def ready(self) -> None:
        """Return when all pages are drawn."""
        self._process.ready()

    def watch(self) -> WatchResult:
        """Watch for the seconds of the order."""
        return WatchResult(**self._process.answer("go", self._patience_s))

    def close(self) -> None:
        """End the process in any state."""
        self._process.close()


class _Session:
    """One browser tab."""

    def __init__(self, order: Order, number: int) -> None:
        self._order = order
        # Each desk is on a computer of its own; a server that trusts no proxy does not look at it.
        self._cookie = order.cookies[number % len(order.cookies)] if order.cookies else order.cookie
        self._sender = f"10.1.{number // 250}.{1 + number % 250}"
        self._socket: Any = None
        self._page = ""
        self._timers: dict[str, asyncio.Task[None]] = {}
        self.fetching: asyncio.Task[None] | None = None
        self._requested_at: dict[str, float] = {}  # fragment or "" -> when its run was requested
        self.drawn = asyncio.Event()
        self.problem = ""
        self.counts: Counter[str] = Counter()
        self.whole_s: list[float] = []
        self.fragment_s: list[float] = []
        self.has_timers = False

    async def run(self) -> None:
        """Open the page and follow it until cancelled."""
        from websockets.asyncio.client import connect

        parts = urlsplit(self._order.url)
        headers = {"X-Forwarded-For": self._sender}
        if self._cookie:
            headers["Cookie"] = self._cookie
        address = f"ws://{parts.netloc}/_stcore/stream"
        async with connect(
            address,
            subprotocols=["streamlit"],  # type: ignore[list-item]
            additional_headers=headers,
            max_size=None,
            compression=None,
            proxy=None,
            ping_interval=None,  # a page that answers slowly is what is measured, not a broken connection
            open_timeout=START_S,
        ) as self._socket:
            await self._rerun("")
            async for message in self._socket:
                assert isinstance(message, bytes)
                await self._handle(message)

    async def _rerun(self, fragment: str) -> None:
        from streamlit.proto.BackMsg_pb2 import BackMsg

        message = BackMsg()
        state = message.rerun_script
        state.query_string = ""
        state.page_script_hash = self._page
        state.fragment_id = fragment
        state.is_auto_rerun = bool(fragment)
        state.context_info.timezone = "UTC"
        state.context_info.locale = "en-GB"
        state.context_info.url = self._order.url + "/"
        self._requested_at.setdefault(fragment, time.perf_counter())
        await self._socket.send(message.SerializeToString())

    async def _handle(self, raw: bytes) -> None:
        from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

        self.counts["bytes"] += len(raw)
        found = _REVISION.search(raw)
        if found:
            self.counts["revision"] = int(found[1])
        message = ForwardMsg.FromString(raw)
        kind = message.WhichOneof("type")
        if kind == "new_session":
            self._page = message.new_session.page_script_hash
        elif kind == "auto_rerun":
            self._start(message.auto_rerun.fragment_id, message.auto_rerun.interval)
        elif kind == "stop_auto_rerun":
            self._stop(list(message.stop_auto_rerun.fragment_ids))
        elif kind == "delta" and message.delta.new_element.WhichOneof("type") == "exception":
            exception = message.delta.new_element.exception
            self.problem = f"the page shows an error: {exception.type} {exception.message}"
            self.drawn.set()
        elif kind == "script_finished":
            await self._finish_run(message.script_finished)

    async def _finish_run(self, status: int) -> None:
        from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

        if status == ForwardMsg.FINISHED_SUCCESSFULLY:
            self.counts["whole"] += 1
            # A whole run requested by a timer's fragment began when that timer fired.
            began = min(self._requested_at.values(), default=None)
            self._requested_at.clear()
            if began is not None:
                self.whole_s.append(time.perf_counter() - began)
            if self._order.strict:
                await self._fetch_tiles()
            elif self.fetching is None or self.fetching.done():  # as in a browser, nothing waits for the map
                self.fetching = asyncio.create_task(self._fetch_tiles_in_time())
            self.drawn.set()
            if not self._timers:
                self._start("", FALLBACK_S)
        elif status == ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY:
            self.counts["fragments"] += 1
            if self._requested_at:
                oldest = min(self._requested_at, key=lambda key: self._requested_at[key])
                self.fragment_s.append(time.perf_counter() - self._requested_at.pop(oldest))
        elif status == ForwardMsg.FINISHED_WITH_COMPILE_ERROR:
            self.problem = "the page does not compile"
            self.drawn.set()

    def _start(self, fragment: str, interval: float) -> None:
        self._stop([fragment])
        self.has_timers = self.has_timers or bool(fragment)

        async def tick() -> None:
            while True:
                await asyncio.sleep(interval)
                await self._rerun(fragment)

        self._timers[fragment] = asyncio.create_task(tick())

    def _stop(self, fragments: list[str]) -> None:
        for fragment in fragments:
            task = self._timers.pop(fragment, None)
            if task is not None:
                task.cancel()

    async def _fetch_tiles_in_time(self) -> None:
        try:
            async with asyncio.timeout(TILES_S):
                await self._fetch_tiles()
        except (OSError, EOFError) as problem:  # TimeoutError among them
            self.problem = f"the tiles did not come: {problem!r}"

    async def _fetch_tiles(self) -> None:
        if not self._order.tiles:
            return
        parts = urlsplit(self._order.url)
        reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
        head_lines = (
            f"Host: {parts.netloc}\r\nX-Forwarded-For: {self._sender}\r\n"
            f"Accept-Encoding: gzip\r\nCookie: {self._cookie}\r\n\r\n"
        )
        for path in self._order.tiles:
            writer.write(f"GET {path}?v={self.counts['revision']} HTTP/1.1\r\n{head_lines}".encode())
            head = (await reader.readuntil(b"\r\n\r\n")).lower()
            if b" 200 " not in head[:16]:
                self.problem = f"a tile was answered with {head[:16].decode()}"
            await reader.readexactly(int(head.split(b"content-length:")[1].split(b"\r", 1)[0]))
            self.counts["tiles"] += 1
        writer.close()

    def overdue(self) -> list[float]:
        """Return for how long runs have been waited for that should have ended by now; a stall must not hide them."""
        now = time.perf_counter()
        return [now - at for at in self._requested_at.values() if now - at > FALLBACK_S]

    def reset(self) -> None:
        """Count from now on."""
        revision = self.counts["revision"]
        self.counts.clear()
        self.counts["revision"] = revision
        self.whole_s.clear()
        self.fragment_s.clear()


async def _watch(order: Order) -> WatchResult:
    sessions = [_Session(order, number) for number in range(order.sessions)]
    tasks = []
    for session in sessions:  # one after the other, as people arrive
        tasks.append(asyncio.create_task(session.run()))
        await asyncio.wait(
            [tasks[-1], asyncio.create_task(session.drawn.wait())],
            timeout=START_S,
            return_when=asyncio.FIRST_COMPLETED,
        )
        if tasks[-1].done():
            await tasks[-1]
        if not session.drawn.is_set() or session.problem:
            raise RuntimeError(session.problem or f"the page was not drawn in {START_S:g} s")
    print("ready", flush=True)
    await asyncio.to_thread(sys.stdin.readline)
    for session in sessions:
        session.reset()
    cpu_s = time.process_time()
    await asyncio.sleep(order.seconds)
    # Where a page refreshes by whole runs, its fragments only check whether anything has changed.
    whole = sorted(seconds for session in sessions for seconds in session.whole_s)
    latencies = whole or sorted(seconds for session in sessions for seconds in session.fragment_s)
    latencies = sorted([*latencies, *(seconds for session in sessions for seconds in session.overdue())])
    problems = [session.problem for session in sessions if session.problem]
    total: Counter[str] = Counter()
    for session in sessions:
        total.update(session.counts)
    tasks += [session.fetching for session in sessions if session.fetching is not None]
    for task in tasks:
        task.cancel()
    for task in tasks:
        with suppress(asyncio.CancelledError, *(() if order.strict else (Exception,))):
            await task
    if problems and order.strict:
        raise RuntimeError(problems[0])
    return WatchResult(
        whole=total["whole"],
        fragments=total["fragments"],
        p50_ms=1000 * latencies[len(latencies) // 2] if latencies else 0.0,
        p99_ms=1000 * latencies[int(0.99 * len(latencies))] if latencies else 0.0,
        message_bytes=total["bytes"],
        tiles=total["tiles"],
        timers=sum(session.has_timers for session in sessions),
        problems=len(problems) + sum(not task.cancelled() and task.exception() is not None for task in tasks),
        own_cpu_s=time.process_time() - cpu_s,
    )


def main() -> int:
    """Run the process."""
    order = Order(**json.loads(sys.stdin.readline()))
    print(json.dumps(asdict(asyncio.run(_watch(order)))))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
