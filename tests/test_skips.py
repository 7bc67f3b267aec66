"""It does not let a skipped test pass unseen."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
ONE_OF_EACH = """
import pytest

def test_one(): pass

def test_two(): pytest.skip("No Chromium is installed. To get it: apt-get install chromium")

@pytest.mark.xfail(strict=True)
def test_three(): assert False
"""


def run(folder: Path, text: str, ci: str, workers: int = 0, *more: str) -> subprocess.CompletedProcess[str]:
    """Run pytest on one file in a process of its own, with the plugin and nothing else of ours."""
    (folder / "test_made_up.py").write_text(text)
    env = {name: value for name, value in os.environ.items() if name not in ("CI", "PYTEST_ADDOPTS")}
    words = [
        "-p",
        "xdist",
        "-p",
        "tests.skips",
        "-p",
        "no:cacheprovider",
        "--rootdir",
        str(folder),
        "-n",
        str(workers),
        *more,
    ]
    return subprocess.run(
        [sys.executable, "-m", "pytest", *words],
        cwd=folder,
        env=env | {"CI": ci, "PYTHONPATH": str(ROOT), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        capture_output=True,
        text=True,
    )


@pytest.mark.parametrize("workers", [0, 2])
def test_fails_the_run_under_ci_and_names_the_skipped_test(tmp_path: Path, workers: int) -> None:
    done = run(tmp_path, ONE_OF_EACH, "true", workers)
    assert done.returncode == 1
    assert "1 failed, 1 passed, 1 xfailed" in done.stdout
    assert "test_made_up.py::test_two" in done.stdout
    assert "nothing may be: No Chromium is installed" in done.stdout


@pytest.mark.parametrize("workers", [0, 2])
def test_fails_the_run_under_ci_when_a_whole_module_is_skipped(tmp_path: Path, workers: int) -> None:
    done = run(tmp_path, "import pytest\npytest.skip('not here', allow_module_level=True)\n", "true", workers)
    assert done.returncode != 0
    assert "nothing may be: not here" in done.stdout


@pytest.mark.parametrize(("ci", "workers"), [("", 0), ("false", 0), ("", 2)])
def test_says_elsewhere_what_was_left_out_and_how_to_get_it(tmp_path: Path, ci: str, workers: int) -> None:
    done = run(tmp_path, ONE_OF_EACH, ci, workers)
    assert done.returncode == 0
    assert "1 left out. No Chromium is installed. To get it: apt-get install chromium" in done.stdout
    assert "    test_made_up.py::test_two" in done.stdout


def test_says_once_that_a_module_was_left_out_by_every_worker(tmp_path: Path) -> None:
    (tmp_path / "test_whole.py").write_text("def test_one(): pass\n")
    done = run(tmp_path, "import pytest\npytest.skip('not here', allow_module_level=True)\n", "", 2)
    assert done.returncode == 0
    assert "1 left out. not here" in done.stdout
