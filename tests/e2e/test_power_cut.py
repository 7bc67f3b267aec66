"""A power cut at any instant under load: every acknowledged report is there, once, and it starts by itself (row 1).

The disk's image is kept by tests/disk.c: what was synced, and of what was not synced any sectors in any order.
"""

from __future__ import annotations

import random
import shutil
import threading
from pathlib import Path

import pytest

from tests.e2e.test_kill import CLIENTS, Ledger, ids, kept, load, post_all_again
from tests.faults import Fails, MakeDisk, after_a_power_cut
from tests.server import Server, StartServer


def cut_under_load(server: Server, ledger: Ledger, least: int, chance: random.Random) -> set[str]:
    """Load the server and end it at a random moment; gives what it had acknowledged by then."""
    goal, stop = len(ledger) + least + chance.randrange(200), threading.Event()
    threads = [
        threading.Thread(target=load, args=(server.url, ledger, stop), kwargs={"batches": number == 0})
        for number in range(CLIENTS)
    ]
    for thread in threads:
        thread.start()
    while len(ledger) < goal:
        stop.wait(0.001)
    stop.wait(chance.random() / 20)
    server.kill()
    stop.set()
    for thread in threads:
        thread.join()
    return set(ledger.told)


def rounds(start: StartServer, disk: MakeDisk, folder: Path, number: int, least: int) -> None:
    chance, ledger, shares = random.Random(), Ledger(), []
    data = folder / "data-0"
    for cut in range(number):
        under = disk(data)
        if data.exists():
            shutil.copytree(data, under.image, dirs_exist_ok=True)  # what is there was synced long ago
        before = len(ledger)
        told = cut_under_load(start(data_dir=data, env=under.env), ledger, least, chance)
        shares.append(len(told) - before)
        data = after_a_power_cut(under, folder / f"data-{cut + 1}")
        found = kept(data)  # opens it with the chain of events checked
        assert len(found) == len(set(found)), "none doubled"
        assert told <= set(found), f"{len(told - set(found))} acknowledged reports are lost"
    server = start(data_dir=data)
    assert len(ids(server)) == len(found), "it starts without repair"
    post_all_again(server, ledger)
    assert len(ids(server)) == len(ledger.sent), "what was not acknowledged can be sent again, once"
    print(
        f"\n{number} power cuts, {sum(shares)} acknowledged under load ({min(shares)} or more a round), "
        "0 lost, 0 doubled"
    )


def test_loses_and_doubles_nothing_in_power_cuts(server: StartServer, disk: MakeDisk, tmp_path: Path) -> None:
    rounds(server, disk, tmp_path, 2, 200)


@pytest.mark.soak
@pytest.mark.timeout(3600)
def test_loses_and_doubles_nothing_in_twenty_power_cuts(server: StartServer, disk: MakeDisk, tmp_path: Path) -> None:
    rounds(server, disk, tmp_path, 20, 1000)


def test_would_lose_reports_on_a_disk_that_lies(server: StartServer, disk: MakeDisk, tmp_path: Path) -> None:
    """The negative control: the same with a disk that says "synced" and has not written."""
    data = tmp_path / "data"
    under = disk(data)
    one, ledger = server(data_dir=data, env=under.env), Ledger()
    under.fail(Fails.SYNC_LIES)
    told = cut_under_load(one, ledger, 50, random.Random())
    left = after_a_power_cut(under, tmp_path / "left")
    try:
        found = set(kept(left))
    except Exception:
        found = set()
    assert not told <= found
