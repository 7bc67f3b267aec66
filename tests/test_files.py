"""Files that must outlive a power cut, and addresses that change with a file."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from crisismap.files import MARKED, STATIC, asset, mark_of, sync


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


def test_marks_the_address_of_a_static_file_by_its_content() -> None:
    content = (STATIC / "plain.css").read_bytes()
    assert asset("plain.css") == f"/assets/plain.css?v={mark_of(content)[:MARKED]}"
    assert mark_of(content) != mark_of(content + b" ")
    with pytest.raises(FileNotFoundError):
        asset("missing.css")
