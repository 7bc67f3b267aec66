"""Pieces of a benchmark for the tests of its rounds, in a module that a worker imports at once."""

from __future__ import annotations

from collections.abc import Iterator


def counting(start: int) -> Iterator[dict[str, int]]:
    """Count its rounds."""
    yield {"begin": start}
    while True:
        start += 1
        yield {"n": start}


def failing() -> Iterator[dict[str, int]]:
    """Break in its first round."""
    yield {}
    raise ValueError("broken on purpose")
