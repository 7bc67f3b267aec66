"""Raster tiles on disk, with the time they were fetched: bounded, the least recently used removed first.

A tile stays until space is needed, however old it is: an old tile is better than none when its server is down.
Nothing is synced; a tile truncated by a crash is detected by its checksum and fetched again.
"""

from __future__ import annotations

import os
import shutil
import time
import zlib
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from threading import Lock

import msgspec

from crisismap.core.place.mercator import Tile

MOST_BYTES = 512 << 20
_LEAVE = 0.8  # share of the limit that is kept after a cleanup
_TOUCH_S = 600  # least interval between updates of a tile's time of use


class CachedTile(msgspec.Struct, frozen=True):
    """A cached tile. An empty `media_type`: the server has none there."""

    body: bytes
    media_type: str
    fetched_ms: int
    etag: str = ""
    last_modified: str = ""


class PictureCache:
    """Tiles by layer, recipe, and position."""

    def __init__(self, folder: Path, most: int = MOST_BYTES) -> None:
        self._folder = folder
        self._most = most
        self._lock = Lock()
        self._size: int | None = None  # bytes; computed when the first tile is stored

    def get(self, layer_id: str, recipe: str, tile: Tile) -> CachedTile | None:
        """Return the tile if it is cached and undamaged."""
        path = self._path(layer_id, recipe, tile)
        try:
            data = path.read_bytes()
            if time.time() - path.stat().st_mtime > _TOUCH_S:
                os.utime(path)
            if zlib.crc32(data[4:]) != int.from_bytes(data[:4], "big"):
                return None
            return msgspec.msgpack.decode(data[4:], type=CachedTile)
        except (OSError, msgspec.MsgspecError):
            return None

    def put(self, layer_id: str, recipe: str, tile: Tile, cached: CachedTile) -> None:
        """Store a tile; a failed write to disk is ignored."""
        body = msgspec.msgpack.encode(cached)
        data = zlib.crc32(body).to_bytes(4, "big") + body
        path = self._path(layer_id, recipe, tile)
        half = path.with_suffix(f".{os.urandom(4).hex()}.new")
        try:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            half.write_bytes(data)
            half.replace(path)
        except OSError:
            with suppress(OSError):
                half.unlink()
            return
        with self._lock:
            used = sum(stat.st_size for _, stat in self._files()) if self._size is None else self._size + len(data)
            self._size = used
            if used > self._most:
                self._remove_oldest()

    def forget(self, layer_id: str) -> None:
        """Delete all tiles of a layer."""
        shutil.rmtree(self._folder / layer_id, ignore_errors=True)
        with self._lock:
            self._size = None

    def _path(self, layer_id: str, recipe: str, tile: Tile) -> Path:
        return self._folder / layer_id / recipe / str(tile.z) / f"{tile.x}-{tile.y}.tile"

    def _files(self) -> Iterator[tuple[Path, os.stat_result]]:
        for root, _, names in os.walk(self._folder):
            for name in names:
                path = Path(root, name)
                with suppress(OSError):  # replaced meanwhile
                    yield path, path.stat()

    def _remove_oldest(self) -> None:
        files = sorted(self._files(), key=lambda each: each[1].st_mtime)
        size = sum(stat.st_size for _, stat in files)
        for path, stat in files:
            if size <= self._most * _LEAVE:
                break
            with suppress(OSError):
                path.unlink()
                size -= stat.st_size
        self._size = size
