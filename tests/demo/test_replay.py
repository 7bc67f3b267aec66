from __future__ import annotations

import math
import threading
import time
from collections.abc import Iterator

import pytest

from crisismap.core.errors import Invalid
from crisismap.demo.replay import Row, replay, with_ids
from tests.demo.small_server import SmallServer, small_server


@pytest.fixture
def server() -> Iterator[SmallServer]:
    with small_server() as held:
        yield held


def rows(count: int, gap_ms: int = 60_000) -> list[Row]:
    made = [
        (i * gap_ms, {"category": "flooding", "text": f"row {i}", "observed_at": "2017-02-21T06:00:00Z"})
        for i in range(count)
    ]
    return [*made[count // 2 :], *made[: count // 2]]


def test_posts_every_row_in_order_of_time_and_keeps_its_time(server: SmallServer) -> None:
    done = replay(server.url, "token", rows(2_500), math.inf, threading.Event(), lambda _: None)
    assert (done.read, done.stored, done.repeated, done.refused) == (2_500, 2_500, 0, 0)
    assert [server.reports[key]["text"] for key in server.order] == [f"row {i}" for i in range(2_500)]
    assert {body["observed_at"] for body in server.reports.values()} == {"2017-02-21T06:00:00Z"}
    assert max(server.batches) <= 1_000


def test_divides_the_gaps_by_the_speed(server: SmallServer) -> None:
    begun = time.monotonic()
    replay(server.url, "token", rows(6), 300, threading.Event(), lambda _: None)
    assert 0.9 < time.monotonic() - begun < 5
    assert len(server.batches) == 6


def test_stores_nothing_twice_when_begun_again(server: SmallServer) -> None:
    replay(server.url, "token", rows(40), math.inf, threading.Event(), lambda _: None)
    again = replay(server.url, "token", rows(40), math.inf, threading.Event(), lambda _: None)
    assert (again.stored, again.repeated, len(server.reports)) == (0, 40, 40)


def test_stops_when_told_and_says_how_far_it_came(server: SmallServer) -> None:
    stop = threading.Event()
    threading.Timer(0.3, stop.set).start()
    done = replay(server.url, "token", rows(1_000), 600, stop, lambda _: None)
    assert 0 < done.sent < 20 and done.sent == len(server.reports)


def test_waits_for_a_busy_server_and_counts_what_is_refused(server: SmallServer) -> None:
    server.failures = [503, 429]
    said = list[str]()
    given: list[Row] = [(0, {"category": "flooding", "text": "ok"}), (1, {"category": "flooding", "wrong": 1})]
    done = replay(server.url, "token", given, math.inf, threading.Event(), said.append)
    assert (done.stored, done.refused) == (1, 1)
    assert "2 of 2" in said[-1]


def test_keeps_rows_that_say_the_same_apart_and_an_id_that_is_given() -> None:
    body = {"category": "flooding", "text": "same"}
    made = with_ids([(5, body), (5, body), (5, body | {"client_id": "mine"})])
    assert len({row[1]["client_id"] for row in made}) == 3
    assert made[2][1]["client_id"] == "mine"
    assert "client_id" not in body


@pytest.mark.parametrize("speed", [0, -1, math.nan])
def test_refuses_a_speed_that_is_none(speed: float) -> None:
    with pytest.raises(Invalid, match="speed"):
        replay("http://127.0.0.1:1", "token", [], speed, threading.Event())
