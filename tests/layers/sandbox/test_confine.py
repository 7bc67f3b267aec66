"""The walls round a process that reads what a stranger sent."""

from __future__ import annotations

import platform
import subprocess
import sys
from pathlib import Path

import pytest

from crisismap.layers.sandbox import sandbox

linux = pytest.mark.skipif(platform.system() != "Linux", reason="the restrictions that this test needs are Linux's")


ROOT = str(Path(sandbox.__file__).parents[3])


@linux
@pytest.mark.parametrize(
    ("act", "wall"),
    [
        ("socket.socket()", "seccomp"),
        ("socket.create_connection(('127.0.0.1', 9))", "seccomp"),
        ("socket.socketpair()", "seccomp"),
        ("os.execv('/bin/true', ['true'])", "seccomp"),
        ("open('/etc/passwd').read()", "landlock"),
        ("os.listdir('/')", "landlock"),
        ("open(outside, 'w')", "landlock"),
    ],
)
def test_takes_sockets_programs_and_files_from_a_process(tmp_path: Path, walls: list[str], act: str, wall: str) -> None:
    if wall not in walls:
        pytest.skip(f"the kernel has no {wall}; Debian's and Ubuntu's kernels have it")
    box = tmp_path / "box"
    box.mkdir()
    script = (
        "import os, socket, sys; sys.path.insert(0, sys.argv[1]); outside = sys.argv[3]\n"
        "from crisismap.layers.sandbox import confine\n"
        "confine.restrict(sys.argv[2], [])\n"
        "open(os.path.join(sys.argv[2], 'inside'), 'w').close()\n"
        f"try:\n    {act}\nexcept PermissionError:\n    print('refused')\n"
    )
    command = [sys.executable, "-I", "-c", script, ROOT, str(box), str(tmp_path / "outside")]
    told = subprocess.run(command, capture_output=True, text=True, check=True)
    assert told.stdout == "refused\n"
