"""Fixtures that several folders of tests share: a deployment of this process, and a server of map images."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from crisismap import bootstrap
from crisismap.services.runtime.context import Context
from tests.conftest import FakeClock
from tests.layers import pictures
from tests.layers.feed_server import FeedServer, feed_server
from tests.services.deployment import opened


@pytest.fixture
def context(tmp_path: Path, clock: FakeClock) -> Iterator[Context]:
    """An open deployment that is this process's."""
    with opened(tmp_path / "data", clock) as one:
        bootstrap.install(one)
        yield one
        bootstrap.install(None)


@pytest.fixture
def maps() -> Iterator[FeedServer]:
    """A server of tiles, all blue."""
    with feed_server() as one:
        one.answers = lambda path: pictures.tile("blue") if path.endswith(".png") else None
        yield one
