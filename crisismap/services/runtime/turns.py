"""Limits on how many CPU- or memory-intensive operations run at the same time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import BoundedSemaphore

from crisismap.core.errors import Unavailable


class ConcurrencyLimit:
    """A thread-safe semaphore of `at_once` slots; after `patience_s` a waiting caller is refused with `busy`."""

    def __init__(self, at_once: int, patience_s: float, busy: str) -> None:
        self._free = BoundedSemaphore(at_once)
        self._patience_s, self._busy = patience_s, busy

    @contextmanager
    def taken(self) -> Iterator[None]:
        """Wait for a slot and hold it. Raises Unavailable."""
        if not self._free.acquire(timeout=self._patience_s):
            raise Unavailable(self._busy)
        try:
            yield
        finally:
            self._free.release()


@dataclass(frozen=True, slots=True)
class ConcurrencyLimits:
    """The concurrency limits of one open deployment."""

    # Each photo needs a processor and some hundred MB; a flood of them must not delay reports.
    photos: ConcurrencyLimit = field(
        default_factory=lambda: ConcurrencyLimit(
            2, 20.0, "Many photos are being read now; nothing was kept. Please try again."
        )
    )
    # Text shaping needs a processor, so print sheets and maps are made one at a time.
    prints: ConcurrencyLimit = field(
        default_factory=lambda: ConcurrencyLimit(
            1, 60.0, "Many sheets and maps are being made now. Please try again in a minute."
        )
    )
    # Hashing a password takes 64 MB.
    passwords: ConcurrencyLimit = field(
        default_factory=lambda: ConcurrencyLimit(
            2, 60.0, "Many people are signing in now. Please try again in a minute."
        )
    )
