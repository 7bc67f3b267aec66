"""The page and the files of the desk, which Streamlit itself sends uncompressed; what the list needs comes first."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from starlette.datastructures import Headers, QueryParams
from starlette.responses import Response
from starlette.types import Scope

from crisismap.files import mark_of
from crisismap.web.packed import CODINGS, compressed
from crisismap.web.static_files import LASTING, PackedFiles, accepted_codings, body_response, has_content, tag_of

# Scripts of the list and of the style sheet. Streamlit's page asks for them only when the desk has answered, at once
# with the map's, which is half of everything. No more: six small ones are a latency before the web socket can open.
FIRST = ("BidiComponent", "Html")
FILES = frozenset({"favicon.png", "manifest.json"})
_HASHED = re.compile(r"/static/.+\.[\w-]{8}\.\w+")  # names that change with the content
_SCRIPT, _SHEET = re.compile(r'"\./static/js/([^"]+)"'), re.compile(r'"\./(static/css/[^"]+)"')
_IMPORT = re.compile(r"""\b(?:from|import)\s*["']\./([\w.-]+\.js)["']""")
_LINK = '    <link rel="modulepreload" crossorigin href="./static/js/{}">\n'
# The fonts of Streamlit, half a megabyte, would come before the list. The desk is set in those of the system.
_LETTERS_LINK = re.compile(r'<link\s+rel="preload"[^>]*\bas="font"[^>]*>\s*')
_LETTERS = re.compile(r"@font-face\{font-family:Source Sans;[^}]*\}")
# Icons are words in small letters. Without the space, which Streamlit fetches the font for, browsers fetch it when an
# icon is in view; and the icons of popovers and of a phone's menu, in view at every visit, are drawn here.
_ICONS, _WORDS = "@font-face{font-family:Material Symbols Rounded;", "unicode-range:U+30-39,U+5F,U+61-7A;"
_CHEVRONS = """
[data-testid="stPopoverButton"] [data-testid="stIconMaterial"],
[data-testid="stExpandSidebarButton"] [data-testid="stIconMaterial"]{font-family:inherit;font-size:0}
[data-testid="stPopoverButton"] [data-testid="stIconMaterial"]::before,
[data-testid="stExpandSidebarButton"] [data-testid="stIconMaterial"]::before{content:"";box-sizing:border-box;
  width:8px;height:8px;margin:auto;border:solid currentColor;border-width:0 1.5px 1.5px 0;rotate:45deg;
  translate:0 -2px}
[data-testid="stPopoverButton"][aria-expanded="true"] [data-testid="stIconMaterial"]::before{rotate:225deg;
  translate:0 2px}
[data-testid="stExpandSidebarButton"] [data-testid="stIconMaterial"]::before{rotate:-45deg;translate:-2px 0}
"""


def page(html: str, scripts: Iterable[str], sheets: Mapping[str, str]) -> str:
    """Return Streamlit's page with links to those scripts, and the mark of each style sheet in its address."""
    named = set(_SCRIPT.findall(html))
    links = "".join(_LINK.format(name) for name in scripts if name not in named)
    html = _LETTERS_LINK.sub("", html).replace("  </head>", f"{links}  </head>", 1)
    return _SHEET.sub(lambda found: f'"./{found[1]}?v={sheets[found[1]]}"' if found[1] in sheets else found[0], html)


def style_sheet(css: str) -> str:
    """Return Streamlit's style sheet without its fonts of letters, and with icons that come when they are in view."""
    return _LETTERS.sub("", css).replace(_ICONS, _ICONS + _WORDS) + _CHEVRONS


def scripts_of(folder: Path, stems: Iterable[str]) -> list[str]:
    """Return the names of the scripts STEM.HASH.js in a folder and of all that they import, each once."""
    waiting = [file.name for stem in stems for file in sorted(folder.glob(f"{stem}.????????.js"))]
    found: dict[str, None] = {}
    while waiting:
        name = waiting.pop(0)
        if name not in found and (folder / name).is_file():
            found[name] = None
            waiting += _IMPORT.findall((folder / name).read_text(encoding="utf-8"))
    return list(found)


@dataclass(frozen=True, slots=True)
class _Made:
    """A text that is made from one of Streamlit's; `bodies` by coding."""

    kind: str
    mark: str
    bodies: Mapping[str, bytes]


def _made(text: str, kind: str) -> _Made:
    body = text.encode()
    packed = {coding: compressed(body, coding, quickly=True) for coding in CODINGS}
    return _Made(kind, mark_of(body), {"": body, **packed})


class DeskFiles(PackedFiles):
    """Streamlit's files by their paths, and its page at every other path: the front sends only those of pages here."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, _has_hashed_name)
        html = (folder / "index.html").read_text(encoding="utf-8")
        self._sheets = {
            name: _made(style_sheet((folder / name).read_text(encoding="utf-8")), "text/css")
            for name in _SHEET.findall(html)
        }
        marks = {name: sheet.mark for name, sheet in self._sheets.items()}
        self._page = _made(page(html, scripts_of(folder / "static" / "js", FIRST), marks), "text/html")

    async def get_response(self, path: str, scope: Scope) -> Response:
        """Return a file or the page."""
        sheet = self._sheets.get(path)
        if sheet is not None and QueryParams(scope["query_string"]).get("v") == sheet.mark:
            return _answer(scope, sheet, LASTING)
        if path in FILES or path.startswith("static/"):
            return await super().get_response(path, scope)
        return _answer(scope, self._page, "no-cache")


def _answer(scope: Scope, made: _Made, kept: str) -> Response:
    headers = Headers(scope=scope)
    coding = next(iter(accepted_codings(headers.get("accept-encoding", ""))), "")
    facts = {"Vary": "Accept-Encoding", "Cache-Control": kept, "ETag": tag_of(made.mark, coding, is_weak=True)}
    if has_content(headers, facts["ETag"]):
        return Response(None, 304, facts)
    if coding:
        facts["Content-Encoding"] = coding
    return body_response(scope, made.bodies[coding], facts, made.kind)


def _has_hashed_name(scope: Scope, _mark: str) -> bool:
    """Return whether the address is never used for another content."""
    return _HASHED.fullmatch(scope["path"]) is not None
