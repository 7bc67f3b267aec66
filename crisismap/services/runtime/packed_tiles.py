"""A cache of encoded and compressed tiles, shared by all viewers of the same revision."""

from __future__ import annotations

from collections.abc import Callable
from threading import Event, Lock

from cachetools import LRUCache
from isal import igzip

from crisismap.core.privacy import Audience
from crisismap.situation.board.selection import Selection

KEPT = 4096  # number of tiles
PATIENCE_S = 10.0  # longest wait for another thread that encodes the same tile

Key = tuple[Audience, Selection, tuple[int, int, int], tuple[int, int]]


class PackedTiles:
    """A thread-safe LRU cache of compressed tiles."""

    def __init__(self) -> None:
        self._tiles: LRUCache[Key, bytes] = LRUCache(KEPT)
        self._making: dict[Key, Event] = {}
        self._forgotten = 0
        self._lock = Lock()

    def get(self, key: Key, encode: Callable[[], bytes], forgotten: int) -> bytes:
        """Return the gzipped tile, encoding it if missing. A change of `forgotten` (an erasure) empties the cache.

        Desks request the tiles of a new revision all at once: the first request encodes, the others wait for it.
        """
        while True:
            with self._lock:
                if forgotten != self._forgotten:
                    self._tiles.clear()
                    self._forgotten = forgotten
                try:  # not get(): it hashes the key three times, and a selection's hash is slow
                    return self._tiles[key]
                except KeyError:
                    pass
                other = self._making.get(key)
                if other is None:
                    self._making[key] = Event()
                    break
            other.wait(PATIENCE_S)
        return self._encode_once(key, encode, forgotten)

    def _encode_once(self, key: Key, encode: Callable[[], bytes], forgotten: int) -> bytes:
        try:
            packed = igzip.compress(encode(), 1)
            with self._lock:
                if forgotten == self._forgotten:  # otherwise the tile may contain data erased meanwhile
                    self._tiles[key] = packed
            return packed
        finally:
            with self._lock:
                self._making.pop(key).set()
