"""Idle connections are closed and busy ones are not, on a real uvicorn at loopback with its waits made short."""

from __future__ import annotations

import asyncio
import contextlib
import http.client
import socket
import threading
import time
from collections.abc import Iterator

import pytest
import uvicorn
from starlette.responses import PlainTextResponse

from crisismap.api.http.idle import KEEP_ALIVE_S, Reaper
from tests.processes import free_port
from tests.server import StartServer

HEAD_S, CHECK_S, STEP_S = 1.0, 0.2, 0.1
REQUEST = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    """Where a uvicorn answers whose connections a reaper looks at."""
    number = free_port()
    running = uvicorn.Server(
        uvicorn.Config(PlainTextResponse("ok"), port=number, log_level="error", timeout_keep_alive=KEEP_ALIVE_S)
    )

    async def both() -> None:
        reaper = asyncio.create_task(Reaper(running.server_state.connections, HEAD_S, CHECK_S).run())
        await running.serve()
        reaper.cancel()

    thread = threading.Thread(target=lambda: asyncio.run(both()))
    thread.start()
    while not running.started:
        time.sleep(0.02)
    yield number
    running.should_exit = True
    thread.join()


def connected(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=10 * HEAD_S)


def ask(one: socket.socket, *parts: bytes) -> None:
    for number, part in enumerate(parts):
        time.sleep(STEP_S * bool(number))
        one.sendall(part)
    answer = b""
    while not answer.endswith(b"\r\n\r\nok"):
        assert (more := one.recv(4096)), "it was closed"
        answer += more


def closed_after(one: socket.socket) -> float:
    """Seconds until the server closes it."""
    began = time.monotonic()
    assert one.recv(1) == b""
    return time.monotonic() - began


def test_keeps_a_connection_that_asks_open_over_many_idle_periods(port: int) -> None:
    with connected(port) as one:
        until = time.monotonic() + 4 * HEAD_S
        while time.monotonic() < until:
            ask(one, REQUEST)
            time.sleep(STEP_S)


def test_keeps_a_connection_whose_heads_arrive_in_two_parts(port: int) -> None:
    """A look nearly always finds it in the middle of a head: only the requests between two looks tell."""
    with connected(port) as one:
        until = time.monotonic() + 4 * HEAD_S
        while time.monotonic() < until:
            ask(one, REQUEST[:9], REQUEST[9:30], REQUEST[30:])


def test_closes_a_connection_that_never_asks(port: int) -> None:
    with connected(port) as one:
        assert HEAD_S * 0.9 <= closed_after(one) < 6 * HEAD_S


@pytest.mark.parametrize("before", [b"", REQUEST], ids=["first", "second"])
def test_closes_a_connection_that_sends_half_a_head(port: int, before: bytes) -> None:
    with connected(port) as one:
        if before:
            ask(one, before)
        one.sendall(REQUEST[:20])
        assert HEAD_S * 0.9 <= closed_after(one) < 6 * HEAD_S


def test_closes_a_connection_that_sends_half_a_head_letter_by_letter(port: int) -> None:
    with connected(port) as one:
        began = time.monotonic()
        with pytest.raises(OSError):  # noqa: PT011 - reset or broken pipe
            while time.monotonic() < began + 10 * HEAD_S:
                one.sendall(b"G" if time.monotonic() - began > STEP_S else REQUEST[:16])
                time.sleep(STEP_S)
        assert time.monotonic() - began < 6 * HEAD_S


def test_leaves_an_answered_connection_to_the_time_that_uvicorn_counts(port: int) -> None:
    """A proxy's pool rests for longer than a head may take."""
    with connected(port) as one:
        ask(one, REQUEST)
        time.sleep(3 * HEAD_S)
        ask(one, REQUEST)


def test_counts_silence_from_the_last_request_seen() -> None:
    class Connection:
        def __init__(self) -> None:
            self.cycle, self.transport, self.closed = Cycle(), self, False

        def close(self) -> None:
            self.closed = True

    class Cycle:
        response_complete = True

    busy, idle = Connection(), Connection()
    reaper = Reaper([busy, idle], head_s=20)
    for now in range(0, 40, 5):
        busy.cycle = Cycle()  # it asked and was answered since the last look
        reaper.check(now)
    assert (busy.closed, idle.closed) == (False, True)


def test_ends_a_full_connection_that_takes_nothing_and_no_slow_one() -> None:
    class Full:
        cycle = None
        timeout_keep_alive_task = object()
        write_paused = True

        def __init__(self, takes: int) -> None:
            self.flow, self.transport = self, self
            self.takes, self.waiting, self.aborted = takes, 60_000, False

        def get_write_buffer_size(self) -> int:
            self.waiting -= self.takes
            return self.waiting

        def abort(self) -> None:
            self.aborted = True

    slow, stuck = Full(1), Full(0)
    reaper = Reaper([slow, stuck], stuck_s=60)
    for now in range(0, 60, 5):
        reaper.check(now)
    assert (slow.aborted, stuck.aborted) == (False, False)
    assert reaper.check(60) == 1
    assert (slow.aborted, stuck.aborted) == (False, True)


def test_gives_the_server_the_time_that_a_pool_needs(server: StartServer) -> None:
    """Streamlit makes uvicorn's configuration: a connection outlives uvicorn's own five seconds."""
    running = server()
    with socket.create_connection(("127.0.0.1", running.port), timeout=20) as one:
        for pause_s in (7, 0):
            one.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
            with contextlib.closing(http.client.HTTPResponse(one)) as answer:
                answer.begin()
                assert (answer.status, bool(answer.read())) == (200, True)
            time.sleep(pause_s)
