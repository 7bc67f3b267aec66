"""The deployment that the jobs run in."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from crisismap.services.runtime.context import Context
from tests.conftest import FakeClock
from tests.services.deployment import opened


@pytest.fixture
def context(tmp_path: Path, clock: FakeClock) -> Iterator[Context]:
    """An open, empty deployment without running jobs."""
    with opened(tmp_path / "data", clock) as one:
        yield one
