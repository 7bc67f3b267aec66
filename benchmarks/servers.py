"""Servers to measure, each a process of its own in a folder of its own: ours, and the peers' under uvicorn."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil

from tests.processes import free_port, stop
from tests.server import launch

START_S = 60
STOP_S = 30
LARGE_START_S = 900  # with a million reports, on a slow machine


@dataclass(frozen=True, slots=True)
class Server:
    """A running server. `token` is our admin token, "" for peers."""

    url: str
    pid: int
    token: str = ""

    def cpu_s(self) -> float:
        """Return CPU seconds used so far, user and system, children included."""
        total = 0.0
        for process in _family(self.pid):
            times = process.cpu_times()
            total += times.user + times.system
        return total

    def rss(self) -> int:
        """Return bytes of memory in use."""
        return sum(process.memory_info().rss for process in _family(self.pid))

    def stop(self) -> None:
        """Stop it in an orderly way before its context ends, to look at what it has stored."""
        process = psutil.Process(self.pid)
        process.terminate()
        process.wait(STOP_S)


def _family(pid: int) -> list[psutil.Process]:
    first = psutil.Process(pid)
    return [first, *first.children(recursive=True)]


@contextmanager
def crisismap(folder: Path, **settings: str) -> Iterator[Server]:
    """Run `crisismap serve` as people do, but without rate limits unless `settings` say otherwise."""
    log = folder.parent / f"{folder.name}.log"
    server = launch(folder, free_port(), {"CRISISMAP_RATE_LIMIT": "off"} | settings, "serve", log, LARGE_START_S)
    try:
        yield Server(server.url, server.pid, server.token)
    finally:
        server.stop()


@contextmanager
def uvicorn(app: str, folder: Path, *options: str) -> Iterator[Server]:
    """Run an ASGI app, "module:app", under uvicorn with its fastest loop and parser; it may write into `folder`."""
    port = free_port()
    command = [sys.executable, "-m", "uvicorn", app, "--port", str(port), "--no-access-log", "--log-level", "warning"]
    with _running([*command, *options], folder, f"http://127.0.0.1:{port}", "/healthz") as server:
        yield server


@contextmanager
def gunicorn(app: str, folder: Path, *options: str) -> Iterator[Server]:
    """Run a WSGI app, "module:app", under gunicorn with a process a core, and threads that keep connections open."""
    port = free_port()
    words = ["-m", "gunicorn", app, "--bind", f"127.0.0.1:{port}", "--workers", str(os.cpu_count() or 1)]
    threads = ["--worker-class", "gthread", "--threads", "16", "--keep-alive", "60", "--log-level", "warning"]
    with _running(
        [sys.executable, *words, *threads, *options], folder, f"http://127.0.0.1:{port}", "/healthz"
    ) as served:
        yield served


@contextmanager
def streamlit(script: Path, folder: Path) -> Iterator[Server]:
    """Run `streamlit run` of a script, with Streamlit's own defaults."""
    port = free_port()
    options = {
        "server.port": port,
        "server.address": "127.0.0.1",
        "server.headless": "true",
        "browser.gatherUsageStats": "false",
    }
    arguments = [argument for name, value in options.items() for argument in (f"--{name}", str(value))]
    command = [sys.executable, "-m", "streamlit", "run", str(script), *arguments]
    with _running(command, folder, f"http://127.0.0.1:{port}", "/_stcore/health") as served:
        yield served


@contextmanager
def streamlit_files(folder: Path) -> Iterator[Server]:
    """Run `crisismap serve` on `folder`/data, with Streamlit's page and files sent by Streamlit itself."""
    port = free_port()
    command = [sys.executable, "-m", "benchmarks.peers.streamlit_files", "serve", "--port", str(port)]
    with _running([*command, "--host", "127.0.0.1"], folder, f"http://127.0.0.1:{port}", "/healthz") as served:
        yield served


@contextmanager
def _running(command: list[str], folder: Path, url: str, health: str) -> Iterator[Server]:
    root = str(Path(__file__).resolve().parent.parent)
    env = os.environ | {"BENCH_FOLDER": str(folder), "PYTHONPATH": root}
    log = folder / "server.log"
    with log.open("wb") as out:
        process = subprocess.Popen(command, cwd=folder, env=env, stdout=out, stderr=out)
    try:
        _wait(url + health, process, log)
        yield Server(url, process.pid)
    finally:
        stop(process)


def _wait(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_S
    with httpx.Client(trust_env=False, timeout=2) as client:
        while True:
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"a peer did not start:\n{log.read_text(errors='replace')[-3000:]}")
            try:
                if client.get(url).status_code == httpx.codes.OK:
                    return
            except httpx.TransportError:
                pass
            time.sleep(0.05)
