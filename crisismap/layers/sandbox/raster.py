"""Images from other servers: decoded and re-encoded by one unprivileged child process, which is reused.

Only re-encoded pixels are passed on, as PNG or JPEG: never SVG or HTML, whatever the media type.
"""

from __future__ import annotations

import json
import re
import subprocess  # noqa: S404 - the child is our own program
import tempfile
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from threading import Lock, Timer

import msgspec

from crisismap.core.errors import Malformed, shorten
from crisismap.layers.sandbox.process import ChildProcess, Fault, bare_environment
from crisismap.layers.sandbox.raster_child import ASK, JPEG, PNG, REFUSED, read_frame, write_frame

MEDIA_TYPES = {PNG: "image/png", JPEG: "image/jpeg"}
_TURNS = 2000  # images per child, which bounds memory leaks of a decoder


@dataclass(frozen=True, slots=True)
class RasterLimits:
    """Limits of the child: memory and processor time for its whole life, the others for one image."""

    memory: int = 768 << 20  # bytes of address space
    cpu_s: int = 300
    wall_s: float = 10.0
    answer: int = 8 << 20  # bytes
    side: int = 1024  # pixels


@dataclass(frozen=True, slots=True)
class RasterImage:
    """Re-encoded pixels, and their media type."""

    body: bytes
    media_type: str


class RasterReader:
    """A reader with one child, started on first use and replaced when it ends; one image at a time."""

    def __init__(self, limits: RasterLimits | None = None) -> None:
        self._limits = limits or RasterLimits()
        self._lock = Lock()
        self._child: subprocess.Popen[bytes] | None = None
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._turns = 0
        self._closed = False

    def read(self, body: bytes) -> RasterImage:
        """Return the image in some bytes. Raises Malformed naming what they are instead."""
        if not is_picture(body):
            raise Malformed("not_a_picture", given=_describe(body))
        with self._lock:
            fresh = self._child is None
            answer = self._exchange(body)
            if answer is None and not fresh:  # an old child may have ended before this image
                answer = self._exchange(body)
        if answer is None:
            raise Malformed("picture_limits")
        code, content = answer
        if code == REFUSED:
            raise Malformed("picture_refused", problem=_refusal(content))
        return RasterImage(content, MEDIA_TYPES[code])

    def close(self) -> None:
        """End the child; no further image is read."""
        with self._lock:
            self._closed = True
            self._end()

    def _exchange(self, body: bytes) -> tuple[int, bytes] | None:
        child = self._running()
        if child.stdin is None or child.stdout is None:
            return None
        late = Timer(self._limits.wall_s, child.kill)
        late.start()
        try:
            write_frame(child.stdin, ASK, body)
            answer = read_frame(child.stdout, self._limits.answer)
        except OSError:
            answer = None
        finally:
            late.cancel()
        self._turns += 1
        if answer is None or answer[0] not in (PNG, JPEG, REFUSED) or self._turns >= _TURNS:
            self._end()
        return answer

    def _running(self) -> subprocess.Popen[bytes]:
        if self._closed:
            raise Malformed("picture_not_read")
        if self._child is None:
            self._folder = tempfile.TemporaryDirectory(prefix="crisismap-picture-")
            folder = Path(self._folder.name)
            cell = ChildProcess(
                "crisismap.layers.sandbox.raster_child", folder, bare_environment(folder), self._limits.wall_s
            )
            self._child = cell.start(json.dumps(asdict(self._limits)))
            self._turns = 0
        return self._child

    def _end(self) -> None:
        child, self._child = self._child, None
        if child is not None:
            child.kill()
            child.wait()
            for pipe in filter(None, (child.stdin, child.stdout)):
                with suppress(OSError):  # unsent data of a dead child
                    pipe.close()
        if self._folder is not None:
            self._folder.cleanup()
            self._folder = None


def _refusal(content: bytes) -> Malformed:
    try:
        return msgspec.json.decode(content, type=Fault).refusal
    except msgspec.MsgspecError:
        return Malformed("picture_damaged")


def is_picture(body: bytes) -> bool:
    """Return whether the first bytes are those of a PNG, JPEG or WebP; names and media types are ignored."""
    return body.startswith((b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff")) or (body[:4] == b"RIFF" and body[8:12] == b"WEBP")


def _describe(body: bytes) -> str:
    """Return a description of what was received, with the error text of a service."""
    if not body:
        return "nothing"
    head = body[:4096].removeprefix(b"\xef\xbb\xbf").lstrip()
    lower = head.lower()
    if b"<!doctype html" in lower or b"<html" in lower:
        return "a web page"
    if b"<svg" in lower:
        return "an SVG drawing, which can hold script,"
    if not head.startswith((b"<", b"{")):
        return "something else"
    words = re.sub(r"<[^>]*>", " ", head.decode("utf-8", "replace"))
    return f"a document ({shorten(words, 120)})"
