"""Files that must outlive a power cut."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from crisismap.files import sync


def test_syncs_a_file_and_the_names_in_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[int] = []
    plain = os.fsync

    def noted(descriptor: int) -> None:
        synced.append(os.fstat(descriptor).st_ino)
        plain(descriptor)

    monkeypatch.setattr(os, "fsync", noted)
    file = tmp_path / "kept"
    file.write_bytes(b"x")
    sync(file)
    sync(tmp_path)
    assert synced == [file.stat().st_ino, tmp_path.stat().st_ino]
    with pytest.raises(FileNotFoundError):
        sync(tmp_path / "missing")
