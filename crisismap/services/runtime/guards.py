"""Limits that protect a deployment from overload, guessing and clock changes."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TypeVar

from crisismap.core.errors import Unavailable
from crisismap.services.runtime.admission import Admission
from crisismap.services.runtime.clock_guard import ClockGuard
from crisismap.services.runtime.failed_tries import FailedTries
from crisismap.services.runtime.rates import Rates

T = TypeVar("T")


class ConcurrencyLimit:
    """At most `at_once` at a time; who waits longer than `patience_s` gets the refusal `busy`. For any thread."""

    def __init__(self, at_once: int, patience_s: float, busy: str) -> None:
        self._free = threading.BoundedSemaphore(at_once)
        self._patience_s, self._busy = patience_s, busy

    @contextmanager
    def turn(self) -> Iterator[None]:
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

    # Each photo needs a processor and some hundred MB, so many at once would slow down reports.
    photos: ConcurrencyLimit = field(default_factory=lambda: ConcurrencyLimit(2, 20.0, "photos_busy"))
    # Shaping text takes a whole processor, so only one sheet or map is made at a time.
    prints: ConcurrencyLimit = field(default_factory=lambda: ConcurrencyLimit(1, 60.0, "sheets_busy"))
    # Each hash of a password takes 64 MB.
    passwords: ConcurrencyLimit = field(default_factory=lambda: ConcurrencyLimit(2, 60.0, "passwords_busy"))


@dataclass(frozen=True, slots=True)
class Guards:
    """The guards of one open deployment. `stopping` is set when the process must end."""

    clock: ClockGuard
    rates: Rates
    admission: Admission
    code_tries: FailedTries
    sign_in_tries: FailedTries
    turns: ConcurrencyLimits = field(default_factory=ConcurrencyLimits)
    stopping: threading.Event = field(default_factory=threading.Event)

    def batches(self, items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
        """Yield the items in parts of at most `size` until the process must end; the next run continues."""
        for at in range(0, len(items), size):
            if self.stopping.is_set():
                return
            yield items[at : at + size]
