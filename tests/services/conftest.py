"""The deployment that the use cases are tried on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from crisismap.services.runtime.context import Context
from tests.conftest import FakeClock
from tests.layers.feed_server import FeedServer, feed_server
from tests.services.deployment import opened
from tests.services.feeding import FLOODED


@pytest.fixture
def context(tmp_path: Path, clock: FakeClock) -> Iterator[Context]:
    """An open, empty deployment."""
    with opened(tmp_path / "data", clock) as one:
        yield one


@pytest.fixture
def feed() -> Iterator[FeedServer]:
    """A server that has one layer, and can behave badly."""
    with feed_server() as one:
        one.pages["/flood.geojson"] = FLOODED
        yield one


@pytest.fixture
def fed(tmp_path: Path, clock: FakeClock, feed: FeedServer) -> Iterator[Context]:
    """An open, empty deployment that may ask that server."""
    with opened(tmp_path / "data", clock, CRISISMAP_FETCH_HOSTS=feed.host) as one:
        yield one
