"""Fixtures of every test, and the rules of the run: marks by fixture, browser tests last, long on demand, workers."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings

pytest_plugins = ["tests.skips", "tests.postgres", "tests.browser", "tests.server", "tests.faults"]

ROOT = Path(__file__).resolve().parent.parent
MARK_OF_FIXTURE = {"postgres_url": "postgres", "browser": "browser", "shared_data": "realdata"}
SHARED = {"desk": "tests/api", "site": "tests/web"}  # servers that all tests of a folder fill, in their order
MOST_WORKERS = 8  # each has a PostgreSQL, servers and a Chromium of its own

# A shared machine is slow at times: how long one example takes proves nothing.
settings.register_profile("house", deadline=None)
settings.load_profile("house")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """`-n auto`: one more than there are cores, for most tests wait for a server, a browser or the disk."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(cores + 1, MOST_WORKERS)


@pytest.hookimpl(tryfirst=True)  # before pytest-xdist reads the groups
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    for item in items:
        for fixture in getattr(item, "fixturenames", ()):
            if fixture in MARK_OF_FIXTURE:
                item.add_marker(MARK_OF_FIXTURE[fixture])
    if "soak" not in config.option.markexpr:
        long = [item for item in items if item.get_closest_marker("soak")]
        items[:] = [item for item in items if item not in long]
        if long:
            config.hook.pytest_deselected(items=long)
    # Playwright leaves its event loop running in this thread, where no asyncio.run can follow: it comes last.
    items.sort(key=lambda item: item.get_closest_marker("browser") is not None)
    for item in items:
        item.add_marker(pytest.mark.xdist_group(team(item)))


def team(item: pytest.Item) -> str:
    """Tests of one team run one after another in one worker: they share the servers of their file or folder.

    The browser tests of a file are a team of their own, so that they can come last there too.
    """
    file = item.path.relative_to(ROOT)
    for fixture in getattr(item, "fixturenames", ()):
        if SHARED.get(fixture) == file.parent.as_posix():
            return file.parent.as_posix()
    name = file.with_suffix("").as_posix()
    return f"{name} (browser)" if item.get_closest_marker("browser") else name


class FakeClock:
    """A clock that stands still until it is told: call it for milliseconds since 1970 UTC."""

    def __init__(self, ms: int) -> None:
        self.ms = ms

    def __call__(self) -> int:
        return self.ms

    def set(self, ms: int) -> None:
        self.ms = ms

    def advance(self, *, ms: int = 0, seconds: float = 0, minutes: float = 0, hours: float = 0) -> int:
        """Move on and return the new time."""
        self.ms += ms + round(1000 * (seconds + 60 * minutes + 3600 * hours))
        return self.ms


@pytest.fixture
def clock() -> FakeClock:
    """2015-12-02T06:30:00Z, the morning Chennai was under water, until the test says otherwise."""
    return FakeClock(1_449_037_800_000)


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real data sets: CRISISMAP_SHARED_DATA, else ../shared/data beside the checkout."""
    told = os.environ.get("CRISISMAP_SHARED_DATA")
    folder = Path(told) if told else ROOT.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip(
            "The real data sets are not here. To get them: put them into ../shared/data beside the checkout, "
            "or name their folder in CRISISMAP_SHARED_DATA"
        )
    return folder
