"""A data folder for a server, filled by `benchmarks.seed` in a process of its own."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class SeededFolder:
    """The folder, and the secret of a responder's session in it."""

    folder: Path
    session: str


def seeded_folder(folder: Path, n: int, areas: int = 0, *, unanswered: bool = False) -> SeededFolder:
    """Fill a new folder with n reports, all of them requests if `unanswered`, areas and two shelters for each area."""
    arguments = [str(folder), str(n), "--areas", str(areas), *(["--unanswered"] if unanswered else [])]
    process = subprocess.run([sys.executable, "-m", "benchmarks.seed", *arguments], capture_output=True, text=True)
    if process.returncode:
        raise RuntimeError(f"the folder could not be filled:\n{process.stderr[-3000:]}")
    return SeededFolder(folder, process.stdout.strip().splitlines()[-1])
