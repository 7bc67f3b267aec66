"""A data folder for a server, filled by `benchmarks.seed` in a process of its own."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class SeededFolder:
    """The folder, and the secrets of some responders' sessions in it."""

    folder: Path
    sessions: tuple[str, ...]

    @property
    def session(self) -> str:
        """Return the secret of one."""
        return self.sessions[0]


def seeded_folder(
    folder: Path, n: int, areas: int = 0, *, unanswered: bool = False, waiting: int | None = None
) -> SeededFolder:
    """Fill a new folder with n reports, areas and two shelters for each area.

    All reports are requests if `unanswered`; about `waiting` of the requests are still unanswered.
    """
    arguments = [str(folder), str(n), "--areas", str(areas), *(["--unanswered"] if unanswered else [])]
    arguments += [] if waiting is None else ["--open", str(waiting)]
    process = subprocess.run([sys.executable, "-m", "benchmarks.seed", *arguments], capture_output=True, text=True)
    if process.returncode:
        raise RuntimeError(f"the folder could not be filled:\n{process.stderr[-3000:]}")
    return SeededFolder(folder, tuple(process.stdout.strip().splitlines()[-1].split()))
