"""The Store: everything that must outlive the process, one attribute per noun (`core.ports.Store`).

Writes go to the one writer and return futures, resolved when they are on disk; reads use query-only connections, each
in one transaction.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from crisismap.core import ports
from crisismap.core.errors import Misconfigured
from crisismap.store import migrate
from crisismap.store.contact_cipher import ContactCipher
from crisismap.store.credential_cache import CredentialCache
from crisismap.store.dispatch import Dispatch
from crisismap.store.engine import FolderLock, Reader, open_engine
from crisismap.store.events import Events
from crisismap.store.integrity import check_file
from crisismap.store.layers import Layers
from crisismap.store.people import People
from crisismap.store.photos import Photos
from crisismap.store.reports import Reports
from crisismap.store.requests import Requests
from crisismap.store.tables import erasure
from crisismap.store.upkeep import Upkeep
from crisismap.store.writer import Writer


class Store:
    """One deployment's database. `folder` contains the lock and, on SQLite, the database."""

    def __init__(self, url: str, folder: Path, key: bytes) -> None:
        cipher, cache = ContactCipher(key), CredentialCache()
        # The cache is cleared before other listeners are notified of a commit.
        listeners: list[Callable[[int], None]] = [lambda _revision: cache.forget()]
        self._write_engine = open_engine(url, writes=True)
        self._lock = FolderLock(folder)
        try:
            self._open(url, folder)
        except BaseException:
            self._write_engine.dispose()
            self._lock.close()
            raise
        self._reader = open_engine(url, writes=False)
        reader = Reader(self._reader)
        self.writer = Writer(self._write_engine, cipher, listeners)
        self.reports: ports.Reports = Reports(reader, self.writer, cipher)
        self.requests: ports.Requests = Requests(reader, self.writer, cipher)
        self.photos: ports.Photos = Photos(reader, self.writer)
        self.layers: ports.Layers = Layers(reader, self.writer)
        self.people: ports.People = People(reader, self.writer, cache)
        self.events: ports.Events = Events(reader, self.writer, listeners)
        self.dispatch: ports.Dispatch = Dispatch(reader, self.writer)
        self.upkeep: ports.Upkeep = Upkeep(reader, self.writer)

    def _open(self, url: str, folder: Path) -> None:
        check_file(url)
        migrate.require_reachable(self._write_engine)
        if self._write_engine.dialect.name == "sqlite":
            migrate.migrate(self._write_engine, backup_to=folder)
            erasure.scrub(self._write_engine)  # left over from a run that was killed
        elif not migrate.is_current(self._write_engine):
            raise Misconfigured("schema_not_current")

    def close(self) -> None:
        """Finish queued writes and close all connections."""
        self.writer.close()
        self._reader.dispose()
        self._write_engine.dispose()
        self._lock.close()
