"""Lines of a text file, decoded one by one."""

from __future__ import annotations

import codecs
import io
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from crisismap.core.errors import Malformed
from crisismap.core.text.encoding import UTF8, TextEncoding, declared_encoding, decode, find_encoding, wide_encoding

MAX_LINE = 16 << 20  # bytes of one line
HEAD = 1 << 16  # bytes by which the kind of a file and the ends of its lines are recognised
BLOCK = 1 << 20


class _Handle(Protocol):
    def readline(self, size: int = -1, /) -> bytes: ...

    def close(self) -> None: ...


class _Source(_Handle, Protocol):
    def read(self, size: int = -1, /) -> bytes: ...


@dataclass(frozen=True, slots=True)
class TextFile:
    """A text file and its encoding."""

    path: Path
    encoding: TextEncoding

    def blocks(self) -> Iterator[bytes]:
        """Yield the text as UTF-8 in blocks; bytes that are no text stay where the file is UTF-8."""
        if self.encoding.odd:
            lines = Lines(self, [])
            yield from (line.encode(errors="replace") for line in lines)
        elif self.encoding.name == UTF8:
            for number, block in enumerate(_blocks(self.path)):
                yield block if number else block.removeprefix(codecs.BOM_UTF8)
        else:
            decoder = codecs.getincrementaldecoder(self.encoding.name)("replace")
            yield from (decoder.decode(block).encode(errors="replace") for block in _blocks(self.path))
            yield decoder.decode(b"", final=True).encode(errors="replace")


def text_file(path: Path, declared: str) -> TextFile:
    """Return a file with its declared encoding, or the one that it looks like; a byte-order mark is right in any case.

    Raises Invalid for an encoding that nobody knows.
    """
    if not declared:
        return TextFile(path, find_encoding(_blocks(path)))
    name = declared_encoding(declared)
    with path.open("rb") as handle:
        wide = wide_encoding(handle.read(HEAD))
    return TextFile(path, TextEncoding(wide or name))


def text_head(head: bytes, declared: str) -> bytes:
    """Return the beginning of a file as UTF-8, as far as its encoding needs no further look at it."""
    name = wide_encoding(head) or (declared and declared_encoding(declared))
    return (head.decode(name, "ignore").encode(errors="replace") if name else head).removeprefix(codecs.BOM_UTF8)


def _blocks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as handle:
        while block := handle.read(BLOCK):
            yield block


class Lines(Iterator[str]):
    """The lines of a file, decoded one by one, so that a bad byte affects one line only; lines can be pushed back."""

    def __init__(self, file: TextFile, notes: list[str]) -> None:
        self.back: deque[str] = deque()
        self._notes, self._name = notes, file.path.name
        self._encoding = file.encoding
        self._handle, self._codec = _open(file)
        self._number = 0
        self._has_odd_lines = False
        if file.encoding.note:
            notes.append(file.encoding.note)

    def __del__(self) -> None:
        if hasattr(self, "_handle"):
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
            return line.decode(self._codec)
        except UnicodeDecodeError:
            return self._odd_line(line)

    def _odd_line(self, line: bytes) -> str:
        """Return a line that is not in the encoding of the file: as the others, or in the one that it looks like."""
        if self._encoding.odd:
            return self._encoding.text(line)
        found = decode(line)
        if not self._has_odd_lines:
            self._has_odd_lines = True
            note = f"line {self._number} is not {self._encoding.name}; such lines were read as {found.encoding.name}"
            self._notes.append(f"{note}, and what is no text as �" if found.bad else note)
        return found.text


def _open(file: TextFile) -> tuple[_Handle, str]:
    """Return a handle on lines, and their encoding: UTF-8 for a file of other line ends, which is converted."""
    handle = file.path.open("rb")
    name = file.encoding.name
    head = handle.peek(HEAD)[:HEAD]
    is_wide = "\n".encode(name) != b"\n"
    source: _Source = _WideLines(handle, name) if is_wide else handle
    plain = head.decode(name, "ignore").encode() if is_wide else head  # a wide character may hold a line feed's byte
    has_returns_only = b"\r" in plain and b"\n" not in plain
    return (_ReturnLines(source) if has_returns_only else source), UTF8 if is_wide else name


class _WideLines:
    """Lines of a text of wide characters, as UTF-8. Only a line feed ends one: cells hold U+2028 and the like."""

    def __init__(self, handle: io.BufferedReader, encoding: str) -> None:
        self._text = io.TextIOWrapper(handle, encoding, "replace", newline="\n")

    def read(self, size: int = -1, /) -> bytes:
        """Return so many characters."""
        return self._text.read(size).encode(errors="replace")

    def readline(self, size: int = -1, /) -> bytes:
        """Return the next line with its end, at most `size` characters; nothing at the end of the file."""
        return self._text.readline(size).encode(errors="replace")

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
            block = self._handle.read(BLOCK)
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
