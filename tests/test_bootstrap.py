"""The composition root: opens what is fit, refuses what is not, and notes where the server answers."""

from __future__ import annotations

import json
import os
import socket
import stat
from pathlib import Path

import pytest

from crisismap import bootstrap
from crisismap.bootstrap import ServerNote
from crisismap.core.errors import AlreadyRunning, Misconfigured
from crisismap.settings import Settings, read_settings
from tests.conftest import FakeClock


def settings(folder: Path, **environ: str) -> Settings:
    return read_settings({"CRISISMAP_DATA_DIR": str(folder), **environ})


def test_lets_one_process_hold_a_folder(tmp_path: Path, clock: FakeClock) -> None:
    with (
        bootstrap.opened(settings(tmp_path / "data"), clock=clock),
        pytest.raises(AlreadyRunning),
        bootstrap.opened(settings(tmp_path / "data"), clock=clock),
    ):
        pass
    with bootstrap.opened(settings(tmp_path / "data"), clock=clock) as again:
        assert not again.views.made_up


def test_opens_a_demo_as_a_demo_only(tmp_path: Path, clock: FakeClock) -> None:
    made_up = settings(tmp_path / "demo")
    with bootstrap.opened(made_up, demo=True, clock=clock) as context:
        assert context.views.made_up
    with pytest.raises(Misconfigured) as refusal:
        bootstrap.check_folder(made_up, demo=False)
    assert refusal.value.code == "this_is_a_demo"
    with bootstrap.opened(made_up, demo=None, clock=clock) as context:
        assert context.views.made_up, "a command takes it as it is"


def test_refuses_another_secret_than_the_databases_own(tmp_path: Path) -> None:
    first, other = ({"CRISISMAP_SECRET_KEY": letter * 40} for letter in "ab")
    bootstrap.open_store(settings(tmp_path, **first)).close()
    with pytest.raises(Misconfigured) as refusal:
        bootstrap.open_store(settings(tmp_path, **other))
    assert refusal.value.code == "wrong_secret"
    bootstrap.open_store(settings(tmp_path, **first)).close()


def test_makes_no_database_where_one_must_be(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured):
        bootstrap.existing_store(settings(tmp_path / "none"))
    assert not (tmp_path / "none").exists()


def test_names_what_stands_in_the_way_and_changes_nothing(tmp_path: Path) -> None:
    assert bootstrap.problems(settings(tmp_path / "data")) == []
    (tmp_path / "file").write_text("")
    [found] = bootstrap.problems(settings(tmp_path / "file" / "data"))
    assert "is not a folder" in found
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file"]


def test_knows_whether_a_port_is_free() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        assert not bootstrap.port_is_free("127.0.0.1", port)
    assert bootstrap.port_is_free("127.0.0.1", port)


def test_writes_where_it_answers_for_its_owner_only(tmp_path: Path) -> None:
    note = ServerNote(tmp_path)
    assert note.read() is None
    note.write("http://127.0.0.1:8501", "secret")
    assert stat.S_IMODE(note.path.stat().st_mode) == 0o600
    assert note.read() == {"url": "http://127.0.0.1:8501", "token": "secret", "pid": os.getpid()}
    assert [path.name for path in tmp_path.iterdir()] == ["server.json"], "no half of it is left"
    for junk in ("", "[]", json.dumps({"url": "x"})):
        note.path.write_text(junk)
        assert note.read() is None
    note.remove()
    note.remove()


def test_gives_the_address_as_set_then_as_noted_then_the_default(tmp_path: Path) -> None:
    assert bootstrap.base_url(settings(tmp_path)) == "http://localhost:8501"
    ServerNote(tmp_path).write("http://127.0.0.1:9999", "secret")
    assert bootstrap.base_url(settings(tmp_path)) == "http://127.0.0.1:9999"
    public = settings(tmp_path, CRISISMAP_PUBLIC_URL="https://flood.example.org")
    assert bootstrap.base_url(public) == "https://flood.example.org"


def test_has_no_deployment_until_one_is_installed(tmp_path: Path, clock: FakeClock) -> None:
    with pytest.raises(Misconfigured):
        bootstrap.current()
    with bootstrap.opened(settings(tmp_path), clock=clock) as context:
        bootstrap.install(context)
        try:
            assert bootstrap.current() is context
        finally:
            bootstrap.install(None)
    with pytest.raises(Misconfigured):
        bootstrap.current()
