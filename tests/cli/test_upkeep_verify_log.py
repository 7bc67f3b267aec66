"""The log of events proves itself: whoever changed, removed or added one is shown where."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from crisismap import bootstrap
from crisismap.core.channel import Message
from crisismap.core.own_channels import API
from crisismap.core.report.read_draft import draft_from
from crisismap.settings import read_settings
from tests.cli.command import call, refused, run
from tests.server import StartServer

EVENTS = 6


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A data folder with some events."""
    folder = tmp_path / "data"
    with bootstrap.opened(read_settings({"CRISISMAP_DATA_DIR": str(folder)})) as context:
        for _ in range(EVENTS):
            context.intake.receive(Message(draft_from({"category": "rescue", "text": "on the roof"}), API))
    return folder


def tamper(home: Path, statement: str) -> None:
    with closing(sqlite3.connect(home / "crisismap.sqlite3")) as conn, conn:
        conn.execute(statement)


def test_proves_an_honest_log(home: Path) -> None:
    done = run(["verify-log"], home)
    assert done.code == 0, done.err
    line = done.out.splitlines()[-1]
    told = call(["verify-log", "--json"], home).json
    assert line == f"{EVENTS}:{told['head']}"
    assert (told["ok"], told["events"], told["broken_at"]) == (True, EVENTS, None)
    assert call(["verify-log", "--against", line], home).code == 0


@pytest.mark.parametrize(
    ("statement", "at", "why"),
    [
        ("UPDATE event SET actor = 'somebody' WHERE revision = 3", 3, "was changed"),
        ("UPDATE event SET data = '{oops' WHERE revision = 3", 3, "cannot be read"),
        ("UPDATE event SET at_ms = at_ms - 1 WHERE revision = 1", 1, "was changed"),
        ("DELETE FROM event WHERE revision = 4", 4, "is missing"),
        ("DELETE FROM event WHERE revision = 6", 6, "ends at event 5"),
        ("UPDATE feed SET revision = 9", 7, "9 were written"),
    ],
)
def test_says_where_it_breaks(home: Path, statement: str, at: int, why: str) -> None:
    tamper(home, statement)
    refused(call(["verify-log"], home), 1, f"event {at}", why)
    done = call(["verify-log", "--json"], home)
    assert done.code == 1
    assert (done.json["ok"], done.json["broken_at"]) == (False, at)


def test_shows_a_chain_written_anew_by_a_hash_kept_elsewhere(home: Path) -> None:
    line = call(["verify-log"], home).out.splitlines()[-1]
    tamper(home, "DELETE FROM event")
    tamper(home, "UPDATE feed SET revision = 0, hash = zeroblob(32)")
    assert call(["verify-log"], home).code == 0, "the log alone cannot know"
    refused(call(["verify-log", "--against", line], home), 1, "had 6")
    refused(call(["verify-log", "--against", "6:abc"], home), 1, "against")


def test_refuses_a_folder_without_a_database(tmp_path: Path) -> None:
    refused(call(["verify-log"], tmp_path / "none"), 1, "no database")
    assert not (tmp_path / "none").exists()


def test_proves_it_through_a_running_server(home: Path, server: StartServer) -> None:
    one = server(data_dir=home)
    assert run(["verify-log", "--json"], home).json["ok"] is True
    tamper(home, "UPDATE event SET actor = 'somebody' WHERE revision = 2")
    refused(run(["verify-log"], home), 1, "event 2")
    assert one.process.poll() is None
