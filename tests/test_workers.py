"""It shares the tests out among workers without changing what a run says."""

from __future__ import annotations

import re
from collections import defaultdict
from pathlib import Path

import pytest

from tests.test_skips import run
from tests.workers import MOST, WHOLE_FOLDERS, pytest_xdist_auto_num_workers, team


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


def test_runs_each_file_and_each_folder_with_one_server_in_one_worker(tmp_path: Path) -> None:
    for name in ("store/test_one", "store/test_two", "store/test_three", "web/test_one", "web/test_two"):
        file = tmp_path / "tests" / f"{name}.py"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("import pytest\n@pytest.mark.parametrize('n', range(4))\ndef test_it(n): pass\n")
    (tmp_path / "conftest.py").write_text("pytest_plugins = ['tests.workers']\n")
    done = run(tmp_path, "", "", 2, "-v", "--import-mode=importlib")
    workers: dict[str, set[str]] = defaultdict(set)
    for worker, file in re.findall(r"\[(gw\d)\].* PASSED tests/(\S+)::", done.stdout):
        workers[file].add(worker)
    assert len(workers) == 5, done.stdout
    assert all(len(some) == 1 for some in workers.values()), workers
    assert workers["web/test_one.py"] == workers["web/test_two.py"]
    assert set.union(*workers.values()) == {"gw0", "gw1"}


def test_runs_browser_tests_last_and_outside_folders_with_one_server(request: pytest.FixtureRequest) -> None:
    items = request.session.items
    in_browser = [item.get_closest_marker("browser") is not None for item in items]
    assert in_browser == sorted(in_browser)
    browser_teams = {team(item.nodeid) for item in items if item.get_closest_marker("browser")}
    assert browser_teams.isdisjoint(WHOLE_FOLDERS)


def test_takes_one_worker_more_than_cores_within_bounds() -> None:
    assert 2 <= pytest_xdist_auto_num_workers() <= MOST
