"""Packed tiles: each encoded and packed once per revision, for all who look at the same."""

from __future__ import annotations

from collections.abc import Callable
from threading import Event, Lock

from cachetools import LRUCache
from isal import igzip

from crisismap.core.privacy import Audience
from crisismap.situation.board.selection import Selection

KEPT = 4096  # packed tiles
PATIENCE_S = 10.0  # for another's encoding of the same tile

Key = tuple[Audience, Selection, tuple[int, int, int], tuple[int, int]]


class PackedTiles:
    """Packed tiles, the least recently used let go first. For any thread."""

    def __init__(self) -> None:
        self._tiles: LRUCache[Key, bytes] = LRUCache(KEPT)
        self._making: dict[Key, Event] = {}
        self._forgotten = 0
        self._lock = Lock()

    def get(self, key: Key, encode: Callable[[], bytes], forgotten: int) -> bytes:
        """The tile in gzip; encoded and packed when it is not here. All go when `forgotten` moves (an erasure).

        Desks ask for the tiles of a new revision all at once: the first encodes, the others wait for it.
        """
        while True:
            with self._lock:
                if forgotten != self._forgotten:
                    self._tiles.clear()
                    self._forgotten = forgotten
                try:  # not get(): it looks three times, and a selection's hash is slow
                    return self._tiles[key]
                except KeyError:
                    pass
                other = self._making.get(key)
                if other is None:
                    self._making[key] = Event()
                    break
            other.wait(PATIENCE_S)
        return self._made(key, encode, forgotten)

    def _made(self, key: Key, encode: Callable[[], bytes], forgotten: int) -> bytes:
        try:
            packed = igzip.compress(encode(), 1)
            with self._lock:
                if forgotten == self._forgotten:  # else it may hold what was erased meanwhile
                    self._tiles[key] = packed
            return packed
        finally:
            with self._lock:
                self._making.pop(key).set()
