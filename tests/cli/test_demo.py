"""The commands demo and replay: a folder of their own, a server that runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.command import call, refused
from tests.cli.test_app import fill
from tests.processes import free_port


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A data folder with one request in it."""
    return fill(tmp_path / "data", demo=False)


def test_replays_only_to_a_running_server(tmp_path: Path) -> None:
    file = tmp_path / "reports.geojson"
    file.write_text('{"type": "FeatureCollection", "features": []}')
    refused(call(["replay", file, "--mapping", "petabencana", "--speed", "60"], tmp_path / "data"), 1, "No server runs")
    refused(call(["replay", file, "--mapping", "petabencana", "--speed", "0"], tmp_path / "data"), 2, "speed")


def test_refuses_to_serve_a_demo_or_to_make_a_demo_of_anything_else(home: Path, tmp_path: Path) -> None:
    port = str(free_port())
    refused(call(["demo", "--port", port], home), 1, "other than a demo")
    made_up = fill(tmp_path / "demo", demo=True)
    refused(call(["serve", "--port", port], made_up), 1, "made-up demo")
    letters = tmp_path / "letters"
    letters.mkdir()
    (letters / "letter.txt").write_text("dear")
    refused(call(["demo", "--port", port], letters), 1, "other than a demo")
    assert [path.name for path in letters.iterdir()] == ["letter.txt"]
    assert not (home / "server.json").exists()
