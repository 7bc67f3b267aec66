"""Strangers abuse everything at once for an hour: memory stays flat, and a person in need is heard all the while.

`make soak` gives it an hour; SOAK_MINUTES sets another time. The limits are those that a new deployment has. A proxy on
the same machine lets each stranger come from another address, as a botnet or a carrier's customers do.
"""

from __future__ import annotations

import json
import os
import random
import re
import socket
import statistics
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path

import httpx
import psutil
import pytest
from websockets.exceptions import WebSocketException
from websockets.sync.client import connect
from websockets.typing import Subprotocol

from tests.photos import bomb, drawing, jpeg
from tests.server import Server, StartServer

MINUTES = float(os.environ.get("SOAK_MINUTES", "60"))
STRANGERS = 6  # at the same time, each with one thing after another
PAUSE_S = 0.2  # of each, behind one thing
LOOK_S = 5.0  # between two readings of memory, each with an honest report
OF_A_REPORT = 4096  # bytes that one more report may take
MOST_GROWTH = 0.05  # of what is resident, beside the reports
LATE_S = 10.0  # for the answer to an honest report, on a machine whose cores the strangers share
WORDS = (
    "water",
    "help",
    "trapped",
    "पानी",
    "ماء",
    "<script>alert(1)</script>",
    "😱",
    "=1+1",
    "'; drop table report;--",
)
Abuse = Callable[["Stranger"], httpx.Response | None]


class Stranger:
    """Somebody who tries whatever there is, each time from an address of their own."""

    def __init__(self, server: Server, number: int) -> None:
        self.server, self.dice = server, random.Random(number)
        self.client = httpx.Client(base_url=server.url, trust_env=False, timeout=30)

    def once(self) -> str:
        """Do one thing; returns its name with the status of the answer."""
        abuse = self.dice.choice(ABUSES)
        self.client.headers["X-Forwarded-For"] = ".".join(str(self.dice.randrange(1, 255)) for _ in range(4))
        self.client.cookies.clear()
        try:
            answer = abuse(self)
        except (httpx.TransportError, WebSocketException, OSError) as error:
            return f"{abuse.__name__} {type(error).__name__}"
        return f"{abuse.__name__} {answer.status_code if answer is not None else 'done'}"

    def letters(self, most: int = 30) -> str:
        """Text that nobody has sent before."""
        return " ".join(self.dice.choice(WORDS) for _ in range(4)) + f" {self.dice.getrandbits(most * 4):x}"

    def numbers(self) -> dict[str, float]:
        return {"lon": self.dice.uniform(-180, 180), "lat": self.dice.uniform(-85, 85)}


def made_up_report(one: Stranger) -> httpx.Response:
    place = {"place": one.numbers()} if one.dice.random() < 0.5 else {"place": {"words": one.letters()}}
    body = {"category": "rescue", "text": one.letters(), "people": one.dice.randrange(10_000)} | place
    return one.client.post("/api/v1/reports", json=body)


def made_up_form(one: Stranger, photo: bytes = b"") -> httpx.Response:
    """The form with its token, sent at once, sometimes twice."""
    token = re.search(r'name="csrf_token" value="([^"]*)"', one.client.get("/report").text)
    said = {"category": "rescue", "text": one.letters(), "csrf_token": token[1] if token else ""}
    files = {"photo": ("a.jpg", photo)} if photo else None
    answer = one.client.post("/report", data=said, files=files)
    return answer if one.dice.random() < 0.5 else one.client.post("/report", data=said)


def broken_body(one: Stranger) -> httpx.Response:
    size = one.dice.choice((10, 100_000, 5_000_000))
    content = one.dice.choice((b"[" * size, b'{"text":"' + b"x" * size, one.dice.randbytes(size)))
    address = one.dice.choice(("/api/v1/reports", "/api/v1/reports:batch", "/intake/sms", "/intake/nothing"))
    return one.client.post(address, content=content, headers={"Content-Type": "application/json"})


def photo(one: Stranger) -> httpx.Response:
    """A good one, a broken one or one of 400 million pixels."""
    return made_up_form(one, one.dice.choice(pictures()))


@cache
def pictures() -> tuple[bytes, ...]:
    whole = jpeg(drawing(1200, 900))
    return whole, whole[:500] + b"\xff" * 50_000, bomb()


def question(one: Stranger) -> httpx.Response:
    """Each with a parameter nobody has asked for: no cache may keep them all."""
    address = one.dice.choice(
        ("reports.geojson", "reports.csv", "reports.geojsonl", "requests", "situation", "tiles.json", "map.html")
    )
    name = one.dice.choice(("q", "near", "bbox", "at", "since", "area", "category", "limit", "nothing"))
    some = one.numbers()
    value = one.dice.choice((one.letters(), f"{some['lat']:.6f},{some['lon']:.6f}", str(one.dice.getrandbits(40))))
    return one.client.get(f"/api/v1/{address}", params={name: value})


def tile(one: Stranger) -> httpx.Response:
    zoom = one.dice.randrange(20)
    x, y = one.dice.randrange(1 << zoom), one.dice.randrange(1 << zoom)
    return one.client.get(f"/api/v1/tiles/{zoom}/{x}/{y}.mvt", params={"v": one.dice.getrandbits(30)})


def nowhere(one: Stranger) -> httpx.Response:
    start = one.dice.choice(("", "assets/", "api/v1/", "t/", "tasks/", "report/", "_stcore/", "static/", "media/"))
    return one.client.get(f"/{start}{one.dice.getrandbits(80):x}")


def guess(one: Stranger) -> httpx.Response:
    """A password, a token, a cookie, a tracking code."""
    way = one.dice.randrange(4)
    if way == 0:
        return one.client.post("/login", data={"name": one.letters(), "password": one.letters()})
    if way == 1:
        return one.client.get("/api/v1/requests", headers={"Authorization": f"Bearer {one.dice.getrandbits(200):x}"})
    if way == 2:
        return one.client.get("/tasks", headers={"Cookie": f"crisismap_session={one.dice.getrandbits(200):x}"})
    return one.client.get("/api/v1/mine", headers={"X-Tracking-Code": f"{one.dice.getrandbits(100):x}"})


def live(one: Stranger) -> None:
    """A live stream that is left without a word."""
    with one.client.stream("GET", "/api/v1/live") as answer:
        for _ in answer.iter_raw():
            return


def desk(one: Stranger) -> httpx.Response | None:
    """A desk without a person: its page runs, then a file for its session, then a message that is too large."""
    address = one.server.url.replace("http", "ws") + "/_stcore/stream"
    session = f"{one.dice.getrandbits(60):x}"
    with connect(address, subprotocols=[Subprotocol("streamlit")], proxy=None, open_timeout=20) as opened:
        with suppress(TimeoutError):
            opened.recv(timeout=1)
        answer = one.client.put(f"/_stcore/upload_file/{session}/f1", files={"file": ("a.bin", b"x" * (1 << 20))})
        opened.send(b"x" * ((1 << 20) + 1))
    return answer


def half_a_request(one: Stranger) -> None:
    """A connection that begins, waits a little and goes."""
    with socket.create_connection(("127.0.0.1", one.server.port), timeout=10) as opened:
        opened.sendall(b"POST /api/v1/reports HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n{")
        time.sleep(one.dice.random() / 2)


ABUSES: tuple[Abuse, ...] = (
    *(made_up_report, made_up_form, broken_body, photo, question, question, tile, tile),
    *(nowhere, guess, live, desk, half_a_request),
)


@contextmanager
def abused(server: Server, told: Counter[str]) -> Iterator[None]:
    """Let all strangers at the server until the block ends."""
    over = threading.Event()

    def go_on(number: int) -> Counter[str]:
        one, counted = Stranger(server, number), Counter[str]()
        while not over.wait(PAUSE_S):
            counted[one.once()] += 1
        one.client.close()
        return counted

    with ThreadPoolExecutor(STRANGERS) as pool:
        running = [pool.submit(go_on, number) for number in range(STRANGERS)]
        try:
            yield
        finally:
            over.set()
        for each in running:
            told.update(each.result())


@pytest.mark.soak
@pytest.mark.timeout(2 * 60 * MINUTES + 300)
def test_stays_small_and_hears_people_through_an_hour_of_abuse(server: StartServer, tmp_path: Path) -> None:
    one = server(tmp_path / "data", env={"CRISISMAP_RATE_LIMIT": "on", "CRISISMAP_TRUSTED_PROXIES": "127.0.0.1"})
    told = Counter[str]()
    resident, reports, waited, honest = list[int](), list[int](), list[float](), list[str]()
    process, until = psutil.Process(one.pid), time.monotonic() + 60 * MINUTES
    with abused(one, told), httpx.Client(base_url=one.url, trust_env=False, timeout=60) as person:
        while time.monotonic() < until:
            began = time.monotonic()
            text = f"We are trapped on the roof, the water is rising, flat {len(honest)}"
            headers = {"X-Forwarded-For": f"198.51.100.{len(honest) % 250}"}
            answer = person.post("/api/v1/reports", json={"category": "rescue", "text": text}, headers=headers)
            assert answer.status_code == 201, answer.text
            waited.append(time.monotonic() - began)
            honest.append(answer.json()["id"])
            resident.append(process.memory_info().rss)
            reports.append(person.get("/api/v1/situation", headers=one.auth).json()["reports"])
            time.sleep(max(0, LOOK_S - (time.monotonic() - began)))
        found = [person.get(f"/api/v1/requests/{id}", headers=one.auth).json() for id in honest]
    assert all(each["priority"] in ("P1", "P2") for each in found), "every honest cry for help is kept, and urgent"
    third = len(resident) // 3
    middle, last = statistics.median(resident[third : 2 * third]), statistics.median(resident[-third:])
    more = statistics.median(reports[-third:]) - statistics.median(reports[third : 2 * third])
    print(
        f"\n{sum(told.values())} abuses, {reports[-1]} reports stored, {len(honest)} of them honest: resident "
        + ", ".join(f"{each / 1e6:.0f}" for each in resident[:: max(1, len(resident) // 12)])
        + f" MB; honest answers p50 {statistics.median(waited) * 1000:.0f} ms, worst {max(waited) * 1000:.0f} ms"
    )
    print(json.dumps(dict(sorted(told.items()))))
    failed = {name: times for name, times in told.items() if name[-3:] in ("500", "502", "504")}
    assert not failed
    assert {each.__name__ for each in ABUSES} == {name.split()[0] for name in told}, "each was tried"
    assert max(waited) < LATE_S
    assert last <= middle * (1 + MOST_GROWTH) + OF_A_REPORT * more
