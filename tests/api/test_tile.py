"""A tile is the caller's own: its columns, its tag, its encoding; an address that is none is refused."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.requests import Request
from starlette.responses import Response

from crisismap import bootstrap
from crisismap.api.tile import MEDIA_TYPE, tile
from crisismap.core.errors import Invalid, NotFound
from crisismap.services.accounts.sign_in import TokenRequest, make_token
from crisismap.services.runtime.context import COMMAND_LINE, Context
from tests.conftest import FakeClock
from tests.services.deployment import ask, opened
from tests.situation import vector_tile

HERE = "/api/v1/tiles/12/2961/1898.mvt"  # where `ask` puts a report


@pytest.fixture
def context(tmp_path: Path, clock: FakeClock) -> Iterator[Context]:
    """An open deployment that is this process's, with one report."""
    with opened(tmp_path / "data", clock) as one:
        bootstrap.install(one)
        ask(one, category="flooding", text="knee deep")
        yield one
        bootstrap.install(None)


def get(path: str = HERE, query: str = "", **headers: str) -> Response:
    raw = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    scope = {"type": "http", "method": "GET", "path": path, "query_string": query.encode(), "headers": raw}
    return tile(Request(scope | {"server": ("test", 80), "scheme": "http"}))


def test_draws_what_is_there_plain_or_compressed(context: Context) -> None:
    plain, zipped = get(), get(accept_encoding="gzip")
    assert (plain.media_type, zipped.headers["content-encoding"]) == (MEDIA_TYPE, "gzip")
    assert gzip.decompress(bytes(zipped.body)) == bytes(plain.body)
    assert len(vector_tile.read(bytes(plain.body))["reports"]) == 1
    assert plain.headers["etag"] != zipped.headers["etag"]


def test_is_sent_again_only_when_something_moved(context: Context) -> None:
    known = get().headers["etag"]
    assert get(if_none_match=known).status_code == 304
    ask(context, category="flooding", text="waist deep")
    assert get(if_none_match=known).status_code == 200


def test_has_another_tag_for_another_audience(context: Context) -> None:
    token = make_token(context.store, context.clock(), COMMAND_LINE, TokenRequest("responder"))
    own = get(authorization=f"Bearer {token}")
    assert own.headers["etag"] != get().headers["etag"]
    assert own.headers["cache-control"].startswith("private")


def test_draws_only_what_the_query_chooses(context: Context) -> None:
    assert "reports" not in vector_tile.read(bytes(get(query="category=medical").body))
    with pytest.raises(Invalid):
        get(query="colour=red")


@pytest.mark.parametrize(
    "path", ["/api/v1/tiles/12/2961/x.mvt", "/api/v1/tiles/12/2961.mvt", "/api/v1/tiles/-1/0/0.mvt"]
)
def test_knows_no_other_address(context: Context, path: str) -> None:
    with pytest.raises(NotFound):
        get(path)
