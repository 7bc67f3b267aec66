"""Fixtures of every test, and the rules of the run: marks by fixture, browser tests last, long on demand."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from hypothesis import settings

from crisismap.core.errors import CrisismapError
from crisismap.problems import sentence

pytest_plugins = [
    "tests.skips",
    "tests.workers",
    "tests.postgres",
    "tests.browser",
    "tests.server",
    "tests.faults",
    "tests.quick_opening",
    "tests.open_deployment",
]

ROOT = Path(__file__).resolve().parent.parent
MARK_OF_FIXTURE = {"postgres_url": "postgres", "browser": "browser", "shared_data": "realdata"}

# A shared machine is slow at times: how long one example takes proves nothing.
settings.register_profile("house", deadline=None)
settings.load_profile("house")


# httpx looks for this package, which is not installed, on all paths at each request to an app in this process.
sys.modules.setdefault("sniffio", None)  # type: ignore[arg-type]

# `pytest.raises(..., match=)` reads what a person reads: the English sentence, not the code and its details.
AS_WRITTEN = CrisismapError.__str__
CrisismapError.__str__ = lambda error: sentence(error)  # type: ignore[method-assign]


@pytest.hookimpl(tryfirst=True)
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
    # A file that has some is late as a whole, so that no worker gets another after it.
    in_browser = {id(item) for item in items if item.get_closest_marker("browser")}
    late = {item.path for item in items if id(item) in in_browser}
    items.sort(key=lambda item: (item.path in late, id(item) in in_browser))


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
