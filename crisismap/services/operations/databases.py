"""Whole databases as backup and restore need them; `bootstrap` passes the store's module that implements it."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from crisismap.core.ports import DatabaseContent


class Lock(Protocol):
    """A lock on a data folder."""

    def close(self) -> None:
        """Release it."""


class Databases(Protocol):
    """Copies of databases. A copy is a SQLite file, whichever database it comes from."""

    def copy_out(self, url: str, target: Path) -> None:
        """Copy a database into a new SQLite file, synced. Raises Unavailable, and leaves no half a file."""

    def copy_in(self, file: Path, url: str) -> None:
        """Put a copy into an empty PostgreSQL database. Raises Misconfigured when it holds anything."""

    def content(self, file: Path) -> DatabaseContent:
        """Check a copy from end to end and return what is in it. Raises Misconfigured when it is damaged."""

    def set_fact(self, file: Path, key: str, value: str) -> None:
        """Write a fact about the deployment into a copy."""

    def erasures(self, file: Path) -> list[tuple[str, int]]:
        """Return id and time of every report that was erased, as the event log of a copy tells."""

    def knows(self, schema: str) -> bool:
        """Whether this program can bring a schema revision to its own."""

    def lock(self, folder: Path) -> Lock:
        """Lock a data folder. Raises AlreadyRunning."""
