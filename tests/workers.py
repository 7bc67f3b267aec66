"""How a run with workers (`-n auto`) shares the tests out: whole files, for they share a server, in the given order."""

from __future__ import annotations

import functools
import os
from pathlib import Path
from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling

ROOT = Path(__file__).resolve().parent.parent
# One server for all tests of the folder, which count on what those before them left there.
WHOLE_FOLDERS = ("tests/api/", "tests/web/")
MOST = 8  # each worker has a PostgreSQL, servers and a Chromium of its own


def team(nodeid: str) -> str:
    """Tests of one team run one after another in one worker."""
    file = nodeid.partition("::")[0]
    folder = next((folder for folder in WHOLE_FOLDERS if file.startswith(folder)), None)
    return file if folder is None or drives_a_browser(file) else folder


@functools.cache
def drives_a_browser(file: str) -> bool:
    """Such files are apart, for they come last: after them a worker can run no asyncio (tests/conftest.py)."""
    path = ROOT / file
    return path.is_file() and "page_factory" in path.read_text(encoding="utf-8")


class Teams(LoadScopeScheduling):  # type: ignore[misc]
    """Gives each worker the next team when it has nearly done with one.

    (The marks of pytest-xdist 3.8 for this, `xdist_group`, do nothing with pytest 9.2.)
    """

    def _split_scope(self, nodeid: str) -> str:
        return team(nodeid)


def pytest_xdist_auto_num_workers() -> int:
    """One more than there are cores, for most tests wait for a server, a browser or the disk."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(cores + 1, MOST)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Teams:
    """Ours, whatever --dist says; it does not put the largest team first."""
    config.option.loadscopereorder = False
    return Teams(config, log)
