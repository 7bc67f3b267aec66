"""The snapshot of a data folder: read at a start, written now and then, and gone before an erasure is acknowledged.

It is never a source of truth. One that is damaged, of another program, of other rules or of another database is deleted
and the situation is rebuilt from the store.
"""

from __future__ import annotations

import logging
import math
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
from numpy.typing import NDArray

from crisismap.core.change_set import ChangeSet, Resumable
from crisismap.core.errors import NotFound
from crisismap.files import sync
from crisismap.logs import count
from crisismap.situation.snapshot import container
from crisismap.situation.snapshot.content import About, Content

NAME = "situation.snapshot"
HALF = NAME + ".new"
SPARE = 256 << 20  # bytes of the disk that stay free for what matters more
log = logging.getLogger(__name__)


class _Unusable(Exception):
    """Why a snapshot cannot be used."""


@dataclass(frozen=True, slots=True)
class Saved:
    """What a snapshot held, and the layers and people to go on with."""

    about: About
    arrays: dict[str, NDArray[Any]]
    texts: bytearray
    basis: ChangeSet


class SnapshotFile:
    """At most one file, and one in the making. Thread-safe."""

    def __init__(self, folder: Path, source: Resumable) -> None:
        self._path, self._half = folder / NAME, folder / HALF
        self._source = source
        self._lock = threading.Lock()
        self._removing = 0  # threads that wait for the file to be gone
        self._stale = False  # whether the file could not be deleted
        self._revision: int | None = None  # of the file; None for none
        self._tried_s = -math.inf  # when it was last read, or tried to be written

    def read(self, fingerprint: str) -> Saved | None:
        """Return what the file holds; None without one, and for one that cannot be used, which is deleted."""
        with self._lock:
            container.wipe(self._half)  # left over from a run that was killed
            if not self._path.exists():
                return None
            try:
                saved = self._read(fingerprint)
            except _Unusable as why:
                log.warning("the snapshot of the situation is not used, because %s; every report is read instead", why)
                container.wipe(self._path)
                return None
            self._revision, self._tried_s = saved.about.revision, time.monotonic()
            return saved

    def _read(self, fingerprint: str) -> Saved:
        try:
            with self._path.open("rb") as file:
                head = container.read_head(file)
                if head.fingerprint != fingerprint:
                    raise _Unusable("it was made by another program, by other rules or with another key")
                arrays, texts = container.read_rest(file, head)
        except container.Damaged:
            raise _Unusable("it is damaged") from None
        except OSError as problem:
            raise _Unusable(f"it cannot be read ({problem.strerror})") from None
        about = msgspec.json.decode(head.about, type=About)
        if self._source.hash_of(about.revision) != bytes.fromhex(about.log):
            raise _Unusable("it is of another database, or newer than this one")
        try:
            return Saved(about, arrays, texts, self._source.basis(about.layers))
        except NotFound:
            raise _Unusable("a version of a layer that it was made with is not kept any more") from None

    def is_due(self, revision: int, age_s: float) -> bool:
        """Return whether a snapshot of this revision should be written, `age_s` after the last try at the earliest.

        One that was deleted because something was removed is due at once.
        """
        return self._revision != revision and time.monotonic() - self._tried_s >= age_s

    def write(self, fingerprint: str, content_now: Callable[[], Content]) -> bool:
        """Write what `content_now` returns and return whether that was done; what prevents it is logged."""
        began = time.perf_counter()
        with self._lock:
            self._tried_s = time.monotonic()
            try:
                if self._stale:
                    self._wipe()
                content = content_now()
                last = self._source.hash_of(content.about.revision)
                if last is None:
                    return False  # nothing has happened yet
                content.about.log = last.hex()
                free = shutil.disk_usage(self._path.parent).free
                if free < content.size + SPARE:
                    log.warning("no snapshot of the situation: only %s MB of the disk are free", count(free >> 20))
                    return False
                size = self._write(fingerprint, content)
            except container.Abandoned:
                return False
            except OSError as problem:
                log.warning("no snapshot of the situation: %s", problem.strerror)
                return False
            self._revision = content.about.revision
        log.info("snapshot of the situation: %s kB in %.1f s", count(size >> 10), time.perf_counter() - began)
        return True

    def _write(self, fingerprint: str, content: Content) -> int:
        kinds = [(name, array.dtype.str, len(array)) for name, array in content.arrays]
        head = container.Head(fingerprint, msgspec.Raw(msgspec.json.encode(content.about)), kinds, content.text_bytes)
        arrays = (array for _, array in content.arrays)
        size = container.write(self._half, head, arrays, content.texts, lambda: not self._removing)
        if self._removing:
            container.wipe(self._half)
            raise container.Abandoned
        self._half.replace(self._path)
        sync(self._path.parent)
        return size

    @contextmanager
    def removed(self) -> Iterator[None]:
        """Delete the file, also one in the making; none is begun until the end of this context."""
        self._removing += 1
        try:
            with self._lock:
                try:
                    self._wipe()
                except OSError as problem:  # it is tried again at the next write and at the next start
                    self._stale = True
                    log.error("the snapshot of the situation could not be deleted: %s", problem.strerror)
                self._tried_s = -math.inf
                yield
        finally:
            self._removing -= 1

    def _wipe(self) -> None:
        container.wipe(self._half)
        container.wipe(self._path)
        self._revision, self._stale = None, False
