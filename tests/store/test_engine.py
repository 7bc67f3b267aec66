"""How SQLite is opened: nothing acknowledged may be lost, nobody else may write, readers only read."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

import pytest
from sqlalchemy import Connection, event, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import Pool

from crisismap.core.errors import AlreadyRunning, Misconfigured
from crisismap.store.engine import FolderLock, Reader, open_engine, temporary_engine
from crisismap.store.store import Store
from tests.store.making import KEY, kept, new, opened

ROOT = Path(__file__).parents[2]


@pytest.fixture
def file_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'crisismap.sqlite3'}"


@pytest.mark.parametrize("writes", [True, False])
def test_runs_with_full_sync_and_a_write_ahead_log(file_url: str, writes: bool) -> None:
    engine = open_engine(file_url, writes=writes)
    with ExitStack() as stack:
        for _ in range(1 if writes else 3):
            conn = stack.enter_context(engine.connect())
            assert conn.execute(text("PRAGMA synchronous")).scalar_one() == 2
            assert conn.execute(text("PRAGMA journal_mode")).scalar_one() == "wal"
            assert conn.execute(text("PRAGMA foreign_keys")).scalar_one() == 1
    engine.dispose()


def test_refuses_to_run_with_less_than_full_sync(file_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control: somebody weakens the setting, and nothing starts."""

    class Weak:
        def __init__(self, connection: object) -> None:
            object.__setattr__(self, "real", connection)

        def __getattr__(self, name: str) -> object:
            return getattr(self.real, name)

        def __setattr__(self, name: str, value: object) -> None:
            setattr(self.real, name, value)

        def execute(self, statement: str) -> object:
            weaker = statement.replace("synchronous = FULL", "synchronous = NORMAL")
            return self.real.execute(weaker)  # type: ignore[attr-defined]

    listen = event.listens_for

    def weakened(target: object, name: str) -> object:
        def wrap(function):  # type: ignore[no-untyped-def]
            if name == "connect" and not isinstance(target, Pool):
                return listen(target, name)(lambda connection, record: function(Weak(connection), record))
            return listen(target, name)(function)

        return wrap

    monkeypatch.setattr("crisismap.store.engine.event.listens_for", weakened)
    engine = open_engine(file_url, writes=True)
    with pytest.raises(Misconfigured, match="synchronous=FULL"):
        engine.connect()
    engine.dispose()


def test_lets_readers_only_read(file_url: str, tmp_path: Path) -> None:
    with opened(file_url, tmp_path):
        readers = open_engine(file_url, writes=False)
        with pytest.raises(OperationalError, match="readonly"), readers.begin() as conn:
            conn.execute(text("DELETE FROM meta"))
        readers.dispose()


def test_reads_while_it_writes(file_url: str, tmp_path: Path) -> None:
    with opened(file_url, tmp_path) as store:
        kept(store, new())
        parts = store.events.everything()
        revision = next(parts).revision
        kept(store, new())  # a reader in the middle of its snapshot stops nobody
        assert sum(len(part.reports) for part in parts) == revision == 1
        assert store.events.revision() == 2


def test_refuses_a_second_holder_of_the_folder(file_url: str, tmp_path: Path) -> None:
    with opened(file_url, tmp_path):
        with pytest.raises(AlreadyRunning) as refusal:
            Store(file_url, tmp_path, KEY)
        assert str(tmp_path) in str(refusal.value)
        assert str(os.getpid()) in str(refusal.value)
        assert "CRISISMAP_DATA_DIR" in str(refusal.value)
    Store(file_url, tmp_path, KEY).close()  # the folder is free again


def test_frees_the_folder_when_its_process_is_killed(tmp_path: Path) -> None:
    script = (
        "import sys, time; from pathlib import Path; from crisismap.store.engine import FolderLock\n"
        "lock = FolderLock(Path(sys.argv[1])); print('held', flush=True); time.sleep(60)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script, str(tmp_path)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        with pytest.raises(AlreadyRunning, match=str(other.pid)):
            FolderLock(tmp_path)
        other.kill()
    FolderLock(tmp_path).close()


def test_refuses_a_database_it_does_not_know(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="mysql"):
        open_engine("mysql://localhost/x", writes=True)
    for wrong in ("no address with a hidden-word", "postgresql+psycopg2://somebody:hidden-word@localhost/x"):
        with pytest.raises(Misconfigured, match="CRISISMAP_DATABASE_URL") as refusal:
            open_engine(wrong, writes=True)
        assert "hidden-word" not in str(refusal.value)


def plus(conn: Connection, number: int, *, more: int) -> int:
    assert conn.in_transaction()
    return int(conn.execute(text("SELECT :number + :more"), {"number": number, "more": more}).scalar_one())


def test_reads_with_the_arguments_of_a_query(tmp_path: Path) -> None:
    with temporary_engine(f"sqlite:///{tmp_path / 'db'}", writes=True) as writing, writing.begin() as conn:
        conn.execute(text("CREATE TABLE thing (id INTEGER)"))
    with temporary_engine(f"sqlite:///{tmp_path / 'db'}", writes=False) as engine:
        assert Reader(engine).read(plus, 2, more=3) == 5
        with pytest.raises(OperationalError):
            Reader(engine).read(lambda conn: conn.execute(text("INSERT INTO thing VALUES (1)")))
        assert engine.pool.checkedout() == 0
