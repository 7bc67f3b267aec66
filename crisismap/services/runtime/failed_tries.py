"""In-memory counts of failed tries per address in a sliding window."""

from __future__ import annotations

from collections import deque
from threading import Lock

from cachetools import LRUCache

from crisismap.core.errors import TooManyTries

MOST_ADDRESSES = 50_000


class FailedTries:
    """Allows at most `most` failures per address within `window_ms`. `on=False` never refuses."""

    def __init__(self, most: int, window_ms: int, *, on: bool = True) -> None:
        self._most, self._window_ms, self._on = most, window_ms, on
        self._failures: LRUCache[str, deque[int]] = LRUCache(MOST_ADDRESSES)
        self._lock = Lock()

    def check(self, address: str, now_ms: int) -> None:
        """Raise TooManyTries while the address has reached its limit of failures."""
        with self._lock:
            times = self._failures.get(address)
            while times and times[0] <= now_ms - self._window_ms:
                times.popleft()
            if self._on and times and len(times) >= self._most:
                wait_s = -((now_ms - times[0] - self._window_ms) // 1000)  # rounded up
                raise TooManyTries("too_many_tries", retry_after_s=wait_s)

    def failed(self, address: str, now_ms: int) -> None:
        """Count a failure."""
        with self._lock:
            self._failures.setdefault(address, deque(maxlen=self._most)).append(now_ms)
