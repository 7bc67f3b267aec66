from __future__ import annotations

import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator

import pytest

from crisismap.demo.city.city import city
from crisismap.demo.client import Client, Refused
from crisismap.demo.feeder import MAX_CLAIMS, DemoStory, Life, find_place, keep_levels, run, seed
from tests.demo.small_server import SmallServer, small_server

STORY = DemoStory(seed=7, count=1_200, hours=20, now_ms=1_800_000_000_000)
TEAMS = ("team-a", "team-b", "team-c")


@pytest.fixture
def server() -> Iterator[SmallServer]:
    with small_server() as held:
        yield held


def quiet(_: str) -> None: ...


def living(url: str, say: Callable[[str], object] = quiet) -> tuple[threading.Event, threading.Thread]:
    stop = threading.Event()
    options = {"seed": 7, "pace_s": 0.004, "stop": stop, "say": say}
    thread = threading.Thread(target=run, args=(url, TEAMS), kwargs=options)
    thread.start()
    return stop, thread


def until(true: Callable[[], bool], seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)


def test_loads_layers_reports_and_a_lived_in_history(server: SmallServer) -> None:
    done = seed(server.url, "agency", teams=TEAMS, story=STORY, say=quiet)
    assert (done.layers, done.stored, done.refused) == (7, 1_200, 0)
    assert server.batches == [1_000, 200]
    assert {role for role, _ in server.layers.values()} == {"area", "hazard", "shelter", "transport", "context"}
    states = Counter(request["state"] for request in server.requests.values())
    assert states["open"] > states["claimed"] > 0 < states["answered"]
    assert (done.claimed, done.answered) == (Counter(v for v, _ in server.verbs)["claim"], states["answered"])
    assert len({request["owner"] for request in server.requests.values() if request["owner"]}) == 3


def test_reads_the_gauges_again_and_again_and_lives_through_a_refusal(server: SmallServer, monkeypatch) -> None:
    monkeypatch.setattr("crisismap.demo.feeder.INTERVAL_MS", 20)
    said: list[str] = []
    server.failures = [503]
    stop = threading.Event()
    thread = threading.Thread(
        target=keep_levels, args=(server.url, "agency"), kwargs={"seed": 7, "stop": stop, "say": said.append}
    )
    thread.start()
    until(lambda: "gauges" in server.layers)
    stop.set()
    thread.join(timeout=20)
    role, collection = server.layers["gauges"]
    assert role == "context" and collection["made_up"] and len(said) == 1 and "503" in said[0]
    assert not thread.is_alive()


def test_changes_nothing_when_it_is_seeded_again(server: SmallServer) -> None:
    seed(server.url, "agency", teams=TEAMS, story=STORY, say=quiet)
    before = (len(server.reports), len(server.verbs))
    again = seed(server.url, "agency", teams=TEAMS, story=STORY, say=quiet)
    assert (again.layers, again.stored, again.claimed) == (0, 0, 0)
    assert (len(server.reports), len(server.verbs)) == before


def test_waits_for_a_server_that_is_busy(server: SmallServer) -> None:
    server.failures = [503, 429, 503]
    assert seed(server.url, "agency", teams=TEAMS, story=DemoStory(count=50), say=quiet).stored == 50


def test_says_no_at_once_when_the_token_does_not_do(server: SmallServer) -> None:
    server.failures = [401]
    with pytest.raises(Refused, match="401"):
        seed(server.url, "wrong", story=STORY, say=quiet)


def test_goes_on_when_somebody_else_was_quicker(server: SmallServer) -> None:
    server.refuse_stale = 5
    done = seed(server.url, "agency", teams=TEAMS, story=STORY, say=quiet)
    assert done.claimed > 0 and done.refused == 0


def test_keeps_reports_claims_answers_releases_and_places_coming(server: SmallServer) -> None:
    seed(server.url, "agency", teams=TEAMS, story=STORY, say=quiet)
    before, said = len(server.reports), list[str]()
    server.verbs.clear()
    stop, thread = living(server.url, said.append)
    until(lambda: len({verb for verb, _ in server.verbs}) == 4 and len(server.reports) > before + 20)
    stop.set()
    thread.join(5)
    assert not thread.is_alive()
    assert said == []


def test_survives_errors_and_says_one_line_for_each(server: SmallServer) -> None:
    said = list[str]()
    server.failures = [500, 503, 404, 500]
    stop, thread = living(server.url, said.append)
    until(lambda: len(server.reports) > 5)
    stop.set()
    thread.join(5)
    assert not thread.is_alive()
    assert 3 <= len(said) <= 4 and all("\n" not in line and "retrying in" in line for line in said)


def test_lives_through_a_server_that_is_not_there() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
    said = list[str]()
    stop, thread = living(url, said.append)
    until(lambda: len(said) >= 2)
    stop.set()
    thread.join(5)
    assert not thread.is_alive()
    assert "ConnectError" in said[0]


def test_remembers_a_bounded_number_of_claims(server: SmallServer) -> None:
    seed(server.url, "agency", teams=TEAMS, story=DemoStory(count=1_000), say=quiet)
    with Client(server.url) as client:
        life = Life(client, TEAMS, 7, 1_800_000_000_000)
        for _ in range(MAX_CLAIMS + 30):
            life._claim()
        assert len(life._claims) == MAX_CLAIMS


def test_finds_the_place_that_words_name() -> None:
    town = city(7)
    school = next(spot for spot in town.landmarks if spot.kind == "school")
    assert find_place(town, f"behind {school.name.upper()} in {school.near}, near tea stall") == school
    hood = town.hoods[0]
    assert find_place(town, f"{hood.name_ta} பின்புறம்") is not None
    assert find_place(town, "somewhere near the big tree") is None
