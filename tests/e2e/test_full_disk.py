"""A disk that takes no more: nothing is acknowledged that is not kept, and all is well again by itself (row 2)."""

from __future__ import annotations

import resource
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.server import Server, StartServer

REPORT = {"category": "rescue", "text": "on the roof " * 40, "lon": 80.25, "lat": 13.05}


def post(server: Server, key: str) -> httpx.Response:
    body: dict[str, Any] = {**REPORT, "client_id": key}
    return httpx.post(f"{server.url}/api/v1/reports", json=body, trust_env=False, timeout=30)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux lets the limit of a running process be changed")
def test_refuses_while_the_disk_is_full_and_heals_by_itself(server: StartServer, tmp_path: Path) -> None:
    one = server(data_dir=tmp_path / "data")
    kept = {f"before-{n}": post(one, f"before-{n}").json() for n in range(20)}
    log_size = (one.data_dir / "crisismap.sqlite3-wal").stat().st_size
    whole = resource.prlimit(one.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(one.pid, resource.RLIMIT_FSIZE, (log_size, whole[1]))
    try:
        refused = [post(one, f"full-{n}") for n in range(20)]
        assert {answer.status_code for answer in refused} == {503}
        for answer in refused:
            assert int(answer.headers["retry-after"]) > 0
            assert answer.json()["type"] == "urn:crisismap:problem:unavailable"
            assert "nothing was accepted" in answer.json()["detail"]
        assert httpx.get(f"{one.url}/readyz", trust_env=False).status_code == 503
        assert httpx.get(f"{one.url}/healthz", trust_env=False).status_code == 200
        numbers = httpx.get(f"{one.url}/api/v1/situation", trust_env=False).json()
        assert numbers["reports"] == 20, "reading goes on"
    finally:
        resource.prlimit(one.pid, resource.RLIMIT_FSIZE, whole)
    kept |= {f"full-{n}": post(one, f"full-{n}").json() for n in range(20)}
    assert httpx.get(f"{one.url}/readyz", trust_env=False).status_code == 200
    one.kill()
    again = server(data_dir=one.data_dir)
    for key, receipt in kept.items():
        answer = post(again, key)
        assert (answer.status_code, answer.json()) == (200, receipt)
    numbers = httpx.get(f"{again.url}/api/v1/situation", headers=again.auth, trust_env=False).json()
    assert numbers["reports"] == 40
