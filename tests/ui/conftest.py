"""The deployment whose pages most tests of the desk run."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from crisismap.services.runtime.context import Context
from tests.conftest import FakeClock
from tests.ui.open_desk import opened


@pytest.fixture
def desk(tmp_path: Path, clock: FakeClock) -> Iterator[Context]:
    """A deployment without settings of its own."""
    with opened(tmp_path / "data", clock) as context:
        yield context
