"""The `crisismap` command as people start it, and the same without a new process where many are needed."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

from crisismap.cli import main


@dataclass(frozen=True)
class Done:
    """What a command left."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Its stdout, which must be one JSON document and nothing else."""
        return json.loads(self.out)


def _environ(data_dir: Path, env: dict[str, str] | None) -> dict[str, str]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("CRISISMAP_")}
    return inherited | {"CRISISMAP_DATA_DIR": str(data_dir)} | (env or {})


def run(words: Sequence[str | Path], data_dir: Path, env: dict[str, str] | None = None) -> Done:
    """A process of its own, started from `/`."""
    command = [sys.executable, "-m", "crisismap", *map(str, words)]
    done = subprocess.run(
        command, cwd="/", env=_environ(data_dir, env), capture_output=True, text=True, check=False, timeout=60
    )
    return Done(done.returncode, done.stdout, done.stderr)


def call(words: Sequence[str | Path], data_dir: Path, env: dict[str, str] | None = None) -> Done:
    """The same in this process, which is ten times as fast."""
    out, err, code = io.StringIO(), io.StringIO(), 0
    with (
        mock.patch.object(sys, "argv", ["crisismap", *map(str, words)]),
        mock.patch.dict(os.environ, _environ(data_dir, env), clear=True),
        redirect_stdout(out),
        redirect_stderr(err),
    ):
        try:
            main()
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else 0 if end.code is None else 1
    return Done(code, out.getvalue(), err.getvalue())


def refused(done: Done, code: int, *words: str) -> None:
    """The command must have ended with this status and one plain sentence that has these words."""
    assert done.code == code, done
    told = " ".join(done.err.replace("│", " ").split())
    for word in words:
        assert word in told, told
    assert "Traceback" not in done.err
