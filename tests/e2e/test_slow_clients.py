"""Slow clients, half-open sockets and many idle connections do not hurt others (row 34)."""

from __future__ import annotations

import asyncio
import resource
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from starlette.requests import Request
from starlette.types import Message

from crisismap.api.http import body
from crisismap.api.http.idle import CHECK_S, HEAD_S, Reaper
from crisismap.core.errors import TooLarge, TooSlow
from tests.server import Server, StartServer

MANY = 3000  # on this machine both ends count against the same limits
SLOW = 200
HEAD = b"POST /api/v1/reports HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n"


@contextmanager
def sockets(server: Server, number: int, first: bytes) -> Iterator[list[socket.socket]]:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    opened = []
    try:
        for _ in range(number):
            one = socket.create_connection(("127.0.0.1", server.port), timeout=10)
            if first:
                one.sendall(first)
            opened.append(one)
        yield opened
    finally:
        for one in opened:
            one.close()
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def times(server: Server, number: int) -> list[float]:
    """Seconds that reports and readings of others take, sorted."""
    found = []
    with httpx.Client(base_url=server.url, trust_env=False, timeout=30) as client:
        for count in range(number):
            began = time.monotonic()
            answer = client.post("/api/v1/reports", json={"category": "rescue", "text": f"help {count}"})
            assert answer.status_code == 201
            assert client.get("/api/v1/situation").status_code == 200
            found.append(time.monotonic() - began)
    return sorted(found)


def open_still(one: socket.socket) -> bool:
    one.settimeout(0.0)
    try:
        return one.recv(1) != b""
    except BlockingIOError:
        return True
    except OSError:
        return False


@pytest.mark.timeout(240)
def test_serves_others_among_idle_and_slow_connections(server: StartServer, tmp_path: Path) -> None:
    one = server(data_dir=tmp_path / "data")
    quiet = times(one, 40)
    with (
        sockets(one, MANY, b"") as idle,
        sockets(one, SLOW, HEAD) as half,
        sockets(one, SLOW, HEAD + b"\r\n{") as slow,
    ):
        crowded = times(one, 40)
        assert sum(map(open_still, idle)) > MANY * 0.9, "they were there meanwhile"
        print(f"\np95 {quiet[37] * 1000:.0f} ms alone, {crowded[37] * 1000:.0f} ms among {MANY + 2 * SLOW} connections")
        assert crowded[37] < max(1.0, 10 * quiet[37])
        until = time.monotonic() + HEAD_S + 4 * CHECK_S
        while any(map(open_still, (*idle, *half))) and time.monotonic() < until:
            time.sleep(1)
        assert not any(map(open_still, (*idle, *half))), "who asks nothing is let go"
        assert all(map(open_still, slow)), "who is sending has more time"
    assert times(one, 5)


class _Connection:
    """What the reaper looks at, as uvicorn's protocol has it."""

    def __init__(self, cycle: object) -> None:
        self.cycle, self.transport, self.closed = cycle, self, 0

    def close(self) -> None:
        self.closed += 1


class _Cycle:
    def __init__(self, complete: bool) -> None:
        self.response_complete = complete


def test_closes_only_what_asks_nothing_for_long() -> None:
    idle, answering, done = _Connection(None), _Connection(_Cycle(False)), _Connection(_Cycle(True))
    open_ones = [idle, answering, done, object()]
    reaper = Reaper(open_ones, head_s=20)
    assert reaper.check(0) == 0
    assert reaper.check(19) == 0
    done.cycle = _Cycle(False)  # it asked again
    assert reaper.check(20) == 1
    assert (idle.closed, answering.closed, done.closed) == (1, 0, 0)


def test_takes_a_body_only_as_long_as_it_may_take(monkeypatch: pytest.MonkeyPatch) -> None:
    async def receive() -> Message:
        await asyncio.sleep(0.02)
        return {"type": "http.request", "body": b"x", "more_body": True}

    def letter_by_letter() -> Request:
        return Request({"type": "http", "method": "POST", "headers": []}, receive)

    monkeypatch.setattr(body, "BODY_S", 0.2)
    with pytest.raises(TooSlow):
        asyncio.run(body.read_body(letter_by_letter(), 10_000))
    with pytest.raises(TooLarge):  # the negative control: given time, it ends by its size
        monkeypatch.setattr(body, "BODY_S", 30)
        asyncio.run(body.read_body(letter_by_letter(), 20))
