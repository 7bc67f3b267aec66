"""The front: each address goes to who owns it, and none that nobody owns to Streamlit, which would answer its page."""

from __future__ import annotations

import asyncio

import httpx
import pytest
from starlette.responses import PlainTextResponse

from crisismap.api.front import DeskPaths, Front
from tests.server import Server, serving

PATHS = DeskPaths(
    frozenset({"live-map", "requests"}), "live-map", PlainTextResponse("nothing", 404), PlainTextResponse("files")
)
FRONT = Front(PlainTextResponse("desk"), PlainTextResponse("own"), PATHS)


def asked(path: str, front: Front = FRONT) -> httpx.Response:
    async def ask() -> httpx.Response:
        transport = httpx.ASGITransport(front)
        async with httpx.AsyncClient(transport=transport, base_url="http://map.example") as client:
            return await client.get(path)

    return asyncio.run(ask())


@pytest.mark.parametrize(
    "path",
    [
        *("/_stcore/health", "/_stcore/stream", "/media/a.png", "/component/x/index.html", "/requests/"),
        *("/requests/_stcore/health", "/nowhere/_stcore/host-config"),
    ],
)
def test_leaves_streamlits_own_paths_to_the_desk(path: str) -> None:
    assert asked(path).text == "desk"


@pytest.mark.parametrize(
    "path",
    [
        *("/", "/?view=x", "/requests", "/requests?id=1", "/favicon.png", "/manifest.json"),
        *("/static/js/main.js", "/static", "/static/../requests"),
    ],
)
def test_answers_pages_and_static_files_itself(path: str) -> None:
    assert asked(path).text == "files"


@pytest.mark.parametrize(
    "path", ["/nowhere", "/nowhere/", "/requests/nowhere", "/robots.txt", "/wp-login.php", "/Requests"]
)
def test_answers_404_where_the_desk_has_no_page(path: str) -> None:
    answer = asked(path)
    assert (answer.status_code, answer.text) == (404, "nothing")


@pytest.mark.parametrize(
    ("path", "to"),
    [("/live-map", "/"), ("/live-map/", "/"), ("/live-map?area=w-1&at=%2B5", "/?area=w-1&at=%2B5")],
)
def test_sends_the_default_pages_own_path_to_the_root(path: str, to: str) -> None:
    answer = asked(path)
    assert (answer.status_code, answer.headers["location"]) == (307, to)


def test_would_fall_through_to_the_desk_without_its_paths() -> None:
    """The negative control."""
    bare = Front(PlainTextResponse("desk"), PlainTextResponse("own"))
    assert {asked(path, bare).text for path in ("/nowhere", "/live-map", "/", "/static/js/main.js")} == {"desk"}


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Server:
    with serving(tmp_path_factory.mktemp("front")) as one:
        yield one


def test_keeps_every_page_and_asset_of_the_real_desk(running: Server) -> None:
    from crisismap.ui.navigation import DEFAULT, PAGES

    with httpx.Client(base_url=running.url, trust_env=False, timeout=30) as client:
        shell = client.get("/")
        for page in PAGES:
            if page is not DEFAULT:
                assert client.get(f"/{page.path}").text == shell.text
        assets = {part.split('"')[0] for part in shell.text.split('"./')[1:]}
        assert assets
        for asset in assets:
            answer = client.get(f"/{asset}")
            assert (answer.status_code, answer.headers["x-content-type-options"]) == (200, "nosniff"), asset
            assert asset.startswith("static/") is ("immutable" in answer.headers["cache-control"]), asset
            assert client.head(f"/{asset}").headers["content-length"] == answer.headers["content-length"]
        assert client.get("/static/js/gone.aaaaaaaa.js").status_code == 404
        assert client.get("/requests/", follow_redirects=False).headers["location"] == "/requests"
        assert client.get("/_stcore/health").text == "ok"
        assert client.get("/requests/_stcore/health").status_code == 404


def test_answers_a_plain_page_in_the_readers_language_where_nothing_is(running: Server) -> None:
    with httpx.Client(base_url=running.url, trust_env=False, timeout=30) as client:
        answer = client.get("/nowhere", headers={"Accept-Language": "ta"})
        assert (answer.status_code, answer.headers["content-type"]) == (404, "text/html; charset=utf-8")
        assert '<html lang="ta"' in answer.text
        assert "<script" not in answer.text
        assert client.get("/live-map", params={"x": "1"}).headers["location"] == "/?x=1"
        assert client.post("/nowhere").status_code in (404, 405)
