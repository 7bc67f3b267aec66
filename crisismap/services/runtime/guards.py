"""Limits that protect a deployment from overload, guessing and clock changes."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from crisismap.services.runtime.clock_guard import ClockGuard
from crisismap.services.runtime.failed_tries import FailedTries
from crisismap.services.runtime.rates import Rates
from crisismap.services.runtime.turns import ConcurrencyLimits

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Guards:
    """The guards of one open deployment. `stopping` is set when the process must end."""

    clock: ClockGuard
    rates: Rates
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
