"""Database engines for SQLite and PostgreSQL, reads and plain statements on them, and the lock on the data folder."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import Any, Concatenate, ParamSpec, TypeVar

from sqlalchemy import Connection, Dialect, Engine, Executable, Insert, create_engine, event
from sqlalchemy.dialects.postgresql import psycopg
from sqlalchemy.dialects.sqlite import pysqlite
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.pool import QueuePool
from sqlalchemy.sql import ClauseElement

from crisismap.core.errors import AlreadyRunning, Misconfigured

P = ParamSpec("P")
T = TypeVar("T")
BUSY_MS = 10_000
READERS = 8
_postgresql: Any = psycopg.dialect  # untyped
_DIALECTS: Mapping[str, Dialect] = MappingProxyType(
    {"sqlite": pysqlite.dialect(paramstyle="qmark"), "postgresql": _postgresql(paramstyle="format")}
)


def open_engine(url: str, *, writes: bool) -> Engine:
    """Return an engine for the one writer or for readers. Readers on SQLite are query-only."""
    try:
        address = make_url(url)
        backend = address.get_backend_name()
        if backend == "sqlite":
            return _sqlite(url, writes=writes)
        if backend == "postgresql":
            return create_engine(url, **_pool(writes), pool_pre_ping=True)
    except (ArgumentError, ImportError):
        # The URL is not shown: it may contain a password.
        raise Misconfigured("database_url_unreadable") from None
    raise Misconfigured("database_unsupported", given=repr(backend))


@contextmanager
def temporary_engine(url: str, *, writes: bool) -> Iterator[Engine]:
    """Open an engine, and dispose of it at the end."""
    engine = open_engine(url, writes=writes)
    try:
        yield engine
    finally:
        engine.dispose()


def _pool(writes: bool) -> dict[str, Any]:
    size, overflow = (1, 0) if writes else (READERS, READERS)
    # Errors are logged, and must not contain people's data.
    return {"pool_size": size, "max_overflow": overflow, "hide_parameters": True}


def _sqlite(url: str, *, writes: bool) -> Engine:
    engine = create_engine(
        url,
        # The writer keeps one connection: closing the last one would checkpoint after each commit.
        poolclass=QueuePool,
        connect_args={"check_same_thread": False, "timeout": BUSY_MS / 1000},
        **_pool(writes),
    )

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: Any) -> None:
        # BEGIN is issued explicitly: the driver issues its own too late, and never IMMEDIATE.
        connection.isolation_level = None
        # secure_delete: deleted content is overwritten with zeros.
        safety = "secure_delete = ON" if writes else "query_only = ON"
        for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON", "cache_size = -65536", safety):
            connection.execute(f"PRAGMA {pragma}")
        # NORMAL loses acknowledged reports at a power cut, so every connection must have FULL.
        if connection.execute("PRAGMA synchronous").fetchone()[0] != 2:
            raise Misconfigured("sqlite_not_full")
        if connection.execute("PRAGMA journal_mode").fetchone()[0].lower() != "wal":
            raise Misconfigured("sqlite_without_wal")

    @event.listens_for(engine, "begin")
    def begin(connection: Any) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


class Reader:
    """Runs queries on the connections of `engine`, from any thread."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    def read(self, query: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a query, which gets a connection before its own arguments, in a transaction."""
        with self.engine.begin() as conn:
            return query(conn, *args, **kwargs)


class Statement:
    """A statement that the driver runs by itself, for the writes of every new report.

    SQLAlchemy makes its SQL once; its binding of values would cost more than the database's own work. The values are
    given as tuples in the order of `names`, in the driver's own types: text, numbers, bytes, None. The driver's errors
    are not wrapped.
    """

    def __init__(self, statement: Executable | Mapping[str, Executable], names: Sequence[str] = ()) -> None:
        """`statement`: one for each database, by its name, or one for all."""
        by_name = statement if isinstance(statement, Mapping) else dict.fromkeys(_DIALECTS, statement)
        self._sql = {name: _sql(each, _DIALECTS[name], names) for name, each in by_name.items()}

    def many(self, conn: Connection, rows: Sequence[Sequence[Any]]) -> None:
        """Run it once for each row."""
        cursor = conn.connection.cursor()
        cursor.executemany(self._sql[conn.dialect.name], rows)
        cursor.close()

    def rows(self, conn: Connection, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Run it and return its rows; none for a statement that returns none."""
        cursor = conn.connection.cursor()
        cursor.execute(self._sql[conn.dialect.name], values)
        found = cursor.fetchall() if cursor.description else []
        cursor.close()
        return list(found)


def _sql(statement: Executable, dialect: Dialect, names: Sequence[str]) -> str:
    """Return the SQL of a statement. Raises ValueError if its values do not stand in the order of `names`."""
    if not isinstance(statement, ClauseElement):
        raise TypeError(statement)
    if isinstance(statement, Insert):
        statement = statement.inline()  # on PostgreSQL it would return the new row's number
    compiled: Any = statement.compile(dialect=dialect, column_keys=list(names) or None)
    if tuple(compiled.positiontup or ()) != tuple(names):
        raise ValueError(f"{compiled.positiontup}")
    return str(compiled)


class FolderLock:
    """An OS lock on the data folder, held while a server or a writing command runs; released when its process ends."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "lock"
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            holder = os.pread(descriptor, 32, 0).decode("ascii", "replace").strip()
            os.close(descriptor)
            raise AlreadyRunning("data_folder_in_use", folder=str(folder), holder=holder or "unknown") from None
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, str(os.getpid()).encode(), 0)
        self._descriptor = descriptor

    def close(self) -> None:
        """Release the lock."""
        os.close(self._descriptor)
