"""Compressed copies of static files: made once, named by what they hold, none left over."""

from __future__ import annotations

import gzip
from pathlib import Path

import brotli
import pytest

from crisismap.files import mark_of
from crisismap.web import packed
from crisismap.web.packed import CODINGS, copy_of, pack, streamlit_files

TEXT = b"body{color:red;background:blue}\n" * 50


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "files" / "deep").mkdir(parents=True)
    (tmp_path / "files" / "deep" / "a.css").write_bytes(TEXT)
    (tmp_path / "files" / "tiny.js").write_bytes(b"1;")
    (tmp_path / "files" / "icons.woff2").write_bytes(bytes(4000))
    return tmp_path / "files"


def test_makes_a_copy_in_each_coding_of_what_is_worth_it(folder: Path, tmp_path: Path) -> None:
    assert pack(folder, into=tmp_path / "packed") == len(CODINGS)
    mark = mark_of(TEXT)
    assert brotli.decompress((tmp_path / "packed" / f"{mark}.br").read_bytes()) == TEXT
    assert gzip.decompress((tmp_path / "packed" / f"{mark}.gzip").read_bytes()) == TEXT
    assert len(list((tmp_path / "packed").iterdir())) == len(CODINGS)


def test_makes_nothing_twice_and_removes_what_is_left_over(folder: Path, tmp_path: Path) -> None:
    into = tmp_path / "packed"
    pack(folder, into=into)
    assert pack(folder, into=into) == 0
    (into / f"{'0' * 32}.br").write_bytes(b"of a version before")
    (into / f"{'0' * 32}.br.4711").write_bytes(b"half of one")
    (folder / "deep" / "a.css").write_bytes(TEXT.upper())
    assert pack(folder, into=into) == len(CODINGS)
    assert {each.stem for each in into.iterdir()} == {mark_of(TEXT.upper())}


def test_makes_a_copy_again_that_a_power_cut_has_emptied(folder: Path, tmp_path: Path) -> None:
    into = tmp_path / "packed"
    pack(folder, into=into)
    copy_of(mark_of(TEXT), "br", into).write_bytes(b"")
    assert pack(folder, into=into) == 1
    assert brotli.decompress(copy_of(mark_of(TEXT), "br", into).read_bytes()) == TEXT


def test_leaves_no_half_of_a_copy(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise OSError("the disk is full")

    monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(OSError, match="full"):
        pack(folder, into=tmp_path / "packed")
    assert not copy_of(mark_of(TEXT), "br", tmp_path / "packed").exists()


def test_finds_the_files_of_streamlit_without_importing_it() -> None:
    import streamlit

    assert streamlit_files() == Path(streamlit.__file__).parent / "static"
    assert (streamlit_files() / "index.html").is_file()


def test_says_what_it_did(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(packed, "pack", lambda *_: 3)
    assert packed.main() == 0
    assert capsys.readouterr().out == "Compressed copies of static files made: 3.\n"
    monkeypatch.setattr(packed, "pack", lambda *_: 0)
    assert packed.main() == 0
    assert "up to date" in capsys.readouterr().out
