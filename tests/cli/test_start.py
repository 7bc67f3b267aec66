"""It starts without looking for garbage where there is none, and looks for it afterwards."""

from __future__ import annotations

import gc
from pathlib import Path

import pytest

from crisismap.cli import nothing_collected
from tests.cli.command import call


def test_collects_nothing_meanwhile_and_again_afterwards_whatever_happens() -> None:
    assert gc.isenabled()
    with nothing_collected():
        assert not gc.isenabled()
    assert gc.isenabled()
    with pytest.raises(ValueError, match="x"), nothing_collected():
        raise ValueError("x")
    assert gc.isenabled()


def test_leaves_it_off_where_it_was_off() -> None:
    gc.disable()
    try:
        with nothing_collected():
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()


def test_collects_again_when_a_command_runs(tmp_path: Path) -> None:
    assert call(["verify-log"], tmp_path / "none").code == 1
    assert gc.isenabled()
