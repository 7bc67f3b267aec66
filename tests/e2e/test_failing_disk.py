"""A disk that fails: nothing is acknowledged that is not kept, health tells the truth, and it heals (row 2)."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.faults import Fails, MakeDisk, after_a_power_cut
from tests.server import Server, StartServer

WORDS = "sentinel-on-the-roof"


def post(server: Server, key: str) -> httpx.Response:
    body: dict[str, Any] = {"category": "rescue", "text": f"{WORDS} {key} " * 20, "client_id": key}
    return httpx.post(f"{server.url}/api/v1/reports", json=body, trust_env=False, timeout=30)


def get(server: Server, path: str) -> httpx.Response:
    return httpx.get(server.url + path, headers=server.auth, trust_env=False, timeout=30)


def gauge(server: Server, name: str) -> float:
    lines = get(server, "/metrics").text.splitlines()
    return float(next(line.split()[1] for line in lines if line.startswith(f"{name} ")))


@pytest.mark.parametrize("how", [Fails.WRITE, Fails.SYNC, Fails.FULL], ids=["EIO on write", "EIO on sync", "ENOSPC"])
def test_refuses_what_it_cannot_keep_and_heals(server: StartServer, disk: MakeDisk, tmp_path: Path, how: Fails) -> None:
    data = tmp_path / "data"
    under = disk(data)
    one = server(data_dir=data, env=under.env)
    kept = {}
    for number in range(10):
        answer = post(one, f"before-{number}")
        assert answer.status_code == 201
        kept[f"before-{number}"] = answer.json()
    assert (get(one, "/readyz").status_code, gauge(one, "crisismap_writes_ok")) == (200, 1)
    under.fail(how)
    for number in range(10):
        answer = post(one, f"failing-{number}")
        assert answer.status_code == 503, answer.text
        assert int(answer.headers["retry-after"]) > 0
        assert "nothing was accepted" in answer.json()["detail"]
    assert under.failures > 0, "the disk did fail"
    assert (get(one, "/readyz").status_code, gauge(one, "crisismap_writes_ok")) == (503, 0)
    assert get(one, "/healthz").status_code == 200
    assert get(one, "/api/v1/situation").json()["reports"] == 10, "reading goes on"
    under.fail(Fails.NOTHING)
    for number in range(10):
        answer = post(one, f"failing-{number}")
        assert answer.status_code == 201, "what was refused was not kept, and comes in now"
        kept[f"failing-{number}"] = answer.json()
    assert (get(one, "/readyz").status_code, gauge(one, "crisismap_writes_ok")) == (200, 1)
    assert one.process.poll() is None, "it heals without a restart"
    one.kill()
    assert WORDS not in one.log.read_text(errors="replace"), "errors in the log tell nobody's words"
    again = server(data_dir=after_a_power_cut(under, tmp_path / "after"))
    for key, receipt in kept.items():
        answer = post(again, key)
        assert (answer.status_code, answer.json()) == (200, receipt)
    assert get(again, "/api/v1/situation").json()["reports"] == 20


def test_goes_on_over_writes_that_are_cut_short(server: StartServer, disk: MakeDisk, tmp_path: Path) -> None:
    data = tmp_path / "data"
    under = disk(data)
    one = server(data_dir=data, env=under.env)
    under.fail(Fails.SHORT)
    assert [post(one, f"short-{number}").status_code for number in range(10)] == [201] * 10
    assert under.failures > 0
    one.kill()
    again = server(data_dir=after_a_power_cut(under, tmp_path / "after"))
    assert get(again, "/api/v1/situation").json()["reports"] == 10


def test_keeps_every_promise_while_it_fails_now_and_then(server: StartServer, disk: MakeDisk, tmp_path: Path) -> None:
    """Failures at random moments; what was told 201 is there afterwards, what was told 503 is not, or is there once."""
    data, chance = tmp_path / "data", random.Random()
    under = disk(data)
    one = server(data_dir=data, env=under.env)
    told: dict[str, int] = {}
    for number in range(150):
        under.fail(chance.choice([Fails.NOTHING, Fails.NOTHING, Fails.WRITE, Fails.SYNC, Fails.FULL]))
        told[f"key-{number}"] = post(one, f"key-{number}").status_code
    under.fail(Fails.NOTHING)
    assert set(told.values()) == {201, 503}
    one.kill()
    again = server(data_dir=after_a_power_cut(under, tmp_path / "after"))
    kept = sum(status == 201 for status in told.values())
    assert get(again, "/api/v1/situation").json()["reports"] >= kept
    for key, status in told.items():
        assert post(again, key).status_code in ((200,) if status == 201 else (200, 201)), key
    # The situation follows the store by a moment; what counts is that each is there, and none twice.
    eventually(lambda: get(again, "/api/v1/situation").json()["reports"] >= len(told))
    assert get(again, "/api/v1/situation").json()["reports"] == len(told)


def test_knows_and_heals_when_nobody_reports(server: StartServer, disk: MakeDisk, tmp_path: Path) -> None:
    data = tmp_path / "data"
    under = disk(data)
    one = server(data_dir=data, env=under.env)
    under.fail(Fails.FULL)
    eventually(lambda: get(one, "/readyz").status_code == 503)
    under.fail(Fails.NOTHING)
    eventually(lambda: get(one, "/readyz").status_code == 200)


@pytest.mark.timeout(180)
def test_sheds_load_while_the_disk_hangs_and_loses_nothing(server: StartServer, disk: MakeDisk, tmp_path: Path) -> None:
    data = tmp_path / "data"
    under = disk(data)
    one = server(data_dir=data, env=under.env)
    under.fail(Fails.HANG)
    with ThreadPoolExecutor(4) as pool:
        waiting = [pool.submit(post, one, f"waiting-{number}") for number in range(4)]
        eventually(lambda: get(one, "/readyz").status_code == 503)
        refused = post(one, "refused")
        assert (refused.status_code, int(refused.headers["retry-after"]) > 0) == (503, True)
        under.fail(Fails.NOTHING)
        answers = [done.result() for done in waiting]
    assert [answer.status_code for answer in answers] == [201] * 4, "what was let in is kept and told so"
    assert post(one, "refused").status_code == 201
    eventually(lambda: get(one, "/readyz").status_code == 200)
    one.kill()
    again = server(data_dir=after_a_power_cut(under, tmp_path / "after"))
    for number, answer in enumerate(answers):
        assert post(again, f"waiting-{number}").json() == answer.json()


def eventually(holds: Callable[[], bool], within_s: float = 25) -> None:
    until = time.monotonic() + within_s
    while not holds():
        assert time.monotonic() < until, "it did not come to that"
        time.sleep(0.2)
