"""Lines of a text file, decoded one by one."""

from __future__ import annotations

import codecs
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from crisismap.core.errors import Malformed

MAX_LINE = 16 << 20  # bytes of one line


class Lines(Iterator[str]):
    """The lines of a file, decoded one by one, so that a bad byte affects one line only; lines can be pushed back."""

    def __init__(self, path: Path, encoding: str, notes: list[str]) -> None:
        self.back: deque[str] = deque()
        self._encoding, self._notes, self._name = encoding, notes, path.name
        self._handle = _open(path)
        self._number = 0
        self._fallback = ""

    def __del__(self) -> None:
        self._handle.close()  # also when the reader stops early

    def __next__(self) -> str:
        if self.back:
            return self.back.popleft()
        line = self._handle.readline(MAX_LINE)
        if not line:
            raise StopIteration
        self._number += 1
        if len(line) >= MAX_LINE:
            raise Malformed("line_too_long", what=self._name, line=self._number, most=MAX_LINE)
        if self._number == 1:
            line = line.removeprefix(codecs.BOM_UTF8)
        if self._encoding:
            return line.decode(self._encoding, "surrogateescape")
        try:
            return line.decode()
        except UnicodeDecodeError:
            if not self._fallback:
                self._fallback = f"line {self._number} is not UTF-8; such lines were read as Windows-1252"
                self._notes.append(self._fallback)
            return western(line)


def _open(path: Path) -> IO[bytes]:
    handle = path.open("rb")
    if handle.peek(2)[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        return codecs.EncodedFile(handle, "utf-8", "utf-16")
    return handle


def western(line: bytes) -> str:
    """Return the text of a Windows-1252 line, with Latin-1 for the five bytes that it lacks."""
    try:
        return line.decode("cp1252")
    except UnicodeDecodeError:
        return line.decode("latin-1")
