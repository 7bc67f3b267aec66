"""A disk that fails or loses power: builds tests/disk.c with gcc and preloads it into the server of a test."""

from __future__ import annotations

import mmap
import os
import shutil
import struct
import subprocess
import sys
from collections.abc import Iterator
from enum import IntEnum
from pathlib import Path

import pytest

SOURCE = Path(__file__).with_name("disk.c")


class Fails(IntEnum):
    """What fails while it is set; as in disk.c."""

    NOTHING = 0
    WRITE = 1  # EIO
    SYNC = 2  # EIO
    FULL = 3  # ENOSPC
    SYNC_LIES = 4  # says yes, and keeps nothing: the negative control
    SHORT = 5  # writes the half and says so
    HANG = 6  # sync does not return
    CRASH = 7  # the process ends after so many writes


class Disk:
    """The disk under one data folder. `env` makes a server use it, `image` is what a power cut would leave."""

    def __init__(self, library: Path, data_dir: Path, room: Path) -> None:
        self.image = room / "image"
        self.image.mkdir(parents=True)
        path = room / "control"
        path.write_bytes(bytes(4096))
        self._file = path.open("r+b")
        self._page = mmap.mmap(self._file.fileno(), 4096)
        self.env = {
            "LD_PRELOAD": str(library),
            "FAULT_DIR": str(data_dir),
            "FAULT_SHADOW": str(self.image),
            "FAULT_CONTROL": str(path),
        }

    def fail(self, how: Fails, after: int = 0) -> None:
        """From now on; `after`: writes, for CRASH."""
        self._page[8:12] = struct.pack("i", after)
        self._page[0:4] = struct.pack("i", how)

    @property
    def failures(self) -> int:
        """How many calls were refused or shortened."""
        return int(struct.unpack("i", self._page[4:8])[0])

    def close(self) -> None:
        """Let go."""
        self._page.close()
        self._file.close()


@pytest.fixture(scope="session")
def disk_library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """disk.c as a library."""
    gcc = shutil.which("gcc") or shutil.which("cc")
    if sys.platform != "linux" or gcc is None:
        pytest.skip("A failing disk needs Linux and a C compiler. To get it: sudo apt-get install gcc libc6-dev")
    library = tmp_path_factory.mktemp("disk") / "disk.so"
    command = [gcc, "-O1", "-Wall", "-shared", "-fPIC", "-o", str(library), str(SOURCE), "-ldl", "-lpthread"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return library


class MakeDisk:
    """The `disk` fixture: `disk(data_dir)` gives a fresh one."""

    def __init__(self, library: Path, room: Path) -> None:
        self._library, self._room = library, room
        self.made: list[Disk] = []

    def __call__(self, data_dir: Path) -> Disk:
        one = Disk(self._library, data_dir, self._room / f"disk-{len(self.made)}")
        self.made.append(one)
        return one


@pytest.fixture
def disk(disk_library: Path, tmp_path: Path) -> Iterator[MakeDisk]:
    """Makes disks, and lets go of them when the test ends."""
    make = MakeDisk(disk_library, tmp_path)
    yield make
    for one in make.made:
        one.close()


def after_a_power_cut(disk: Disk, target: Path) -> Path:
    """A data folder as the machine finds it when the power is back."""
    shutil.copytree(disk.image, target)
    target.chmod(0o700)
    for path in target.iterdir():
        path.chmod(0o600)
    assert os.listdir(target), "the disk was used"
    return target
