"""A caching proxy for raster tiles of other map servers.

Browsers contact only this server. Concurrent requests for one tile share one fetch; a failing server is retried with
growing delays, and the last good tile is served meanwhile.
"""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field

import msgspec

from crisismap.core.clock import Clock
from crisismap.core.errors import CrisismapError, Malformed, Unavailable, Unreachable, shorten
from crisismap.core.layer.raster import Recipe
from crisismap.core.layer.source import FollowedSource, LayerSource
from crisismap.core.place.mercator import Tile
from crisismap.layers.fetch.client import FetchClient, FetchLimits
from crisismap.layers.fetch.raster_cache import CachedTile, PictureCache
from crisismap.layers.fetch.raster_source import ACCEPT, NOTHING_THERE
from crisismap.layers.sandbox.raster import RasterImage, RasterReader
from crisismap.problems import sentence

AT_ONCE = 4  # concurrent fetches per server
MOST_WAITING = 64  # tiles that may wait per server
BOUNDS = FetchLimits(total_s=15.0, connect_s=5.0, silence_s=8.0, bytes=4 << 20)
FIRST_WAIT_S = 2.0  # delay after the first failure; doubled after each further one
LONGEST_WAIT_S = 600.0
_KNOWN_S = 1.0
OnResult = Callable[[CrisismapError | None], None]  # receives the error of a failed fetch, None after a success


@dataclass(slots=True)
class _Server:
    """The state of requests to one layer's server in this process."""

    pool: ThreadPoolExecutor
    failures: int = 0  # consecutive
    error: str = ""
    retry_ms: int = 0  # time of the next attempt on the steady clock
    gone: bool = False
    waiting: dict[tuple[str, Tile], Future[CachedTile | CrisismapError]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TileRequest:
    """One tile of one layer, fetched according to its recipe."""

    source: LayerSource
    recipe: Recipe
    tile: Tile

    @property
    def mark(self) -> str:
        """Return the mark that distinguishes this recipe from others of the same layer."""
        return mark(self.source, self.recipe)


def mark(source: LayerSource, recipe: Recipe) -> str:
    """Return a short hash of how a layer is fetched; another hash means other tiles."""
    recipe_json = msgspec.json.encode((source.url, source.name, source.format, recipe.url, recipe.matrices))
    return hashlib.blake2b(recipe_json, digest_size=6).hexdigest()


class RasterFetcher:
    """Tile cache and pending fetches of one open deployment. `steady` is a clock in ms that cannot be set."""

    def __init__(self, cache: PictureCache, allowed: frozenset[str], clock: Clock, steady: Clock) -> None:
        self.cache = cache
        self.reader = RasterReader()
        self.bounds = BOUNDS
        self._allowed = allowed
        self._clock = clock
        self._steady = steady
        self._stopping = threading.Event()
        self._sources: tuple[float, list[FollowedSource]] | None = None
        self._servers: dict[str, _Server] = {}
        self._lock = threading.Lock()

    def sources(self, read: Callable[[], list[FollowedSource]]) -> list[FollowedSource]:
        """Return the followed sources, read at most once a second because every tile needs them."""
        now = time.monotonic()
        cached = self._sources
        if cached is None or now - cached[0] > _KNOWN_S:
            cached = self._sources = (now, read())
        return cached[1]

    def forget_sources(self) -> None:
        """Discard the cached sources because they have changed."""
        self._sources = None

    def stored(self, request: TileRequest) -> CachedTile | None:
        """Return the stored tile, however old."""
        return self.cache.get(request.source.layer_id, request.mark, request.tile)

    def fetch(
        self, request: TileRequest, cached: CachedTile | None, on_result: OnResult
    ) -> Future[CachedTile | CrisismapError]:
        """Return the server's current tile, or the error. Concurrent callers share one fetch.

        Raises Unreachable while a failing server is not retried, Unavailable when too many tiles wait for it.
        """
        key = (request.mark, request.tile)
        with self._lock:
            if self._stopping.is_set():
                raise Unavailable("program_ending")
            layer_id = request.source.layer_id
            server = self._servers.get(layer_id)
            if server is None:
                server = _Server(ThreadPoolExecutor(AT_ONCE, f"crisismap-picture-{layer_id}"))
                self._servers[layer_id] = server
            pending = server.waiting.get(key)
            if pending is not None:
                return pending
            self._check_backoff(server)
            if len(server.waiting) >= MOST_WAITING:
                raise Unavailable("pictures_busy")
            future = server.pool.submit(self._fetch_and_store, request, cached, server, on_result)
            server.waiting[key] = future
        future.add_done_callback(lambda _: self._done(server, key))
        return future

    def forget(self, layer_id: str) -> None:
        """Forget a layer that was removed or replaced."""
        self.forget_sources()
        with self._lock:
            server = self._servers.pop(layer_id, None)
        if server is not None:
            server.gone = True
            server.pool.shutdown(wait=False, cancel_futures=True)
        self.cache.forget(layer_id)

    def close(self) -> None:
        """Cancel pending fetches."""
        with self._lock:
            self._stopping.set()
            servers = list(self._servers.values())
        for server in servers:
            server.pool.shutdown(wait=True, cancel_futures=True)
        self.reader.close()

    def _check_backoff(self, server: _Server) -> None:
        left_ms = server.retry_ms - self._steady()
        if left_ms > 0:
            raise Unreachable("server_let_alone", problem=server.error, retry_after_s=max(1, left_ms // 1000))

    def _done(self, server: _Server, key: tuple[str, Tile]) -> None:
        with self._lock:
            server.waiting.pop(key, None)

    def _fetch_and_store(
        self, request: TileRequest, cached: CachedTile | None, server: _Server, on_result: OnResult
    ) -> CachedTile | CrisismapError:
        try:
            self._check_backoff(server)  # the server may have failed while this tile waited
        except Unreachable as refusal:
            return refusal
        try:
            newest = self._request(request, cached)
        except CrisismapError as refusal:
            with self._lock:
                server.failures += 1
                server.error = shorten(sentence(refusal), 500)
                wait_s = min(FIRST_WAIT_S * 2 ** min(server.failures - 1, 20), LONGEST_WAIT_S)
                server.retry_ms = self._steady() + round(wait_s * 1000)
            on_result(refusal)
            return refusal
        with self._lock:
            server.failures, server.error, server.retry_ms = 0, "", 0
        if not server.gone:
            self.cache.put(request.source.layer_id, request.mark, request.tile, newest)
        on_result(None)
        return newest

    def _request(self, request: TileRequest, cached: CachedTile | None) -> CachedTile:
        now_ms = self._clock()
        client = FetchClient(self._allowed, self.bounds, self._stopping)
        prior = cached or CachedTile(b"", "", 0)
        try:
            answer = client.get(
                request.recipe.address(request.tile), etag=prior.etag, last_modified=prior.last_modified, accept=ACCEPT
            )
        except Unreachable as refusal:
            if refusal.details.get("answered") in NOTHING_THERE:
                return CachedTile(b"", "", now_ms)
            raise
        if answer.unchanged:
            if cached is None:
                raise Malformed("unchanged_but_unknown")
            return msgspec.structs.replace(cached, fetched_ms=now_ms)
        picture: RasterImage = self.reader.read(answer.body)
        return CachedTile(picture.body, picture.media_type, now_ms, answer.etag, answer.last_modified)
