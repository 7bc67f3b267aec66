"""A cache of who holds a credential, emptied by each commit: one page asks many times within a moment."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock

from cachetools import LRUCache

from crisismap.core.people.person import Person

# Another process may end a session in the same database; here it is noticed within so long.
MOMENT_MS = 2_000
KEPT = 1024


class CredentialCache:
    """People by the hash of their secret. For any thread."""

    def __init__(self) -> None:
        self._entries: LRUCache[bytes, tuple[int, Person]] = LRUCache(KEPT)
        self._commits = 0
        self._lock = Lock()

    def forget(self) -> None:
        """Something was written: ask the database again. Call it before anybody hears that it was."""
        with self._lock:
            self._commits += 1
            self._entries.clear()

    def get(self, key: bytes, now_ms: int, look: Callable[[], Person]) -> Person:
        """The holder, looked up when not known at this moment; whatever `look` raises is not remembered."""
        with self._lock:
            commits, known = self._commits, self._entries.get(key)
        if known is not None and 0 <= now_ms - known[0] < MOMENT_MS:
            return known[1]
        found = look()
        with self._lock:
            if commits == self._commits:  # else it may be older than what was written meanwhile
                self._entries[key] = (now_ms, found)
        return found
