"""Our own files are kept for good under a marked address, asked for again under a plain one."""

from __future__ import annotations

import asyncio

import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import Mount

from crisismap.web.static_files import STATIC, assets

NAME = next(path.name for path in sorted(STATIC.glob("*.css")))


def get(path: str, **headers: str) -> httpx.Response:
    app = Starlette(routes=[Mount("/assets", assets())])

    async def ask() -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
            return await client.get(f"/assets{path}", headers=headers)

    return asyncio.run(ask())


def test_says_how_long_a_file_may_be_kept() -> None:
    assert get(f"/{NAME}?v=abc").headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert get(f"/{NAME}").headers["Cache-Control"] == "no-cache"


def test_has_one_weak_tag_for_all_encodings() -> None:
    plain, zipped = (get(f"/{NAME}", **{"Accept-Encoding": each}) for each in ("identity", "gzip"))
    assert plain.headers["ETag"] == zipped.headers["ETag"]
    assert plain.headers["ETag"].startswith('W/"')
    assert plain.content == zipped.content == (STATIC / NAME).read_bytes()
    assert get(f"/{NAME}", **{"If-None-Match": plain.headers["ETag"]}).status_code == 304


@pytest.mark.parametrize("path", ["/nothing.css", "/../csrf.py", "/%2e%2e/csrf.py"])
def test_gives_out_nothing_else(path: str) -> None:
    assert get(path).status_code == 404
