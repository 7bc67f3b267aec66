"""Durable writing of files, and the addresses of static ones."""

from __future__ import annotations

import hashlib
import os
from functools import lru_cache
from pathlib import Path

STATIC = Path(__file__).parent / "web" / "static"
MARKED = 12  # characters of the mark in an address


def sync(path: Path) -> None:
    """Wait until a file, or the names in a folder, are on disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def mark_of(content: bytes) -> str:
    """Return the hash that marks the address, the ETag and the compressed copies of a content."""
    return hashlib.sha256(content).hexdigest()[:32]


@lru_cache(maxsize=64)
def asset(name: str) -> str:
    """Return the address of one of our static files, with a mark that changes when the file does."""
    return f"/assets/{name}?v={mark_of((STATIC / name).read_bytes())[:MARKED]}"
