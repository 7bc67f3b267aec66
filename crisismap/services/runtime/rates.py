"""Rate limits per address, token and channel: token buckets in memory."""

from __future__ import annotations

from collections.abc import Mapping
from threading import Lock

from cachetools import LRUCache

from crisismap.core.errors import TooManyTries
from crisismap.core.limits import Allowance
from crisismap.core.moment import MINUTE_MS
from crisismap.core.people.person import STRANGER, Person

MOST_BUCKETS = 100_000  # number of buckets; evicted ones are the least recently used and nearly full


class Rates:
    """Thread-safe token buckets. `on=False` never refuses."""

    def __init__(self, allowances: Mapping[str, Allowance], *, on: bool = True) -> None:
        self._allowances = allowances
        self.on = on
        self._buckets: LRUCache[tuple[str, str], tuple[float, int]] = LRUCache(MOST_BUCKETS)  # tokens left, and when
        self._lock = Lock()

    def report(self, person: Person, address: str, channel: str, now_ms: int, count: int = 1) -> None:
        """Count `count` reports. Raises TooManyTries and then counts none."""
        stranger = person == STRANGER
        if not self.on or (not stranger and person.may("report.import")):
            return
        key = ("reports.address", address) if stranger else ("reports.token", person.id)
        self._take([key, ("reports.channel", channel)], now_ms, count)

    def request(self, person: Person | None, address: str, now_ms: int) -> None:
        """Count another request. Raises TooManyTries. `person` None: not known yet, so the address is limited."""
        if self.on:
            key = ("asks.address", address) if person is None or person == STRANGER else ("asks.token", person.id)
            self._take([key], now_ms, 1)

    def _take(self, keys: list[tuple[str, str]], now_ms: int, count: int) -> None:
        with self._lock:
            left = [self._left(key, now_ms) for key in keys]
            for (kind, _), tokens in zip(keys, left, strict=True):
                allowed = self._allowances[kind]
                # A batch larger than the bucket must pass when the bucket is full, or it never would.
                cost = min(count, allowed.burst)
                if tokens < cost:
                    wait_s = int((cost - tokens) * 60 / allowed.per_minute) + 1
                    raise TooManyTries(_CODES[kind], retry_after_s=wait_s, limit=kind)
            for key, tokens in zip(keys, left, strict=True):
                self._buckets[key] = (tokens - count, now_ms)

    def _left(self, key: tuple[str, str], now_ms: int) -> float:
        allowed = self._allowances[key[0]]
        tokens, then_ms = self._buckets.get(key, (float(allowed.burst), now_ms))
        # A clock that was set back must neither add nor remove tokens.
        return min(float(allowed.burst), tokens + max(0, now_ms - then_ms) * allowed.per_minute / MINUTE_MS)


_CODES = {
    "reports.address": "too_many_reports_from_address",
    "reports.token": "too_many_reports_with_token",
    "reports.channel": "too_many_reports_now",
    "asks.address": "too_much_asked_from_address",
    "asks.token": "too_much_asked_with_token",
}
