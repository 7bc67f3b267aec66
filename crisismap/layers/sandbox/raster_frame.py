"""How the reader of tiles and its child speak through a pipe: a byte that says what it is, a length, the bytes."""

from __future__ import annotations

import struct
from typing import IO

ASK, PNG, JPEG, REFUSED = range(4)
_HEAD = struct.Struct(">BI")


def write_frame(pipe: IO[bytes], code: int, body: bytes) -> None:
    """Send one."""
    pipe.write(_HEAD.pack(code, len(body)) + body)
    pipe.flush()


def read_frame(pipe: IO[bytes], most: int = 1 << 30) -> tuple[int, bytes] | None:
    """The next one; None at the end, in the middle, or when it says that it is longer than `most`."""
    head = pipe.read(_HEAD.size)
    if len(head) < _HEAD.size:
        return None
    code, length = _HEAD.unpack(head)
    if length > most:
        return None
    body = pipe.read(length)
    return (code, body) if len(body) == length else None
