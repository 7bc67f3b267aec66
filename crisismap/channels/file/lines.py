"""Lines of a text file, decoded one by one."""

from __future__ import annotations

import codecs
import io
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

from crisismap.core.errors import Malformed
from crisismap.core.text.encoding import wide_encoding

MAX_LINE = 16 << 20  # bytes of one line
HEAD = 1 << 16  # bytes by which the encoding and the ends of lines are recognised
_BLOCK = 1 << 20


class _Handle(Protocol):
    def readline(self, size: int = -1, /) -> bytes: ...

    def close(self) -> None: ...


class _Source(_Handle, Protocol):
    def read(self, size: int = -1, /) -> bytes: ...


class Lines(Iterator[str]):
    """The lines of a file, decoded one by one, so that a bad byte affects one line only; lines can be pushed back."""

    def __init__(self, path: Path, encoding: str, notes: list[str]) -> None:
        self.back: deque[str] = deque()
        self._notes, self._name = notes, path.name
        self._handle, self._encoding = _open(path, encoding)
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
        try:
            return line.decode(self._encoding)
        except UnicodeDecodeError:
            if not self._fallback:
                what = "UTF-8" if self._encoding == "utf-8" else self._encoding
                self._fallback = f"line {self._number} is not {what}; such lines were read as Windows-1252"
                self._notes.append(self._fallback)
            return western(line)


def _open(path: Path, encoding: str) -> tuple[_Handle, str]:
    """Return a handle on lines, and their encoding: UTF-8 for a file of wide characters, which is converted."""
    handle = path.open("rb")
    wide = wide_encoding(handle.peek(HEAD)[:HEAD])
    if not wide and encoding.lower().replace("_", "-").startswith(("utf-16", "utf-32")):
        wide = encoding
    head = handle.peek(HEAD)[:HEAD]
    source: _Source = _WideLines(handle, wide) if wide else handle
    plain = head.decode(wide, "ignore").encode() if wide else head  # a wide character may hold the byte of a line feed
    has_returns_only = b"\r" in plain and b"\n" not in plain
    return (_ReturnLines(source) if has_returns_only else source), "utf-8" if wide else encoding or "utf-8"


class _WideLines:
    """Lines of a text of wide characters, as UTF-8. Only a line feed ends one: cells hold U+2028 and the like."""

    def __init__(self, handle: io.BufferedReader, encoding: str) -> None:
        self._text = io.TextIOWrapper(handle, encoding, "replace", newline="\n")

    def read(self, size: int = -1, /) -> bytes:
        """Return so many characters."""
        return self._text.read(size).encode()

    def readline(self, size: int = -1, /) -> bytes:
        """Return the next line with its end, at most `size` characters; nothing at the end of the file."""
        return self._text.readline(size).encode()

    def close(self) -> None:
        """Close the file."""
        self._text.close()


class _ReturnLines:
    """Lines that end in a carriage return alone, as old spreadsheets write them."""

    def __init__(self, handle: _Source) -> None:
        self._handle, self._rest = handle, b""

    def readline(self, size: int = -1, /) -> bytes:
        """Return the next line with its end, at most `size` bytes; nothing at the end of the file."""
        while b"\r" not in self._rest and (size < 0 or len(self._rest) < size):
            block = self._handle.read(_BLOCK)
            if not block:
                break
            self._rest += block
        end = self._rest.find(b"\r") + 1 or len(self._rest)
        end = end if size < 0 else min(end, size)
        line, self._rest = self._rest[:end], self._rest[end:]
        return line.replace(b"\r", b"\n")

    def close(self) -> None:
        """Close the file."""
        self._handle.close()


def western(line: bytes) -> str:
    """Return the text of a Windows-1252 line, with Latin-1 for the five bytes that it lacks."""
    try:
        return line.decode("cp1252")
    except UnicodeDecodeError:
        return line.decode("latin-1")
