"""A data folder for a server, filled by `benchmarks.seed` in a process of its own."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Home:
    """The folder, and the secret of a responder's session in it."""

    folder: Path
    session: str


def seeded(folder: Path, n: int, *words: str) -> Home:
    """Fill a new folder with n reports; `words` are arguments of `benchmarks.seed`."""
    told = subprocess.run(
        [sys.executable, "-m", "benchmarks.seed", str(folder), str(n), *words], capture_output=True, text=True
    )
    if told.returncode:
        raise RuntimeError(f"the folder could not be filled:\n{told.stderr[-3000:]}")
    return Home(folder, told.stdout.strip().splitlines()[-1])
