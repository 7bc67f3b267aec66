"""Starts a child process of our own program, isolated and with a time limit, to read untrusted data."""

from __future__ import annotations

import subprocess  # noqa: S404 - the child is our own program
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import crisismap
from crisismap.core.errors import Malformed

_START = "import sys; sys.path.insert(0, sys.argv[1]); from {module} import main; sys.exit(main())"


@dataclass(frozen=True, slots=True)
class ChildProcess:
    """A child: the module whose `main` it runs, its working folder, its whole environment, its time limit."""

    module: str
    folder: Path
    environment: Mapping[str, str]
    wall_s: float

    def run(self, order: bytes, out: int, *arguments: str) -> Malformed | None:
        """Run it with `order` on standard input and `out` as standard output; return what went wrong, else None."""
        try:
            done = subprocess.run(  # noqa: S603 - a fixed command; what strangers sent travels as data
                self._command(arguments),
                input=order,
                stdout=out,
                stderr=subprocess.DEVNULL,
                env=dict(self.environment),
                cwd=self.folder,
                timeout=self.wall_s,
                start_new_session=True,
            )
        except subprocess.TimeoutExpired:
            return Malformed("reading_too_slow", seconds=f"{self.wall_s:.0f}")
        if done.returncode != 0:
            return Malformed("reading_failed")
        return None

    def start(self, *arguments: str) -> subprocess.Popen[bytes]:
        """Start a long-running child, used through its pipes; the caller is responsible for its time and its end."""
        return subprocess.Popen(  # noqa: S603 - the same fixed command
            self._command(arguments),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=dict(self.environment),
            cwd=self.folder,
            start_new_session=True,
        )

    def _command(self, arguments: tuple[str, ...]) -> list[str]:
        root = str(Path(crisismap.__file__).resolve().parent.parent)
        start = _START.format(module=self.module)
        return [sys.executable, "-I", "-X", "utf8", "-c", start, root, *arguments]
