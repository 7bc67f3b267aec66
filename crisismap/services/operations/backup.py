"""Backups of a running deployment, with a manifest of checksums."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path, PurePosixPath
from typing import Protocol

import msgspec

from crisismap import __version__
from crisismap.core.errors import Misconfigured, Unavailable
from crisismap.core.event import EventDraft
from crisismap.core.people.person import Person
from crisismap.core.ports import DatabaseContent, Store
from crisismap.files import sync
from crisismap.services.reporter.erasure import LIST, Erasure, encode_erasures
from crisismap.services.runtime.context import require
from crisismap.settings import SECRET_FILE, Settings
from crisismap.situation.snapshot.snapshot_file import NAME as SNAPSHOT

MANIFEST = "manifest.json"
DATABASE = "crisismap.sqlite3"
FILES = "files"
FORMAT = 1
# Specific to one run or machine, cached and fetched again when needed, or stored separately on purpose.
_EXCLUDED = ("lock", "server.json", SECRET_FILE, DATABASE, "before-", "erased.", "pictures", SNAPSHOT)
_HALF = (".new", ".part")


class File(msgspec.Struct, frozen=True):
    """One file of a backup, by its path in it."""

    path: str
    bytes: int
    sha256: str


class Manifest(msgspec.Struct, frozen=True):
    """The content of a backup. It is written last: a backup without it is incomplete."""

    format: int
    crisismap: str
    made_at_ms: int
    schema: str
    revision: int
    head: str  # the last event's hash
    reports: int
    secret_check: str  # identifies the right secret without revealing anything of it
    files: list[File]


class Lock(Protocol):
    """A lock on a data folder."""

    def close(self) -> None:
        """Release it."""


class Databases(Protocol):
    """Copies of databases, by the store. A copy is a SQLite file, whichever database it comes from."""

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


def begins(store: Store, now_ms: int, person: Person) -> int:
    """Record that a backup begins and return the revision that it must contain."""
    require(person, "backup.make")
    event = EventDraft("backup.make", "", person.id, now_ms)
    return store.events.record(event).result().revision


def make(
    databases: Databases, settings: Settings, target: Path, began: int, now_ms: int, *, with_secret: bool = False
) -> Manifest:
    """Copy database and files into an empty folder. Raises Misconfigured, Unavailable, and then leaves it empty."""
    if target.resolve().is_relative_to(settings.data_dir.resolve()):
        raise Misconfigured("backup_inside", folder=str(target))
    _empty_folder(target)
    try:
        databases.copy_out(settings.database_url, target / DATABASE)
        content = databases.content(target / DATABASE)
        if not content.chain.holds:
            raise Unavailable("log_broken", problem=content.chain.why)
        if content.chain.events < began:
            raise Unavailable("copy_behind", revision=content.chain.events, began=began)
        # Copied after the database, so that every file that the database names is included.
        for path in data_files(settings):
            with suppress(FileNotFoundError):  # erased meanwhile
                copy_synced(settings.data_dir / path, target / FILES / path)
        _write(target / LIST, encode_erasures(Erasure(*one) for one in databases.erasures(target / DATABASE)))
        if with_secret:
            _write(target / SECRET_FILE, settings.secret_key.encode() + b"\n")
        manifest = Manifest(
            format=FORMAT,
            crisismap=__version__,
            made_at_ms=now_ms,
            schema=content.schema,
            revision=content.chain.events,
            head=content.chain.head,
            reports=content.reports,
            secret_check=settings.secret_check(),
            files=[
                File(path.as_posix(), (target / path).stat().st_size, sha256(target / path))
                for path in _files_below(target)
            ],
        )
        _write(target / MANIFEST, msgspec.json.format(msgspec.json.encode(manifest)) + b"\n")
        for folder in (path for path in target.rglob("*") if path.is_dir()):
            folder.chmod(0o700)
        sync(target)
    except BaseException as problem:
        shutil.rmtree(target, ignore_errors=True)
        if isinstance(problem, OSError):
            raise Unavailable("backup_not_written", folder=str(target), problem=problem.strerror) from None
        raise
    return manifest


def data_files(settings: Settings) -> Iterator[Path]:
    """Return the data folder's files besides the database (photos, the basemap), as paths relative to it."""
    folder, database = settings.data_dir, settings.sqlite_path
    left_out = _EXCLUDED if database is None else (*_EXCLUDED, database.name)
    for path in _files_below(folder):
        nested = any((folder / parent / SECRET_FILE).exists() for parent in path.parents if parent != Path())
        if not nested and not path.parts[0].startswith(left_out) and not path.name.endswith(_HALF):
            yield path


def belongs(path: PurePosixPath) -> bool:
    """Return whether a backup of ours can have a file of this path in it."""
    parts = path.parts
    if path.is_absolute() or ".." in parts:
        return False
    if len(parts) < 2 or parts[0] != FILES:
        return path.as_posix() in (DATABASE, LIST, SECRET_FILE)
    return not parts[1].startswith(_EXCLUDED) and not path.name.endswith(_HALF)


def sha256(path: Path) -> str:
    """Return the hash of a file's content."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _files_below(folder: Path) -> list[Path]:
    """Return all regular files below a folder in order, following no links."""
    paths = (Path(base, name) for base, _, names in os.walk(folder) for name in names)
    return sorted(path.relative_to(folder) for path in paths if path.is_file() and not path.is_symlink())


def _empty_folder(target: Path) -> None:
    try:
        target.mkdir(mode=0o700, parents=True, exist_ok=True)
        is_full = any(target.iterdir())
    except OSError as problem:
        raise Misconfigured("folder_not_usable", folder=str(target), problem=problem.strerror) from None
    if is_full:
        raise Misconfigured("backup_folder_not_empty", folder=str(target))


def copy_synced(source: Path, target: Path) -> None:
    """Copy a file and wait until it is on disk; only its owner may read the copy."""
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    shutil.copyfile(source, target)
    target.chmod(0o600)
    sync(target)


def _write(path: Path, content: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
