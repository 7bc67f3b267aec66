"""Static files, ours under /assets/ and the desk's: compressed beforehand, and kept for good under a marked address."""

from __future__ import annotations

import asyncio
import mimetypes
import os
import re
import stat
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from starlette.datastructures import Headers, QueryParams
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Scope

from crisismap.files import MARKED, STATIC, mark_of
from crisismap.web.packed import CODINGS, PACKED, compressed, copy_of, is_packable

LASTING = "public, max-age=31536000, immutable"


class PackedFiles(StaticFiles):
    """The files of a folder; `is_lasting` tells from a request and a mark whether its address stands for that content.

    Without copies a text is compressed for each request, so that nothing needs to be written.
    """

    def __init__(self, folder: Path, is_lasting: Callable[[Scope, str], bool], packed: Path = PACKED) -> None:
        super().__init__(directory=folder)
        self._is_lasting, self._packed = is_lasting, packed
        self._marks: dict[str, tuple[int, int, str]] = {}  # time of change, bytes and mark by path

    async def get_response(self, path: str, scope: Scope) -> Response:
        """Return the file, 304, 404 or 405."""
        if scope["method"] not in ("GET", "HEAD"):
            return PlainTextResponse("", 405, {"Allow": "GET, HEAD"})
        return await asyncio.to_thread(self._answer, path, scope)

    def _answer(self, path: str, scope: Scope) -> Response:
        try:
            full_path, found = self.lookup_path(path)
        except (OSError, ValueError):  # a name that is too long, or that no file can have
            found = None
        if found is None or not stat.S_ISREG(found.st_mode):
            return PlainTextResponse("", 404, {"Cache-Control": "no-store"})
        file, headers = Path(full_path), Headers(scope=scope)
        mark = self._mark(file, found)
        # A part is one of the file itself: nobody could continue a copy that has been made again.
        may_pack = is_packable(file, found.st_size) and "range" not in headers
        codings = accepted_codings(headers.get("accept-encoding", "")) if may_pack else []
        coding, copy, size = self._copy(mark, codings)
        facts = {
            "Vary": "Accept-Encoding",
            "Cache-Control": LASTING if self._is_lasting(scope, mark) else "no-cache",
            "ETag": tag_of(mark, coding, is_weak=bool(coding) and copy is None),
        }
        if has_content(headers, facts["ETag"]):
            return Response(None, 304, facts)
        kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
        if not coding:
            return FileResponse(file, 200, facts, kind, stat_result=found)
        facts["Content-Encoding"] = coding
        if copy is not None:
            return FileResponse(copy, 200, facts, kind, stat_result=size)
        return body_response(scope, compressed(file.read_bytes(), coding, quickly=True), facts, kind)

    def _copy(self, mark: str, codings: list[str]) -> tuple[str, Path | None, os.stat_result | None]:
        """Return the coding to send, and the copy in it with its size; no copy if it must be made now."""
        for coding in codings:
            copy = copy_of(mark, coding, self._packed)
            with suppress(OSError):
                found = copy.stat()
                if found.st_size:  # else a power cut has emptied it
                    return coding, copy, found
        return (codings[0] if codings else ""), None, None

    def _mark(self, file: Path, found: os.stat_result) -> str:
        state = (found.st_mtime_ns, found.st_size)
        known = self._marks.get(str(file))
        if known is None or known[:2] != state:
            known = (*state, mark_of(file.read_bytes()))
            self._marks[str(file)] = known
        return known[2]


def accepted_codings(header: str) -> list[str]:
    """Return the codings that an Accept-Encoding accepts, the preferred first."""
    weights: dict[str, float] = {}
    for offer in header.lower().split(","):
        name, _, parameters = offer.partition(";")
        found = re.fullmatch(r"\s*q\s*=\s*([01](?:\.\d{0,3})?)\s*", parameters)
        weights[name.strip()] = float(found[1]) if found else 1.0
    known = {coding: weights.get(coding, weights.get("*", 0.0)) for coding in CODINGS}
    return sorted((coding for coding in known if known[coding]), key=lambda coding: -known[coding])


def body_response(scope: Scope, body: bytes, headers: dict[str, str], kind: str) -> Response:
    """Return a body that is in memory, or only its headers for HEAD."""
    length = {"Content-Length": str(len(body))}
    return Response(b"" if scope["method"] == "HEAD" else body, 200, headers | length, kind)


def tag_of(mark: str, coding: str, *, is_weak: bool = False) -> str:
    """Return the ETag of a content in a coding; weak where the bytes are made again at each start."""
    return f'{"W/" if is_weak else ""}"{mark}{"-" if coding else ""}{coding}"'


def has_content(headers: Headers, tag: str) -> bool:
    """Return whether a client has the content of that ETag.

    Nothing else decides: the files of an upgrade may be older than those before it.
    """
    known = [each.strip().removeprefix("W/") for each in headers.get("if-none-match", "").split(",")]
    return "*" in known or tag.removeprefix("W/") in known


def assets() -> ASGIApp:
    """Return the application behind /assets."""

    def is_lasting(scope: Scope, mark: str) -> bool:
        return QueryParams(scope["query_string"]).get("v") == mark[:MARKED]

    return PackedFiles(STATIC, is_lasting)
