"""The reader in the sandbox: one driver, and none that opens other files."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pyogrio.raw
import pytest

from crisismap.core.errors import CrisismapError
from crisismap.layers.formats.sniff import FileKind
from crisismap.layers.normalise.mapping import LayerMapping
from crisismap.layers.sandbox import sandbox

DRIVERS = [kind for kind in FileKind if kind.value in pyogrio.list_drivers()]


@pytest.mark.parametrize("kind", DRIVERS)
def test_reads_no_virtual_file_even_when_it_reaches_the_child(vrt: Path, tmp_path: Path, kind: FileKind) -> None:
    box = tmp_path / "box"
    box.mkdir()
    with pytest.raises(CrisismapError) as caught:
        sandbox.read(vrt.rename(box / "layer.vrt"), kind, LayerMapping(), "layer")
    assert "Camp" not in str(caught.value)


@pytest.mark.parametrize("kind", DRIVERS)
def test_leaves_the_child_one_driver(tmp_path: Path, kind: FileKind) -> None:
    told = subprocess.run(
        [sys.executable, "-I", "-c", "import pyogrio, json; print(json.dumps(sorted(pyogrio.list_drivers())))"],
        env=sandbox.environment(kind, tmp_path),
        capture_output=True,
        check=True,
    )
    assert json.loads(told.stdout) == [kind.value]
