"""Bounded in-memory caches of one open deployment."""

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
    """A key or stamp that compares objects by identity and keeps them alive.

    Layer versions and boards are replaced, never changed, and are too large to compare by value.
    """

    def __init__(self, *objects: T) -> None:
        self.objects = objects

    def __hash__(self) -> int:
        return hash(tuple(map(id, self.objects)))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, IdentityKey) and list(map(id, self.objects)) == list(map(id, other.objects))


class Cache:
    """A thread-safe LRU cache of at most `size` values, each valid while its stamp is unchanged.

    Each value is computed once: a caller who needs any other missing value waits meanwhile.
    """

    def __init__(self, size: int) -> None:
        self._held: LRUCache[Hashable, tuple[object, Any]] = LRUCache(size)
        self._lock = Lock()
        self._computing = RLock()

    def get(self, key: Hashable, make: Callable[[], T], *, stamp: object = None) -> T:
        """Return the cached value for this stamp, computing it with `make` if missing."""
        held = self._find(key, stamp)
        if held is None:
            with self._computing:
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
            try:  # not get(): it hashes the key three times, and the hash of some keys is slow
                held = self._held[key]
            except KeyError:
                return None
        return (held[1],) if held[0] == stamp else None


def _of(size: int) -> Cache:
    made: Cache = field(default_factory=lambda: Cache(size))
    return made


@dataclass(frozen=True, slots=True)
class Caches:
    """The caches of one open deployment."""

    tiles: PackedTiles = field(default_factory=PackedTiles)
    lists: Cache = _of(64)  # used by services.lists.queue
    first_answers: Cache = _of(len(Audience))
    affected: Cache = _of(16)  # open to the public, and many polygons take a second
    basemap: Cache = _of(1)
    gazetteer: Cache = _of(2)
    shelters: Cache = _of(2)
    road_graphs: Cache = _of(2)
    closures: Cache = _of(2)
    desk: Cache = _of(512)  # values that are the same for all desk sessions
    list_pages: Cache = _of(32)  # used by the desk
