"""A file that somebody brings is put in one step, or not at all."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from crisismap.core.errors import Invalid
from crisismap.services.operations.data_folder import put_file


def test_makes_the_folder_and_puts_the_file_there(tmp_path: Path) -> None:
    (tmp_path / "brought.pmtiles").write_bytes(b"streets")
    put_file(tmp_path / "brought.pmtiles", tmp_path / "data", "basemap.pmtiles")
    assert (tmp_path / "data" / "basemap.pmtiles").read_bytes() == b"streets"
    assert stat.S_IMODE((tmp_path / "data").stat().st_mode) == 0o700
    assert [path.name for path in (tmp_path / "data").iterdir()] == ["basemap.pmtiles"], "no half a file is left"


def test_takes_the_place_of_what_was_there(tmp_path: Path) -> None:
    for content in (b"old", b"new"):
        (tmp_path / "brought").write_bytes(content)
        put_file(tmp_path / "brought", tmp_path / "data", "basemap.pmtiles")
    assert (tmp_path / "data" / "basemap.pmtiles").read_bytes() == b"new"


def test_leaves_what_was_there_when_it_cannot_copy(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "basemap.pmtiles").write_bytes(b"old")
    for wrong in (tmp_path / "nothing", tmp_path):
        with pytest.raises(Invalid):
            put_file(wrong, tmp_path / "data", "basemap.pmtiles")
    assert (tmp_path / "data" / "basemap.pmtiles").read_bytes() == b"old"
    assert [path.name for path in (tmp_path / "data").iterdir()] == ["basemap.pmtiles"]
