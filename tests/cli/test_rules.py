"""`crisismap rules test`, on a folder that a server may have open."""

from __future__ import annotations

from pathlib import Path

from crisismap.services.runtime.context import Context
from tests.cli.command import call, refused
from tests.conftest import FakeClock
from tests.services.deployment import ask, opened


def test_tries_rules_beside_a_server_and_refuses_a_broken_folder(tmp_path: Path, clock: FakeClock) -> None:
    home = tmp_path / "data"
    context: Context
    with opened(home, clock) as context:
        ask(context)
        done = call(["rules", "test"], home)
    assert (done.code, done.out.splitlines()[0]) == (0, "0 of 1 reports would change")
    assert call(["rules", "test", "--json"], home).json["reports"] == 1
    refused(call(["rules", "test", tmp_path / "nothing"], home), 1, "nothing/categories")
