"""Memory: the garbage collector, switched off while many objects are made that stay, and what is freed given back."""

from __future__ import annotations

import ctypes
import gc
from collections.abc import Iterator
from contextlib import contextmanager, suppress


@contextmanager
def nothing_collected() -> Iterator[None]:
    """Disable garbage collection: scanning permanent objects takes a quarter of start-up, and half of reading words."""
    before = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if before:
            gc.enable()


def give_back() -> None:
    """Give freed memory back to the system, where the C library keeps it between objects that stay."""
    with suppress(OSError, AttributeError):  # other C libraries have no such call
        ctypes.CDLL(None).malloc_trim(0)
