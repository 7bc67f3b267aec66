"""The page of the desk asks first for what the list needs, and for no font; its files are those of Streamlit."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

import httpx
import pytest

from crisismap.web.desk_files import FIRST, DeskFiles, page, scripts_of, style_sheet
from crisismap.web.packed import streamlit_files
from crisismap.web.static_files import LASTING

FILES = DeskFiles(streamlit_files())


def get(path: str, files: DeskFiles = FILES, **headers: str) -> httpx.Response:
    async def ask() -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(files), base_url="http://test") as client:
            client.headers = httpx.Headers()
            return await client.get(path, headers=headers)

    return asyncio.run(ask())


def test_follows_the_imports_of_scripts(tmp_path: Path) -> None:
    texts = {
        "Html.aaaaaaaa.js": 'import{a}from"./one.bbbbbbbb.js";import"./two.cccccccc.js";import("./late.dddddddd.js")',
        "one.bbbbbbbb.js": "import{b}from'./two.cccccccc.js';export{c}from\"./Html.aaaaaaaa.js\"",
        "two.cccccccc.js": 'import x from"./gone.eeeeeeee.js"',
        "late.dddddddd.js": "",
        "HtmlMore.ffffffff.js": "",
    }
    for name, text in texts.items():
        (tmp_path / name).write_text(text)
    assert scripts_of(tmp_path, ["Html", "Nothing"]) == ["Html.aaaaaaaa.js", "one.bbbbbbbb.js", "two.cccccccc.js"]


def test_adds_links_and_marks_to_the_page_and_nothing_twice() -> None:
    html = (
        '<html>\n  <head>\n    <link\n rel="preload" href="./static/media/A.woff2"\n as="font" crossorigin />\n'
        '    <link rel="modulepreload" crossorigin href="./static/js/a.js">\n'
        '    <link rel="stylesheet" crossorigin href="./static/css/i.css">\n  </head>\n</html>'
    )
    made = page(html, ["a.js", "b.js"], {"static/css/i.css": "77"})
    assert made.count("a.js") == made.count("b.js") == 1
    assert 'href="./static/css/i.css?v=77"' in made
    assert "font" not in made
    assert page("<p>another page</p>", ["b.js"], {}) == "<p>another page</p>"


def test_fetches_icons_when_one_is_in_view_and_no_letters() -> None:
    css = "@font-face{font-family:Source Sans;src:url(a)}@font-face{font-family:Material Symbols Rounded;src:url(b)}"
    made = style_sheet(css)
    assert "Source Sans" not in made
    assert "@font-face{font-family:Material Symbols Rounded;unicode-range:U+30-39,U+5F,U+61-7A;src:url(b)}" in made
    assert style_sheet("p{color:red}").startswith("p{color:red}")


def test_knows_the_page_of_this_version_of_streamlit() -> None:
    """Fails when an upgrade has changed what is changed here."""
    html, own = (streamlit_files() / "index.html").read_text("utf-8"), get("/").text
    for stem in FIRST:
        assert len(re.findall(rf'modulepreload" crossorigin href="\./static/js/{stem}\.[\w-]{{8}}\.js"', own)) == 1
    assert 'as="font"' in html
    assert 'as="font"' not in own
    assert "DeckGl" not in own
    assert re.findall(r'"\./static/js/[^"]+"', html)[0] in own
    (address,) = re.findall(r'href="\.(/static/css/[^"]+)"', own)
    sheet = get(address)
    assert "Source Sans" not in sheet.text
    assert "unicode-range:U+30-39" in sheet.text
    assert "Source Sans" in get(address.split("?")[0]).text


@pytest.mark.parametrize("accepts", ["br", "gzip", "identity"])
def test_answers_page_and_sheet_in_each_coding(accepts: str) -> None:
    whole = get("/", **{"Accept-Encoding": "identity"})
    address = "/" + whole.text.split('stylesheet" crossorigin href="./')[1].split('"')[0]
    for path, kept in (("/", "no-cache"), (address, LASTING)):
        answer = get(path, **{"Accept-Encoding": accepts})
        assert answer.text == get(path, **{"Accept-Encoding": "identity"}).text
        assert answer.headers.get("content-encoding", "identity") == accepts
        assert (answer.headers["vary"], answer.headers["cache-control"]) == ("Accept-Encoding", kept)
        again = get(path, **{"Accept-Encoding": accepts, "If-None-Match": answer.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")


def test_keeps_for_good_what_is_named_by_its_content() -> None:
    (script,) = (streamlit_files() / "static" / "js").glob("protobuf.*.js")
    assert get(f"/static/js/{script.name}").headers["cache-control"] == LASTING
    for path in ("/favicon.png", "/manifest.json", "/", "/requests"):
        assert get(path).headers["cache-control"] == "no-cache"


@pytest.mark.parametrize("path", ["/static/js/gone.aaaaaaaa.js", "/static/../index.html", "/static/%2e%2e/index.html"])
def test_is_no_page_where_a_file_is_missing(path: str) -> None:
    """Streamlit answers its page, kept for good."""
    answer = get(path)
    assert "static/js/gone" not in path or (answer.status_code, answer.headers["cache-control"]) == (404, "no-store")
    assert answer.headers["cache-control"] != LASTING


def test_takes_another_version_of_streamlit_at_the_next_start(tmp_path: Path) -> None:
    (tmp_path / "static" / "js").mkdir(parents=True)
    (tmp_path / "static" / "css").mkdir()
    (tmp_path / "static" / "css" / "i.aaaaaaaa.css").write_text("p{color:red}")
    (tmp_path / "static" / "js" / "Html.bbbbbbbb.js").write_text("export{}")
    (tmp_path / "index.html").write_text(
        '<head>\n<link rel="stylesheet" href="./static/css/i.aaaaaaaa.css">\n  </head>'
    )
    files = DeskFiles(tmp_path)
    old, new = get("/").headers["etag"], get("/", files)
    assert "Html.bbbbbbbb.js" in new.text
    assert get("/", files, **{"If-None-Match": old}).status_code == 200
