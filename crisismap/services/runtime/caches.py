"""Bounded in-memory caches of one open deployment."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from threading import Event, Lock, RLock
from typing import Any, TypeVar

from cachetools import LRUCache
from isal import igzip

from crisismap.core.privacy import Audience
from crisismap.services.runtime.place_names import PlaceNames, place_names
from crisismap.situation.board.selection import Selection
from crisismap.situation.merge.gauges import Gauges
from crisismap.situation.merge.per_version import PerVersion
from crisismap.situation.merge.population import PopulationAreas
from crisismap.situation.merge.vicinity import Vicinity
from crisismap.situation.tiles.labels import LayerLabels

TILES = 4096  # number of cached tiles
PATIENCE_S = 10.0  # longest wait for another thread that encodes the same tile
T = TypeVar("T")
TileKey = tuple[Audience, Selection, tuple[int, int, int], tuple[int, int]]


class IdentityKey:
    """A key or stamp that compares objects by identity and keeps them alive.

    Layer versions and boards are replaced, never changed, and are too large to compare by value.
    """

    def __init__(self, *objects: object) -> None:
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
        self._values: LRUCache[Hashable, tuple[object, Any]] = LRUCache(size)
        self._lock = Lock()
        self._computing = RLock()

    def get(self, key: Hashable, make: Callable[[], T], *, stamp: object = None) -> T:
        """Return the cached value for this stamp, computing it with `make` if missing."""
        cached = self._find(key, stamp)
        if cached is None:
            with self._computing:
                cached = self._find(key, stamp)
                if cached is None:
                    cached = (make(),)
                    with self._lock:
                        self._values[key] = (stamp, cached[0])
        value: T = cached[0]
        return value

    def clear(self) -> None:
        """Drop all values."""
        with self._lock:
            self._values.clear()

    def __len__(self) -> int:
        return len(self._values)

    def _find(self, key: Hashable, stamp: object) -> tuple[Any] | None:
        with self._lock:
            try:  # not get(): it hashes the key three times, and the hash of some keys is slow
                cached = self._values[key]
            except KeyError:
                return None
        return (cached[1],) if cached[0] == stamp else None


class PackedTiles:
    """A thread-safe LRU cache of compressed tiles."""

    def __init__(self) -> None:
        self._tiles: LRUCache[TileKey, bytes] = LRUCache(TILES)
        self._pending: dict[TileKey, Event] = {}
        self._forgotten = 0
        self._lock = Lock()

    def get(self, key: TileKey, encode: Callable[[], bytes], forgotten: int) -> bytes:
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
                pending = self._pending.get(key)
                if pending is None:
                    self._pending[key] = Event()
                    break
            pending.wait(PATIENCE_S)
        return self._encode_once(key, encode, forgotten)

    def _encode_once(self, key: TileKey, encode: Callable[[], bytes], forgotten: int) -> bytes:
        try:
            packed = igzip.compress(encode(), 1)
            with self._lock:
                if forgotten == self._forgotten:  # otherwise the tile may contain data erased meanwhile
                    self._tiles[key] = packed
            return packed
        finally:
            with self._lock:
                self._pending.pop(key).set()


def _of(size: int) -> Cache:
    cache: Cache = field(default_factory=lambda: Cache(size))
    return cache


@dataclass(frozen=True, slots=True)
class Caches:
    """The caches of one open deployment."""

    tiles: PackedTiles = field(default_factory=PackedTiles)
    lists: Cache = _of(64)  # used by services.lists.queue and search
    answers: Cache = _of(64)  # encoded, of the API to those who ask the same within a second
    first_answers: Cache = _of(len(Audience))
    affected: Cache = _of(16)  # open to the public, and many polygons take a second
    basemap: Cache = _of(1)
    gazetteer: Cache = _of(2)
    shelters: Cache = _of(2)
    road_graphs: Cache = _of(2)
    closures: Cache = _of(2)
    levels: Cache = _of(64)  # of gauges in older layer versions
    gauges: PerVersion[Gauges] = field(default_factory=lambda: PerVersion(Gauges))
    roads: PerVersion[Vicinity] = field(default_factory=lambda: PerVersion(Vicinity))
    place_names: PerVersion[PlaceNames] = field(default_factory=lambda: PerVersion(place_names))
    labels: PerVersion[LayerLabels] = field(default_factory=lambda: PerVersion(LayerLabels))
    label_tiles: Cache = _of(256)  # names that keep clear of reports
    population: PerVersion[PopulationAreas] = field(default_factory=lambda: PerVersion(PopulationAreas))
    desk: Cache = _of(512)  # values that are the same for all desk sessions
    list_pages: Cache = _of(32)  # used by the desk
