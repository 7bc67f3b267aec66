"""Starts a child process of our own program, isolated and with a time limit, to read untrusted data."""

from __future__ import annotations

import os
import subprocess  # noqa: S404 - the child is our own program
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

import crisismap
from crisismap.core.errors import Malformed

_START = "import sys; sys.path.insert(0, sys.argv[1]); from {module} import main; sys.exit(main())"


class Fault(msgspec.Struct, frozen=True):
    """A refusal by a child: its code and details."""

    code: str
    details: dict[str, Any] = {}

    @property
    def refusal(self) -> Malformed:
        """Return it as an error."""
        return Malformed(self.code, **self.details)


@dataclass(frozen=True, slots=True)
class ChildProcess:
    """A child: the module whose `main` it runs, its working folder, its whole environment, its time limit."""

    module: str
    folder: Path
    environment: Mapping[str, str]
    wall_s: float

    def run(self, order: bytes, out: int, what: str, *arguments: str) -> None:
        """Run it with `order` on standard input and `out` as standard output; `what` names the data in errors.

        Raises Malformed when it failed or exceeded its time.
        """
        try:
            done = subprocess.run(  # noqa: S603 - a fixed command; what strangers sent travels as data
                self._command(arguments), input=order, stdout=out, timeout=self.wall_s, **self._options
            )
        except subprocess.TimeoutExpired:
            problem = Malformed("reading_too_slow", seconds=f"{self.wall_s:.0f}")
            raise Malformed("unreadable", what=what, problem=problem) from None
        if done.returncode != 0:
            raise Malformed("unreadable", what=what, problem=Malformed("reading_failed"))

    def start(self, *arguments: str) -> subprocess.Popen[bytes]:
        """Start a long-running child, used through its pipes; the caller is responsible for its time and its end."""
        return subprocess.Popen(  # noqa: S603 - the same fixed command
            self._command(arguments), stdin=subprocess.PIPE, stdout=subprocess.PIPE, **self._options
        )

    @property
    def _options(self) -> dict[str, Any]:
        environment = dict(self.environment)
        return {"stderr": subprocess.DEVNULL, "env": environment, "cwd": self.folder, "start_new_session": True}

    def _command(self, arguments: tuple[str, ...]) -> list[str]:
        root = str(Path(crisismap.__file__).resolve().parent.parent)
        start = _START.format(module=self.module)
        return [sys.executable, "-I", "-X", "utf8", "-c", start, root, *arguments]


def bare_environment(folder: Path) -> dict[str, str]:
    """Return what the environment of every child has."""
    return {
        "OPENBLAS_NUM_THREADS": "1",
        "OMP_NUM_THREADS": "1",
        "HOME": str(folder),
        "TMPDIR": str(folder),
        "LANG": "C.UTF-8",
        "PYTHONUTF8": "1",
        **{name: os.environ[name] for name in ("LD_LIBRARY_PATH",) if name in os.environ},
    }
