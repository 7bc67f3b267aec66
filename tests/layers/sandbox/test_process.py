"""Children that read what strangers sent: our own program with nothing of our environment, done in time or ended."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from crisismap.core.errors import Malformed
from crisismap.layers.sandbox.process import ChildProcess, bare_environment
from crisismap.layers.sandbox.raster import RasterLimits
from crisismap.layers.sandbox.raster_child import ASK, read_frame, write_frame

PHOTO = "crisismap.layers.sandbox.photo_child"
RASTER = "crisismap.layers.sandbox.raster_child"


def child(folder: Path, module: str = RASTER, wall_s: float = 30.0) -> ChildProcess:
    return ChildProcess(module, folder, bare_environment(folder), wall_s)


def limits() -> str:
    made = RasterLimits()
    return json.dumps({name: getattr(made, name) for name in made.__slots__})


def test_answers_into_the_file_that_it_is_given(tmp_path: Path) -> None:
    order = {"memory": 1 << 30, "cpu_s": 10, "answer": 1 << 20, "kind": "JPEG", "pixels": 9, "side": 9}
    answer = tmp_path / "answer"
    with answer.open("wb") as sink:
        child(tmp_path, PHOTO).run(b"no photo", sink.fileno(), "x", json.dumps(order))
    assert b"photo_damaged" in answer.read_bytes()


def test_says_that_a_child_failed(tmp_path: Path) -> None:
    with (tmp_path / "answer").open("wb") as sink, pytest.raises(Malformed) as caught:
        child(tmp_path, "crisismap.no_such_module").run(b"", sink.fileno(), "x")
    assert caught.value.details["problem"].code == "reading_failed"


def test_ends_a_child_that_takes_too_long(tmp_path: Path) -> None:
    began = time.monotonic()
    with (tmp_path / "answer").open("wb") as sink, pytest.raises(Malformed) as caught:
        child(tmp_path, wall_s=0.01).run(b"", sink.fileno(), "x", limits())
    assert caught.value.details["problem"].code == "reading_too_slow"
    assert time.monotonic() - began < 10


def test_gives_a_child_that_stays_nothing_of_our_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CRISISMAP_SECRET_KEY", "planted")
    one = child(tmp_path).start(limits())
    assert one.stdin is not None and one.stdout is not None
    try:
        write_frame(one.stdin, ASK, b"junk")
        assert read_frame(one.stdout) is not None, "it is up and speaks"
        environ = Path(f"/proc/{one.pid}/environ")
        if environ.exists():
            assert b"planted" not in environ.read_bytes()
    finally:
        one.kill()
        one.wait()
        one.stdin.close()
        one.stdout.close()
