"""A cache of credential holders, cleared by each commit: one page checks its credential many times in a moment."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock

from cachetools import LRUCache

from crisismap.core.people.person import Person

# Another process may end a session in the same database; this bounds how long the cache misses that.
MOMENT_MS = 2_000
MOST = 1024


class CredentialCache:
    """People by the hash of their secret. Thread-safe."""

    def __init__(self) -> None:
        self._entries: LRUCache[bytes, tuple[int, Person]] = LRUCache(MOST)
        self._commits = 0
        self._lock = Lock()

    def forget(self) -> None:
        """Clear the cache after a commit. Must be called before anybody is notified of the commit."""
        with self._lock:
            self._commits += 1
            self._entries.clear()

    def get(self, key: bytes, now_ms: int, load: Callable[[], Person]) -> Person:
        """Return the holder, from `load` when not cached; an error of `load` is not cached."""
        with self._lock:
            commits, cached = self._commits, self._entries.get(key)
        if cached is not None and 0 <= now_ms - cached[0] < MOMENT_MS:
            return cached[1]
        person = load()
        with self._lock:
            if commits == self._commits:  # a result from before the commit may be outdated
                self._entries[key] = (now_ms, person)
        return person
