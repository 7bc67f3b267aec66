"""Caches: what is worked out once and kept in memory for one open deployment; each is bounded."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from threading import Lock, RLock
from typing import Any, Generic, TypeVar

from cachetools import LRUCache

from crisismap.core.privacy import Audience
from crisismap.services.runtime.packed_tiles import PackedTiles

T = TypeVar("T")


class IdentityKey(Generic[T]):
    """A key or stamp equal to another when it is of the very same objects; it keeps them alive.

    Layer versions and boards are never changed, only replaced, and are too large to be compared.
    """

    def __init__(self, *objects: T) -> None:
        self.objects = objects

    def __hash__(self) -> int:
        return hash(tuple(map(id, self.objects)))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, IdentityKey) and list(map(id, self.objects)) == list(map(id, other.objects))


class Cache:
    """At most `size` values by key, each as long as its stamp is the same; the least recently used go first.

    For any thread. A value is made once: who asks for any other that is not there waits for it.
    """

    def __init__(self, size: int) -> None:
        self._held: LRUCache[Hashable, tuple[object, Any]] = LRUCache(size)
        self._lock = Lock()
        self._making = RLock()

    def get(self, key: Hashable, make: Callable[[], T], *, stamp: object = None) -> T:
        """Return the value made at this stamp."""
        held = self._find(key, stamp)
        if held is None:
            with self._making:
                held = self._find(key, stamp)
                if held is None:
                    held = (make(),)
                    with self._lock:
                        self._held[key] = (stamp, held[0])
        value: T = held[0]
        return value

    def __len__(self) -> int:
        return len(self._held)

    def _find(self, key: Hashable, stamp: object) -> tuple[Any] | None:
        with self._lock:
            try:  # not get(): it looks three times, and the hash of some keys is slow
                held = self._held[key]
            except KeyError:
                return None
        return (held[1],) if held[0] == stamp else None


def _of(size: int) -> Cache:
    made: Cache = field(default_factory=lambda: Cache(size))
    return made


@dataclass(frozen=True, slots=True)
class Caches:
    """One of each for an open deployment."""

    tiles: PackedTiles = field(default_factory=PackedTiles)
    lists: Cache = _of(64)  # services.queue
    first_answers: Cache = _of(len(Audience))
    affected: Cache = _of(16)  # anybody may ask, and many polygons take a second
    basemap: Cache = _of(1)
    gazetteer: Cache = _of(2)
    shelters: Cache = _of(2)
    road_graphs: Cache = _of(2)
    closures: Cache = _of(2)
    desk: Cache = _of(512)  # what all sessions of the desk show alike
    list_pages: Cache = _of(32)  # of the desk
