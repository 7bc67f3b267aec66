"""Counts of messages by channel and result since the process started, for /metrics."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from enum import StrEnum
from threading import Lock


class MessageResult(StrEnum):
    """The result of a message or delivery."""

    TAKEN = "taken"
    REPEATED = "repeated"
    REFUSED = "refused"
    LIMITED = "limited"
    NOT_FOR_US = "not_for_us"
    FAILED = "failed"


class MessageCounts:
    """Thread-safe counters that only increase."""

    def __init__(self) -> None:
        self._counts: Counter[tuple[str, MessageResult]] = Counter()
        self._lock = Lock()

    def add(self, channel: str, result: MessageResult, count: int = 1) -> None:
        """Add `count` messages."""
        with self._lock:
            self._counts[channel, result] += count

    def of(self, channel: str) -> Mapping[MessageResult, int]:
        """Return the counts of one channel, including zeros."""
        with self._lock:
            return {result: self._counts[channel, result] for result in MessageResult}
