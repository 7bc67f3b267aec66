"""Turns: how many may do at the same time what takes a whole processor or much memory."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import BoundedSemaphore

from crisismap.core.errors import Unavailable


class ConcurrencyLimit:
    """At most `at_once` at a time; who waits longer than `patience_s` gets the refusal `busy`. For any thread."""

    def __init__(self, at_once: int, patience_s: float, busy: str) -> None:
        self._free = BoundedSemaphore(at_once)
        self._patience_s, self._busy = patience_s, busy

    @contextmanager
    def taken(self) -> Iterator[None]:
        """Wait for a turn and hold it. Raises Unavailable."""
        if not self._free.acquire(timeout=self._patience_s):
            raise Unavailable(self._busy)
        try:
            yield
        finally:
            self._free.release()


@dataclass(frozen=True, slots=True)
class ConcurrencyLimits:
    """One of each for an open deployment."""

    # A flood of photos must not take the machine from the reports: each needs a processor and some hundred MB.
    photos: ConcurrencyLimit = field(default_factory=lambda: ConcurrencyLimit(2, 20.0, "photos_busy"))
    # Shaping letters takes a processor: one sheet or map at a time.
    prints: ConcurrencyLimit = field(default_factory=lambda: ConcurrencyLimit(1, 60.0, "sheets_busy"))
    # Each hash of a password takes 64 MB.
    passwords: ConcurrencyLimit = field(default_factory=lambda: ConcurrencyLimit(2, 60.0, "passwords_busy"))
