"""A file that points at another, and the walls that this machine can build."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from crisismap.layers.sandbox import sandbox
from tests.layers.samples import write

ROOT = str(Path(sandbox.__file__).parents[3])


@pytest.fixture(scope="session")
def walls() -> list[str]:
    """The walls this machine's kernel can build, told by a process that shuts itself in."""
    script = "import sys; sys.path.insert(0, sys.argv[1]); from crisismap.layers.sandbox import confine\n"
    script += "print(*confine.restrict('/tmp', []))"
    command = [sys.executable, "-I", "-c", script, ROOT]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()


@pytest.fixture
def vrt(tmp_path: Path) -> Path:
    """A virtual file that points at a canary, in a folder of its own."""
    (tmp_path / "secret").mkdir()
    canary = write(tmp_path / "secret" / "canary.gpkg", "GPKG")
    path = tmp_path / "canary.vrt"
    path.write_text(
        f'<OGRVRTDataSource><OGRVRTLayer name="canary"><SrcDataSource>{canary}</SrcDataSource>'
        "</OGRVRTLayer></OGRVRTDataSource>"
    )
    return path
