"""A server killed at any moment starts from its snapshot with all that was acknowledged, and with nothing erased."""

from __future__ import annotations

import random
import threading
import time
from contextlib import suppress
from pathlib import Path

import httpx
import pytest

from crisismap import bootstrap
from crisismap.core.privacy import Audience
from crisismap.settings import read_settings
from crisismap.situation.snapshot.snapshot_file import NAME
from tests.server import Server, StartServer
from tests.situation.snapshot.test_equality import is_rebuilt

ROUNDS = 4
NOW_MS = 1_449_037_800_000


def post(server: Server, word: str) -> str:
    """Send a report; return its tracking code."""
    body = {"category": "rescue", "text": f"{word} on the roof", "place": word, "lon": 80.25, "lat": 13.05}
    answer = httpx.post(f"{server.url}/api/v1/reports", json=body, trust_env=False, timeout=30)
    assert answer.status_code == 201, answer.text
    code: str = answer.json()["tracking_code"]
    return code


def erase(server: Server, code: str) -> bool:
    """Return whether it was acknowledged."""
    with suppress(httpx.HTTPError):
        address = f"{server.url}/api/v1/erasures"
        return httpx.post(address, json={"code": code}, headers=server.auth, trust_env=False, timeout=30).is_success
    return False


def held(folder: Path) -> bytes:
    """Every byte of every file."""
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


def is_sound(folder: Path, log: Path, kept: int) -> None:
    """What a start from the snapshot tells is what the store says."""
    with bootstrap.opened(read_settings({"CRISISMAP_DATA_DIR": str(folder)})) as context:
        assert context.views.situation.board(Audience.AGENCY).n == kept
        is_rebuilt(context.views.situation, context, NOW_MS)
    assert "the snapshot of the situation is not used" not in log.read_text()


@pytest.mark.timeout(600)
def test_starts_with_everything_after_a_kill_at_any_moment(server: StartServer, tmp_path: Path) -> None:
    chance, data, kept, used = random.Random(7), tmp_path / "data", 0, 0
    for number in range(ROUNDS):
        one = server(data_dir=data)  # a snapshot is written from now on, at the first time and after an erasure
        used += "from the snapshot" in one.log.read_text()
        for n in range(5):
            post(one, f"word-{number}-{n}")
            kept += 1
        if number % 2:
            one.stop()
        else:
            time.sleep(chance.uniform(0, 0.5))
            one.kill()
        is_sound(data, one.log, kept)
    assert used >= ROUNDS // 2, [path.read_text() for path in tmp_path.glob("*.log")]


@pytest.mark.timeout(600)
def test_leaves_nothing_that_was_erased_whenever_it_is_killed(server: StartServer, tmp_path: Path) -> None:
    chance, data = random.Random(11), tmp_path / "data"
    for number in range(ROUNDS):
        word = f"zanzibar-{number}"
        first = server(data_dir=data)
        code = post(first, word)
        first.stop()
        assert word.encode() in (data / NAME).read_bytes(), "the search can find"
        second = server(data_dir=data)
        asked: list[bool] = []
        thread = threading.Thread(target=lambda s=second, c=code, a=asked: a.append(erase(s, c)))  # type: ignore[misc]
        thread.start()
        thread.join(chance.uniform(0, 0.05) if number % 2 else 30)
        second.kill()
        thread.join()
        if asked == [True]:
            assert word.encode() not in held(data), "it was acknowledged"
        with bootstrap.opened(read_settings({"CRISISMAP_DATA_DIR": str(data)})) as context:
            is_rebuilt(context.views.situation, context, NOW_MS)
            in_database = word.encode() in (data / "crisismap.sqlite3").read_bytes()
            assert (word.encode() in context.views.situation.heap.content()) == in_database
            assert in_database or word.encode() not in held(data)
