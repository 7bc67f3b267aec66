"""The file of a snapshot: what was written is read again, and no other byte is believed."""

from __future__ import annotations

import stat
from pathlib import Path

import msgspec
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crisismap.situation.snapshot import container

ARRAYS = {"a": np.arange(5), "none": np.empty(0, np.float32), "b": np.array([True, False])}
TEXTS = [b'"one"', b'"two"']


def written(path: Path) -> bytes:
    kinds = [(name, array.dtype.str, len(array)) for name, array in ARRAYS.items()]
    head = container.Head("f", msgspec.Raw(b'{"n":1}'), kinds, sum(map(len, TEXTS)))
    assert container.write(path, head, ARRAYS.values(), TEXTS, lambda: True) == path.stat().st_size
    return path.read_bytes()


def read(path: Path) -> tuple[dict[str, np.ndarray], bytes]:
    with path.open("rb") as file:
        arrays, texts = container.read_rest(file, container.read_head(file))
    return {name: arrays[name][: len(ARRAYS[name])] for name in ARRAYS}, bytes(texts)


def test_reads_what_was_written(tmp_path: Path) -> None:
    written(tmp_path / "s")
    arrays, texts = read(tmp_path / "s")
    assert {name: array.tolist() for name, array in arrays.items()} == {n: a.tolist() for n, a in ARRAYS.items()}
    assert texts == b"".join(TEXTS)


def test_is_for_its_owner_only(tmp_path: Path) -> None:
    written(tmp_path / "s")
    assert stat.S_IMODE((tmp_path / "s").stat().st_mode) == 0o600


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.data())
def test_refuses_one_altered_byte_anywhere(tmp_path: Path, data: st.DataObject) -> None:
    whole = written(tmp_path / "s")
    at, other = data.draw(st.integers(0, len(whole) - 1)), data.draw(st.integers(1, 255))
    (tmp_path / "s").write_bytes(whole[:at] + bytes([whole[at] ^ other]) + whole[at + 1 :])
    with pytest.raises(container.Damaged):
        read(tmp_path / "s")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.data())
def test_refuses_one_cut_short_or_too_long(tmp_path: Path, data: st.DataObject) -> None:
    whole = written(tmp_path / "s")
    (tmp_path / "s").write_bytes(whole[: data.draw(st.integers(0, len(whole) - 1))])
    with pytest.raises(container.Damaged):
        read(tmp_path / "s")
    (tmp_path / "s").write_bytes(whole + b"x")
    with pytest.raises(container.Damaged):
        read(tmp_path / "s")


def test_leaves_nothing_when_it_may_not_go_on(tmp_path: Path) -> None:
    answers = iter([True, True, False])
    head = container.Head("f", msgspec.Raw(b"{}"), [], 10)
    with pytest.raises(container.Abandoned):
        container.write(tmp_path / "s", head, [], TEXTS, lambda: next(answers))
    assert list(tmp_path.iterdir()) == []


def test_overwrites_what_it_deletes(tmp_path: Path) -> None:
    written(tmp_path / "s")
    (tmp_path / "same").hardlink_to(tmp_path / "s")  # the disk as somebody finds it who looks for deleted files
    container.wipe(tmp_path / "s")
    assert not (tmp_path / "s").exists()
    assert not (tmp_path / "same").read_bytes().strip(b"\0")
    container.wipe(tmp_path / "s")
