"""Framing of the pipe between tile reader and child: a type byte, a length, the bytes."""

from __future__ import annotations

import struct
from typing import IO

ASK, PNG, JPEG, REFUSED = range(4)
_HEAD = struct.Struct(">BI")


def write_frame(pipe: IO[bytes], code: int, body: bytes) -> None:
    """Write one frame."""
    pipe.write(_HEAD.pack(code, len(body)) + body)
    pipe.flush()


def read_frame(pipe: IO[bytes], most: int = 1 << 30) -> tuple[int, bytes] | None:
    """Return the next frame; None at the end, for an incomplete one, or when its length exceeds `most`."""
    head = pipe.read(_HEAD.size)
    if len(head) < _HEAD.size:
        return None
    code, length = _HEAD.unpack(head)
    if length > most:
        return None
    body = pipe.read(length)
    return (code, body) if len(body) == length else None
