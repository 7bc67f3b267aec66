"""`crisismap erase` asks once more where somebody can answer, and only there."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path


def test_asks_once_more_at_a_terminal(tmp_path: Path) -> None:
    outer, inner = pty.openpty()
    try:
        os.write(outer, b"n\n")
        done = subprocess.run(
            [sys.executable, "-m", "crisismap", "erase", "AAAA-BBBB-CCCC"],
            stdin=inner,
            capture_output=True,
            text=True,
            env={**os.environ, "CRISISMAP_DATA_DIR": str(tmp_path / "data")},
            check=False,
        )
    finally:
        os.close(inner)
        os.close(outer)
    assert done.returncode == 1
    assert "cannot be undone" in done.stdout + done.stderr
    assert not (tmp_path / "data").exists(), "nothing was opened before the answer"
