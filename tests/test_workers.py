"""It shares the tests out among workers without changing what a run says."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import MOST_WORKERS, pytest_xdist_auto_num_workers, team
from tests.test_skips import run


def test_fails_the_run_when_a_worker_dies(tmp_path: Path) -> None:
    done = run(tmp_path, "import os\ndef test_one(): os._exit(0)\ndef test_two(): pass\n", "true", 2)
    assert done.returncode == 1
    assert "crashed while running 'test_made_up.py::test_one'" in done.stdout
    assert "1 failed, 1 passed" in done.stdout


def test_fails_the_run_when_two_workers_find_different_tests(tmp_path: Path) -> None:
    text = (
        "import os, pytest\n@pytest.mark.parametrize('who', [os.environ['PYTEST_XDIST_WORKER']])\ndef test(who): pass\n"
    )
    done = run(tmp_path, text, "", 2)
    assert done.returncode != 0
    assert "Different tests were collected between" in done.stdout


def test_runs_browser_tests_last_and_each_file_in_one_worker(request: pytest.FixtureRequest) -> None:
    items = request.session.items
    in_browser = [item.get_closest_marker("browser") is not None for item in items]
    assert in_browser == sorted(in_browser)
    for item in items:
        (mark,) = item.iter_markers("xdist_group")
        assert mark.args == (team(item),)


def test_takes_one_worker_more_than_cores_within_bounds() -> None:
    assert 2 <= pytest_xdist_auto_num_workers() <= MOST_WORKERS
