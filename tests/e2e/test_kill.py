"""SIGKILL under load: what was acknowledged is there, once, whatever the moment (rows 1 to 3 of the fault list)."""

from __future__ import annotations

import json
import random
import threading
import time
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from crisismap.store.store import Store
from tests.server import Server, StartServer

CLIENTS = 8
LEAST = 200  # acknowledged reports in a round, before the kill
BATCH = 10  # lines of a batch; one of the clients sends batches


@dataclass
class Ledger:
    """What the clients sent, and what they were told."""

    sent: dict[str, dict[str, Any]] = field(default_factory=dict)  # client_id -> body
    told: dict[str, tuple[str, str]] = field(default_factory=dict)  # client_id -> id, tracking code
    lock: threading.Lock = field(default_factory=threading.Lock)

    def new(self) -> dict[str, Any]:
        name = uuid.uuid4().hex
        body = {"category": "rescue", "text": f"Help, {name}", "lon": 80.2, "lat": 13.0, "client_id": name}
        with self.lock:
            self.sent[name] = body
        return body

    def note(self, name: str, receipt: dict[str, Any]) -> None:
        found = receipt["id"], receipt["tracking_code"]
        with self.lock:
            assert self.told.setdefault(name, found) == found, "a repeat gets the first receipt"

    def __len__(self) -> int:
        return len(self.told)


def load(url: str, ledger: Ledger, stop: threading.Event, *, batches: bool) -> None:
    """One client: posts until the server is gone."""
    with httpx.Client(base_url=url, trust_env=False, timeout=10) as client:
        while not stop.is_set():
            bodies = [ledger.new() for _ in range(BATCH if batches else 1)]
            try:
                post(client, bodies, ledger)
            except httpx.TransportError:
                return


def post(client: httpx.Client, bodies: list[dict[str, Any]], ledger: Ledger) -> None:
    if len(bodies) == 1:
        answer = client.post("/api/v1/reports", json=bodies[0])
        assert answer.status_code in (200, 201), answer.text
        ledger.note(bodies[0]["client_id"], answer.json())
        return
    lines = "\n".join(json.dumps(body) for body in bodies)
    for body, receipt in zip(bodies, client.post("/api/v1/reports:batch", content=lines).json(), strict=True):
        assert receipt["status"] in (200, 201), receipt
        ledger.note(body["client_id"], receipt)


def kill_under_load(server: Server, ledger: Ledger, chance: random.Random) -> int:
    """Load the server, kill it at a random moment; gives how many reports it had acknowledged in this round."""
    before, stop = len(ledger), threading.Event()
    threads = [
        threading.Thread(target=load, args=(server.url, ledger, stop), kwargs={"batches": number == 0})
        for number in range(CLIENTS)
    ]
    for thread in threads:
        thread.start()
    goal, until = before + LEAST + chance.randrange(400), time.monotonic() + 60
    while len(ledger) < goal and time.monotonic() < until:
        time.sleep(0.001)
    time.sleep(chance.random() / 50)
    server.kill()
    stop.set()
    for thread in threads:
        thread.join()
    return len(ledger) - before


def post_all_again(server: Server, ledger: Ledger) -> None:
    """What every careful client does when it does not know: the acknowledged and the unanswered, once more."""
    with httpx.Client(base_url=server.url, trust_env=False, timeout=30) as client:
        bodies = list(ledger.sent.values())
        for at in range(0, len(bodies), 500):
            post(client, [*bodies[at : at + 500], bodies[0]], ledger)
        post(client, [bodies[-1]], ledger)


def ids(server: Server) -> list[str]:
    """The ids of all reports that the server gives out."""
    answer = httpx.get(f"{server.url}/api/v1/reports.geojsonl", headers=server.auth, trust_env=False, timeout=60)
    assert answer.status_code == 200
    return [json.loads(line)["id"] for line in answer.text.splitlines()]


def kept(data_dir: Path) -> list[str]:
    """The keys in the database itself, whose chain of events must hold."""
    secret = bytes(32)  # no contact details are opened here
    store = Store(f"sqlite:///{data_dir / 'crisismap.sqlite3'}", data_dir, secret)
    try:
        assert store.events.verify().broken_at is None
        found = [str(r.report.client_id) for part in store.events.everything() for r in part.reports]
        assert store.events.revision() >= len(found)
        return found
    finally:
        store.close()


def rounds(start: StartServer, data_dir: Path, number: int) -> None:
    """So many kills of one deployment under load."""
    chance, ledger, shares = random.Random(), Ledger(), []
    for _ in range(number):
        server = start(data_dir=data_dir)
        shares.append(kill_under_load(server, ledger, chance))
        found = kept(data_dir)
        assert len(found) == len(set(found)), "none doubled"
        assert set(ledger.told) <= set(found), "none lost"
        server = start(data_dir=data_dir)
        known = {report for report, _ in ledger.told.values()}
        shown = ids(server)
        assert len(shown) == len(set(shown)) == len(found)
        assert known <= set(shown)
        post_all_again(server, ledger)
        assert len(ledger.told) == len(ledger.sent)
        server.kill()  # quietly this time, with nothing on the way
        assert sorted(kept(data_dir)) == sorted(ledger.sent)
    assert min(shares) >= LEAST
    share = f"{min(shares)} to {max(shares)} a round"
    print(f"\n{number} kills, {sum(shares)} acknowledged under load ({share}), none lost or doubled")


def test_loses_and_doubles_nothing_when_killed_under_load(server: StartServer, tmp_path: Path) -> None:
    rounds(server, tmp_path / "data", 2)


@pytest.mark.soak
@pytest.mark.timeout(1200)
def test_loses_and_doubles_nothing_in_twenty_kills(server: StartServer, tmp_path: Path) -> None:
    rounds(server, tmp_path / "data", 20)
