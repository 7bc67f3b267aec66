"""Child processes of the tests: a free port, and children that never outlive the run."""

from __future__ import annotations

import contextlib
import shutil
import signal
import socket
import subprocess


def free_port() -> int:
    """A TCP port of 127.0.0.1 that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def tied(command: list[str], with_signal: str = "TERM") -> list[str]:
    """The command, to be signalled by the kernel when the test run dies, even by SIGKILL; the pid stays."""
    setpriv = shutil.which("setpriv")
    return [setpriv, f"--pdeathsig={with_signal}", "--", *command] if setpriv else command


def stop(process: subprocess.Popen[bytes], with_signal: int = signal.SIGTERM, patience_s: float = 15) -> int:
    """Ask one process to end, by its pid; kill it when it does not listen. Returns its exit status."""
    if process.poll() is None:
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(with_signal)
        try:
            process.wait(patience_s)
        except subprocess.TimeoutExpired:
            process.kill()
    return process.wait()
