"""A real PostgreSQL with PostGIS for the tests: its own cluster on loopback, run as an unprivileged user.

`postgres_url` starts it once per run; `postgres_db` gives each test a fresh database with PostGIS in it.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.processes import free_port, stop, tied
from tools import programs

USER = "crisismap"
TEMPLATE = "with_postgis"
START_S = 30


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """SQLAlchemy URL of the server, ending in a slash: append the name of a database."""
    folder = programs.postgres()
    if folder is None:
        pytest.skip(f"No PostgreSQL with PostGIS is installed. To get it: {programs.GET_POSTGRES}")
    with cluster(folder) as port:
        yield f"postgresql+psycopg://{USER}@127.0.0.1:{port}/"


@pytest.fixture
def postgres_db(postgres_url: str) -> Iterator[str]:
    """SQLAlchemy URL of a fresh database with PostGIS, dropped after the test."""
    with database(postgres_url) as url:
        yield url


@contextmanager
def database(server_url: str, *, postgis: bool = True) -> Iterator[str]:
    """Make a database on the tests' server, give its URL, drop it. `postgis=False` gives a bare one."""
    name = f"t_{uuid.uuid4().hex[:16]}"
    template = TEMPLATE if postgis else "template1"
    _do(server_url, f"CREATE DATABASE {name} TEMPLATE {template}")
    try:
        yield server_url + name
    finally:
        _do(server_url, f"DROP DATABASE {name} WITH (FORCE)")


@contextmanager
def cluster(binaries: Path) -> Iterator[int]:
    """Start a cluster in a temporary folder and give its port; ended by pid and removed whatever happens."""
    account = _account()
    # Not pytest's tmp_path: its folders are closed to other users, and the server must not run as root.
    folder = Path(tempfile.mkdtemp(prefix="crisismap-postgres-"))
    log = folder / "log"
    process: subprocess.Popen[bytes] | None = None
    try:
        if account:
            os.chown(folder, account["user"], account["group"])
        data = folder / "data"
        initdb = [str(binaries / "initdb"), "-D", str(data), "-U", USER, "--auth=trust"]
        made = subprocess.run(
            [*initdb, "--encoding=UTF8", "--locale=C.UTF-8"],
            cwd=folder,
            capture_output=True,
            text=True,
            **account,
        )
        assert made.returncode == 0, made.stderr
        port = free_port()
        settings = {
            "listen_addresses": "127.0.0.1",
            "port": port,
            "unix_socket_directories": "",
            "fsync": "on",
        }
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        command = tied([str(binaries / "postgres"), "-D", str(data), *options], "INT")
        with log.open("wb") as out:
            process = subprocess.Popen(command, cwd=folder, stdout=out, stderr=out, **account)
        _wait(process, port, log)
        yield port
    finally:
        if process is not None:
            stop(process, signal.SIGINT)  # SIGINT is PostgreSQL's "fast" way to end
        shutil.rmtree(folder, ignore_errors=True)


def _account() -> dict[str, Any]:
    """Arguments for subprocess that leave root behind, as which PostgreSQL refuses to run; else {}."""
    if os.geteuid() != 0:
        return {}
    for name in ("postgres", "nobody"):
        try:
            person = pwd.getpwnam(name)
        except KeyError:
            continue
        return {"user": person.pw_uid, "group": person.pw_gid, "extra_groups": []}
    raise AssertionError("there is no unprivileged user (postgres, nobody) to run PostgreSQL as")


def _wait(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    """Wait until the server answers and the template database with PostGIS is made."""
    url = f"postgresql+psycopg://{USER}@127.0.0.1:{port}/"
    until = time.monotonic() + START_S
    while True:
        try:
            _do(url, f"CREATE DATABASE {TEMPLATE}")
            break
        except psycopg.OperationalError:
            assert process.poll() is None, f"PostgreSQL ended:\n{log.read_text()}"
            assert time.monotonic() < until, f"PostgreSQL did not answer in {START_S} s:\n{log.read_text()}"
            time.sleep(0.05)
    _do(url, "CREATE EXTENSION postgis", name=TEMPLATE)


def _do(server_url: str, statement: str, name: str = "postgres") -> None:
    address = server_url.replace("postgresql+psycopg://", "postgresql://") + name
    with psycopg.connect(address, autocommit=True, connect_timeout=10) as connection:
        connection.execute(statement.encode())
