"""The interface of database copies for backup and restore; `bootstrap` passes the store's implementation."""

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
        """Copy a database into a new SQLite file, synced. Raises Unavailable, and then leaves no partial file."""

    def copy_in(self, file: Path, url: str) -> None:
        """Load a copy into an empty PostgreSQL database. Raises Misconfigured if it contains anything."""

    def content(self, file: Path) -> DatabaseContent:
        """Check a whole copy and return its content. Raises Misconfigured if it is damaged."""

    def set_fact(self, file: Path, key: str, value: str) -> None:
        """Set a fact about the deployment in a copy."""

    def erasures(self, file: Path) -> list[tuple[str, int]]:
        """Return id and time of every erased report in a copy's event log."""

    def knows(self, schema: str) -> bool:
        """Return whether this program can migrate from a schema revision."""

    def lock(self, folder: Path) -> Lock:
        """Lock a data folder. Raises AlreadyRunning."""
