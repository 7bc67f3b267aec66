"""The real program for the tests: `crisismap serve` as its own process, started from a folder not ours."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import httpx
import pytest

from tests.processes import free_port, stop, tied

START_S = 60


@dataclass
class Server:
    """A running server; `token` is its one-run admin token."""

    url: str
    token: str
    data_dir: Path
    log: Path
    process: subprocess.Popen[bytes]

    @property
    def pid(self) -> int:
        return self.process.pid

    @property
    def port(self) -> int:
        return int(self.url.rsplit(":", 1)[1])

    @property
    def auth(self) -> dict[str, str]:
        """Headers of the admin."""
        return {"Authorization": f"Bearer {self.token}"}

    def stop(self) -> int:
        """End it in an orderly way; returns the exit status."""
        return stop(self.process)

    def kill(self) -> None:
        """SIGKILL, as a power cut does; returns when it is gone."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()


class StartServer(Protocol):
    """The `server` fixture."""

    def __call__(
        self,
        data_dir: Path | None = None,
        port: int | None = None,
        env: dict[str, str] | None = None,
        command: str = "serve",
    ) -> Server: ...


@pytest.fixture
def server(tmp_path: Path) -> Iterator[StartServer]:
    """`server(data_dir=None, port=None, env=None, command="serve")` starts one and waits for /healthz.

    Rate limits are off unless `env` says otherwise. All are ended, by pid, when the test ends.
    """
    started: list[Server] = []

    def start(
        data_dir: Path | None = None,
        port: int | None = None,
        env: dict[str, str] | None = None,
        command: str = "serve",
    ) -> Server:
        number = len(started)
        one = launch(
            data_dir or tmp_path / f"data-{number}",
            port or free_port(),
            {"CRISISMAP_RATE_LIMIT": "off"} | (env or {}),
            command,
            tmp_path / f"server-{number}.log",
        )
        started.append(one)
        return one

    yield start
    for one in started:
        one.stop()


@contextmanager
def serving(folder: Path, **settings: str) -> Iterator[Server]:
    """A server with its data and log in a folder, without rate limits unless `settings` say otherwise."""
    one = launch(folder / "data", free_port(), {"CRISISMAP_RATE_LIMIT": "off"} | settings, "serve", folder / "log")
    try:
        yield one
    finally:
        one.stop()


def launch(
    data_dir: Path, port: int, env: dict[str, str], command: str, log: Path, patience_s: float = START_S
) -> Server:
    """Start a server on a data folder and wait for it; AssertionError with the end of its log if it fails."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("CRISISMAP_")}
    words = [sys.executable, "-m", "crisismap", command, "--port", str(port)]
    if command == "serve":
        words += ["--host", "127.0.0.1"]
    with log.open("ab") as out:
        process = subprocess.Popen(
            tied(words),
            cwd="/",  # nothing may depend on being started in the checkout
            env=inherited | {"CRISISMAP_DATA_DIR": str(data_dir)} | env,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
        )
    url = f"http://127.0.0.1:{port}"
    try:
        _wait(url, process, log, patience_s)
        told = json.loads((data_dir / "server.json").read_text())
        return Server(told["url"].rstrip("/"), told["token"], data_dir, log, process)
    except BaseException:
        stop(process)
        raise


def _wait(url: str, process: subprocess.Popen[bytes], log: Path, patience_s: float) -> None:
    until = time.monotonic() + patience_s
    with httpx.Client(trust_env=False, timeout=2) as client:
        while True:
            assert process.poll() is None, f"the server ended with {process.returncode}:\n{_end_of(log)}"
            assert time.monotonic() < until, f"no answer from {url}/healthz in {patience_s} s:\n{_end_of(log)}"
            try:
                if client.get(f"{url}/healthz").status_code == httpx.codes.OK:
                    return
            except httpx.TransportError:
                pass
            time.sleep(0.05)


def _end_of(log: Path) -> str:
    return log.read_text(errors="replace")[-4000:]
