"""The file of a snapshot: a head with its hash, then plain arrays and texts, with a hash of it all at the end.

Nothing in it is believed before its hash was found right. It holds what the database holds, so only its owner may read
it, and it is overwritten before it is deleted, as SQLite does with deleted rows (`secure_delete`).
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO

import msgspec
import numpy as np
from numpy.typing import NDArray

from crisismap.files import sync

MAGIC = b"crisismap situation, layout 1\n"
PART = 1 << 22  # bytes written between two looks at whether to go on
_LENGTH = 8  # bytes of the length of the head
_DIGEST = hashlib.sha256().digest_size
Array = NDArray[Any]


class Damaged(Exception):
    """The file is none of ours, cut short, or changed."""


class Abandoned(Exception):
    """The file was not finished because it must not exist any more."""


class Head(msgspec.Struct, frozen=True):
    """What stands in front of the arrays."""

    fingerprint: str
    about: msgspec.Raw
    arrays: list[tuple[str, str, int]]  # name, type, length; in their order
    texts: int  # bytes behind the arrays


def write(
    path: Path,
    head: Head,
    arrays: Iterable[Array],
    texts: Iterable[bytes],
    may_go_on: Callable[[], bool],
) -> int:
    """Write a new file, synced, and return its size. Raises OSError and Abandoned, and then leaves none behind."""
    encoded = msgspec.json.encode(head)
    begin = (MAGIC, len(encoded).to_bytes(_LENGTH, "little"), hashlib.sha256(encoded).digest(), encoded)
    wipe(path)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb", buffering=PART) as file:
            digest = hashlib.sha256()
            for part in _parts(begin, arrays, texts):
                if not may_go_on():
                    raise Abandoned
                digest.update(part)
                file.write(part)
            file.write(digest.digest())
            file.flush()
            os.fsync(file.fileno())
            return file.tell()
    except BaseException:
        wipe(path)
        raise


def _parts(begin: Iterable[bytes], arrays: Iterable[Array], texts: Iterable[bytes]) -> Iterator[bytes | memoryview]:
    yield from begin
    for array in arrays:
        whole = np.ascontiguousarray(array).data.cast("B") if len(array) else memoryview(b"")
        for at in range(0, len(whole), PART):
            yield whole[at : at + PART]
    yield from texts


def read_head(file: BinaryIO) -> Head:
    """Return the head. Raises Damaged."""
    if file.read(len(MAGIC)) != MAGIC:
        raise Damaged
    length, digest = int.from_bytes(file.read(_LENGTH), "little"), file.read(_DIGEST)
    if length > os.fstat(file.fileno()).st_size:
        raise Damaged
    encoded = file.read(length)
    if hashlib.sha256(encoded).digest() != digest:
        raise Damaged
    return msgspec.json.decode(encoded, type=Head)


def read_rest(file: BinaryIO, head: Head) -> tuple[dict[str, Array], bytearray]:
    """Return the arrays by name, and the texts, of a file whose head was read. Raises Damaged.

    Each array has room behind it, so that the first report that follows need not move all; it is no memory until it is
    used.
    """
    begin = file.tell()
    lengths = [np.dtype(kind).itemsize * n for _, kind, n in head.arrays]
    if begin + sum(lengths) + head.texts + _DIGEST != os.fstat(file.fileno()).st_size:
        raise Damaged
    file.seek(0)
    digest = hashlib.sha256(file.read(begin))
    arrays: dict[str, Array] = {}
    for (name, kind, n), length in zip(head.arrays, lengths, strict=True):
        arrays[name] = array = np.empty(n + n // 8 + 1, kind)
        _fill(file, array.data.cast("B")[:length], digest)
    texts = bytearray(head.texts)
    _fill(file, memoryview(texts), digest)
    if file.read() != digest.digest():
        raise Damaged
    return arrays, texts


def _fill(file: BinaryIO, room: memoryview, digest: Any) -> None:
    for at in range(0, len(room), PART):
        part = room[at : at + PART]
        if file.readinto(part) != len(part):  # type: ignore[attr-defined]
            raise Damaged
        digest.update(part)


def wipe(path: Path) -> None:
    """Overwrite a file and delete it; it may be missing. Raises OSError."""
    with suppress(FileNotFoundError):
        try:
            with path.open("r+b", buffering=0) as file:
                size = os.fstat(file.fileno()).st_size
                for at in range(0, size, PART):
                    file.write(bytes(min(PART, size - at)))
                os.fsync(file.fileno())
        finally:
            path.unlink()
            sync(path.parent)
