"""One server for all tests of the plain pages that do not need their own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.processes import free_port
from tests.server import Server, launch
from tests.web.visitor import Visitor


@pytest.fixture(scope="package")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with the emergency number 112 and no limits."""
    folder = tmp_path_factory.mktemp("site")
    settings = {"CRISISMAP_RATE_LIMIT": "off", "CRISISMAP_EMERGENCY_NUMBER": "112"}
    one = launch(folder / "data", free_port(), settings, "serve", folder / "server.log")
    yield one
    one.stop()


@pytest.fixture
def visitor(site: Server) -> Iterator[Visitor]:
    """Somebody with a browser of their own, cookies and all, on that server."""
    with Visitor(site.url) as one:
        yield one
