"""Where a command works: at a server that runs, else in the folder itself."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.command import call
from tests.cli.test_app import fill


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A data folder with one request in it."""
    return fill(tmp_path / "data", demo=False)


def test_does_not_take_another_server_for_its_own(home: Path) -> None:
    """server.json was left by a killed server, and another program answers at its address now."""
    note = {"url": "http://127.0.0.1:9", "token": "old", "pid": 2**22 + 1}
    (home / "server.json").write_text(json.dumps(note))
    assert call(["token", "create", "--role", "agency"], home).code == 0
    for junk in ("", "{", "[]", '{"url": 1}', '{"url": "nonsense", "token": "x"}'):
        (home / "server.json").write_text(junk)
        assert call(["token", "create", "--role", "agency"], home).code == 0, junk
