"""The fingerprint: another one for whatever the columns depend on, and the same one for the same."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np

from crisismap.core.need.detector import NeedDetector
from crisismap.rule_files import read_rule_files
from crisismap.situation.board.columns import LAYOUT
from crisismap.situation.rules import Rules
from crisismap.situation.snapshot.fingerprint import fingerprint

KEY = b"k" * 32
AGAIN = """
from tests.situation.snapshot.test_fingerprint import KEY, LAYOUT, rules
from crisismap.situation.snapshot.fingerprint import fingerprint
print(fingerprint(rules(), LAYOUT, KEY))
"""


def rules() -> Rules:
    files = read_rule_files()
    return Rules(files.categories, files.priority, files.clocks, files.privacy, detector=files.detector)


def test_is_the_same_in_another_process() -> None:
    done = subprocess.run([sys.executable, "-c", AGAIN], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == fingerprint(rules(), LAYOUT, KEY)


def test_differs_by_each_rule_column_and_key() -> None:
    given = rules()
    first = next(iter(given.categories))
    others = [
        replace(given, categories={**given.categories, first: replace(given.categories[first], sensitive=True)}),
        replace(given, categories=dict(reversed(given.categories.items()))),
        replace(given, priority=given.priority[1:]),
        replace(given, priority=(replace(given.priority[0], reason="otherwise"), *given.priority[1:])),
        replace(given, clocks=replace(given.clocks, raises=())),
        replace(given, privacy=replace(given.privacy, cell_resolution=5)),
        replace(given, detector=NeedDetector()),
    ]
    found = {fingerprint(each, LAYOUT, KEY) for each in (given, *others)}
    found |= {fingerprint(given, LAYOUT | {"at": np.int32}, KEY), fingerprint(given, LAYOUT, b"another")}
    assert len(found) == len(others) + 3


def test_differs_by_the_program(tmp_path: Path) -> None:
    """A copy of the package in which one comment differs."""
    program = (
        "import shutil, sys; from pathlib import Path; import crisismap; "
        "shutil.copytree(Path(crisismap.__file__).parent, sys.argv[1])"
    )
    subprocess.run([sys.executable, "-c", program, str(tmp_path / "crisismap")], check=True)
    show = "from crisismap.situation.snapshot.fingerprint import _program; print(_program().hex())"

    def shown() -> str:
        done = subprocess.run(
            [sys.executable, "-c", show],
            cwd=tmp_path,
            env={"PYTHONPATH": str(tmp_path)},
            check=True,
            capture_output=True,
            text=True,
        )
        return done.stdout

    before = shown()
    with (tmp_path / "crisismap" / "core" / "privacy.py").open("a") as file:
        file.write("# changed\n")
    assert shown() != before
