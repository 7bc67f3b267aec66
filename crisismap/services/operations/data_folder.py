"""The data folder: copying files into it atomically, and noticing when they are replaced."""

from __future__ import annotations

import shutil
from pathlib import Path

from crisismap.core.errors import Invalid
from crisismap.files import sync
from crisismap.settings import make_folder


def put_file(file: Path, folder: Path, name: str) -> None:
    """Copy `file` to `name` in the data folder, synced. Raises Invalid, and then keeps the old file."""
    make_folder(folder)
    half = (folder / name).with_suffix(".new")
    try:
        shutil.copyfile(file, half)
        sync(half)
        half.replace(folder / name)
    except OSError as problem:
        raise Invalid("file", file.name, "file_not_copied", problem=problem.strerror) from None
    finally:
        half.unlink(missing_ok=True)


def file_stamp(path: Path) -> tuple[int, int] | None:
    """Return what changes when a file is replaced; None without a file."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_ino
