"""Static files: compressed beforehand where the browser takes it, kept for good under a marked address only."""

from __future__ import annotations

import asyncio
import gzip
import os
from pathlib import Path

import brotli
import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.types import Scope

from crisismap.files import STATIC, asset, mark_of
from crisismap.web.packed import copy_of, pack
from crisismap.web.static_files import LASTING, PackedFiles, accepted_codings, assets

NAME = next(path.name for path in sorted(STATIC.glob("*.css")))
TEXT = b"const words = 'many of them, again and again';\n" * 400


def get(path: str, app: PackedFiles | None = None, method: str = "GET", **headers: str) -> httpx.Response:
    mounted = Starlette(routes=[Mount("/assets", app or assets())])

    async def ask() -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(mounted), base_url="http://test") as client:
            client.headers = httpx.Headers()
            return await client.request(method, f"/assets{path}", headers=headers)

    return asyncio.run(ask())


def marked(scope: Scope, mark: str) -> bool:
    return scope["query_string"].decode() == f"v={mark}"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder beside one that is not served."""
    (tmp_path / "served" / "deep").mkdir(parents=True)
    (tmp_path / "served" / "a.js").write_bytes(TEXT)
    (tmp_path / "served" / "deep" / "small.js").write_bytes(b"1;")
    (tmp_path / "served" / "font.woff2").write_bytes(bytes(range(256)) * 8)
    (tmp_path / "secret.txt").write_text("nobody may read this")
    return tmp_path / "served"


@pytest.fixture
def files(folder: Path) -> PackedFiles:
    packed = folder.parent / "packed"
    pack(folder, into=packed)
    return PackedFiles(folder, marked, packed)


@pytest.mark.parametrize(
    ("header", "codings"),
    [
        ("", []),
        ("identity", []),
        ("gzip, deflate, br, zstd", ["br", "gzip"]),
        ("gzip, deflate", ["gzip"]),
        ("br;q=0, gzip", ["gzip"]),
        ("br;q=0.5, gzip;q=0.8", ["gzip", "br"]),
        ("GZIP ; q=1.0", ["gzip"]),
        ("*", ["br", "gzip"]),
        ("*;q=0", []),
        ("gzip;q=0, *", ["br"]),
        (",,;q=,br;level=4", ["br"]),
        ("brotli, xgzip, gzip2", []),
    ],
)
def test_knows_which_codings_a_browser_takes(header: str, codings: list[str]) -> None:
    assert accepted_codings(header) == codings


@pytest.mark.parametrize(("accepts", "coding"), [("gzip, br", "br"), ("gzip", "gzip"), ("", None), ("zstd", None)])
def test_sends_the_copy_that_the_browser_takes(files: PackedFiles, accepts: str, coding: str | None) -> None:
    answer = get("/a.js", files, **{"Accept-Encoding": accepts})
    assert answer.status_code == 200
    assert answer.content == TEXT
    assert answer.headers.get("content-encoding") == coding
    assert answer.headers["vary"] == "Accept-Encoding"
    assert "javascript" in answer.headers["content-type"]
    packed = files._packed / f"{mark_of(TEXT)}.{coding}"
    assert int(answer.headers["content-length"]) == (packed.stat().st_size if coding else len(TEXT))


def test_has_a_strong_tag_for_each_coding_and_answers_304_to_its_own(files: PackedFiles) -> None:
    tags = {}
    for coding in ("br", "gzip", "identity"):
        tags[coding] = get("/a.js", files, **{"Accept-Encoding": coding}).headers["etag"]
        again = get("/a.js", files, **{"Accept-Encoding": coding, "If-None-Match": f'"x", W/{tags[coding]}'})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["vary"] == "Accept-Encoding"
        assert again.headers["etag"] == tags[coding]
        assert "content-encoding" not in again.headers
    assert len(set(tags.values())) == 3
    assert all(tag.startswith('"') for tag in tags.values())
    assert get("/a.js", files, **{"Accept-Encoding": "br", "If-None-Match": tags["gzip"]}).status_code == 200
    assert get("/a.js", files, **{"If-None-Match": "*"}).status_code == 304


def test_goes_by_the_content_and_not_by_the_date_of_a_file(files: PackedFiles, folder: Path) -> None:
    """The files of an upgrade are often older than those before it."""
    first = get("/a.js", files)
    (folder / "a.js").write_bytes(b"// the next version\n" * 100)
    os.utime(folder / "a.js", (1_000_000, 1_000_000))
    since = {"If-Modified-Since": "Fri, 01 Jan 2100 00:00:00 GMT"}
    answer = get("/a.js", files, **since, **{"If-None-Match": first.headers["etag"]})
    assert (answer.status_code, answer.content[:19]) == (200, b"// the next version")
    assert get("/a.js", files, **since).status_code == 200


def test_never_sends_the_copy_of_an_older_file(files: PackedFiles, folder: Path) -> None:
    """Even of the same size: a copy is named by what it holds."""
    changed = TEXT.replace(b"many", b"more")
    (folder / "a.js").write_bytes(changed)
    for coding in ("br", "gzip", "identity"):
        assert get("/a.js", files, **{"Accept-Encoding": coding}).content == changed


@pytest.mark.parametrize("coding", ["br", "gzip"])
@pytest.mark.parametrize("state", ["missing", "empty", "no folder"])
def test_compresses_at_once_what_has_no_copy(files: PackedFiles, coding: str, state: str) -> None:
    """On a read-only disk, or before set-up has run: nothing is written."""
    for copy in list(files._packed.iterdir()):
        copy.write_bytes(b"") if state == "empty" else copy.unlink()
    if state == "no folder":
        files._packed.rmdir()
    answer = get("/a.js", files, **{"Accept-Encoding": coding})
    assert (answer.content, answer.headers["content-encoding"]) == (TEXT, coding)
    assert int(answer.headers["content-length"]) < len(TEXT) / 10
    assert answer.headers["etag"].startswith('W/"')
    again = get("/a.js", files, **{"Accept-Encoding": coding, "If-None-Match": answer.headers["etag"]})
    assert again.status_code == 304
    assert state == "empty" or not files._packed.exists() or not list(files._packed.iterdir())


def test_says_how_long_a_file_may_be_kept(files: PackedFiles) -> None:
    assert get(f"/a.js?v={mark_of(TEXT)}", files).headers["cache-control"] == LASTING
    for query in ("", "?v=", "?v=abc", "?w=1"):  # an old address must not keep a new content for a year
        assert get(f"/a.js{query}", files).headers["cache-control"] == "no-cache"
    assert get(asset(NAME).removeprefix("/assets")).headers["cache-control"] == LASTING
    assert get(f"/{NAME}?v=abc").headers["cache-control"] == "no-cache"


@pytest.mark.parametrize("state", ["packed", "not packed"])
@pytest.mark.parametrize("coding", ["br", "gzip", "identity"])
def test_answers_head_like_get_without_the_body(files: PackedFiles, state: str, coding: str) -> None:
    if state == "not packed":
        files._packed = files._packed / "nowhere"
    head, whole = (get("/a.js", files, method, **{"Accept-Encoding": coding}) for method in ("HEAD", "GET"))
    assert head.content == b""
    assert head.headers == whole.headers


def test_sends_parts_of_the_file_itself(files: PackedFiles) -> None:
    part = get("/a.js", files, **{"Accept-Encoding": "br", "Range": "bytes=6-10"})
    assert (part.status_code, part.content) == (206, TEXT[6:11])
    assert part.headers["content-range"] == f"bytes 6-10/{len(TEXT)}"
    assert "content-encoding" not in part.headers
    tag = get("/a.js", files, **{"Accept-Encoding": "br"}).headers["etag"]
    mixed = get("/a.js", files, **{"Accept-Encoding": "br", "Range": "bytes=6-10", "If-Range": tag})
    assert (mixed.status_code, mixed.content) == (200, TEXT)  # no part of the file continues a copy
    assert get("/a.js", files, **{"Range": "bytes=6-10", "If-Range": part.headers["etag"]}).status_code == 206
    assert get("/a.js", files, **{"Range": f"bytes={len(TEXT)}-"}).status_code == 416
    assert get("/font.woff2", files, **{"Accept-Encoding": "br", "Range": "bytes=-3"}).content == b"\xfd\xfe\xff"


@pytest.mark.parametrize("name", ["font.woff2", "deep/small.js"])
def test_leaves_alone_what_is_small_or_compressed_already(files: PackedFiles, folder: Path, name: str) -> None:
    answer = get(f"/{name}", files, **{"Accept-Encoding": "br, gzip"})
    assert answer.content == (folder / name).read_bytes()
    assert "content-encoding" not in answer.headers
    assert answer.headers["etag"].startswith('"')


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS"])
def test_only_gives_files_out(files: PackedFiles, method: str) -> None:
    answer = get("/a.js", files, method)
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD")


@pytest.mark.parametrize(
    "path",
    [
        *("/nothing.css", "/%2e%2e/secret.txt", "/deep/..%2f..%2fsecret.txt", "/deep/%2e%2e/%2e%2e/"),
        *("/..%5csecret.txt", "//etc/passwd", "/%2fetc/passwd", "/a.js%00.css", "/deep", "/deep/", "/", "/out"),
        f"/{'a' * 5000}",
    ],
)
def test_gives_out_nothing_else(files: PackedFiles, folder: Path, path: str) -> None:
    (folder / "out").symlink_to(folder.parent / "secret.txt")
    answer = get(path, files, **{"Accept-Encoding": "br"})
    assert (answer.status_code, answer.text) == (404, "")
    assert answer.headers["cache-control"] == "no-store"


def test_holds_no_file_in_memory(files: PackedFiles) -> None:
    get("/a.js", files, **{"Accept-Encoding": "br"})
    (kept,) = files._marks.values()
    assert kept[2] == mark_of(TEXT)
    assert brotli.decompress(copy_of(kept[2], "br", files._packed).read_bytes()) == TEXT
    assert gzip.decompress(copy_of(kept[2], "gzip", files._packed).read_bytes()) == TEXT
