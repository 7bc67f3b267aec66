"""One server for all tests of the plain pages that do not need their own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.server import Server, serving
from tests.web.visitor import Visitor


@pytest.fixture(scope="package")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with the emergency number 112 and no limits."""
    with serving(tmp_path_factory.mktemp("site"), CRISISMAP_EMERGENCY_NUMBER="112") as one:
        yield one


@pytest.fixture
def visitor(site: Server) -> Iterator[Visitor]:
    """Somebody with a browser of their own, cookies and all, on that server."""
    with Visitor(site.url) as one:
        yield one
