"""Copies of a whole database: from a running database into a SQLite file, and from such a file into a database.

A copy is a SQLite file whatever the source database, so that a backup can be opened with any tool and restored into
either. It is made in one read transaction and contains everything acknowledged before it. The module implements
`services.operations.backup.Databases`.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import Connection, Engine, Table, create_engine, delete, func, insert, select, text
from sqlalchemy.exc import SQLAlchemyError

from crisismap.core.errors import Misconfigured, Unavailable
from crisismap.core.ports import DatabaseContent
from crisismap.files import sync
from crisismap.store import event_log, migrate, schema
from crisismap.store.engine import FolderLock, temporary_engine
from crisismap.store.integrity import check_file

CHUNK = 5000  # rows at a time


def copy_out(url: str, target: Path) -> None:
    """Copy a database into a new SQLite file, synced to disk. Raises Unavailable, and leaves no partial file."""
    half = target.with_name(target.name + ".part")
    half.unlink(missing_ok=True)
    try:
        if url.startswith("sqlite"):
            _vacuum_into(Path(url.partition(":///")[2]), half)
        else:
            _tables_into(url, half)
        half.chmod(0o600)
        sync(half)
        half.replace(target)
        sync(target.parent)
    except (sqlite3.Error, SQLAlchemyError, OSError) as problem:
        raise Unavailable("database_not_copied", folder=str(target), problem=_one_line(problem)) from None
    finally:
        half.unlink(missing_ok=True)


def copy_in(file: Path, url: str) -> None:
    """Copy a backup into an empty PostgreSQL database. Raises Misconfigured when the database is not empty."""
    with temporary_engine(url, writes=True) as engine:
        migrate.require_reachable(engine)
        if migrate.current_schema(engine) is not None and _has_events(engine):
            raise Misconfigured("database_not_empty")
        migrate.migrate(engine)
        with _open_copy(file) as source, source.connect() as rows, engine.begin() as conn:
            for table in reversed(schema.metadata.sorted_tables):
                conn.execute(delete(table))
            _copy_rows(rows, conn)
            for table in schema.metadata.sorted_tables:
                _continue_numbers(conn, table)


def content(file: Path) -> DatabaseContent:
    """Check the integrity of a copy and return its content. Raises Misconfigured when it is damaged."""
    check_file(f"sqlite:///{file}")
    with _open_copy(file) as engine, engine.connect() as conn:
        chain = event_log.verify(conn)
        reports = conn.execute(select(func.count()).select_from(schema.report)).scalar_one()
        return DatabaseContent(chain, reports, migrate.current_schema(engine) or "")


def set_fact(file: Path, key: str, value: str) -> None:
    """Write a fact about the deployment into a copy."""
    with closing(sqlite3.connect(file)) as conn, conn:
        conn.execute("INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)", (key, value))
    sync(file)


def erasures(file: Path) -> list[tuple[str, int]]:
    """Return id and time of every erased report, from the event log of a copy."""
    event = schema.event
    with _open_copy(file) as engine, engine.connect() as conn:
        rows = conn.execute(select(event.c.subject, event.c.at_ms).where(event.c.verb == "report.erase"))
        return [(row.subject, row.at_ms) for row in rows]


def knows(schema: str) -> bool:
    """Return whether this program can migrate a schema revision to its own."""
    return migrate.knows(schema)


def lock(folder: Path) -> FolderLock:
    """Lock a data folder. Raises AlreadyRunning."""
    return FolderLock(folder)


def _vacuum_into(source: Path, target: Path) -> None:
    # Unlike a copy page by page this leaves out free pages, so the copy contains no deleted data.
    with closing(sqlite3.connect(f"file:{quote(str(source))}?mode=ro", uri=True, timeout=30)) as conn:
        conn.execute("VACUUM INTO ?", (str(target),))


def _tables_into(url: str, target: Path) -> None:
    with temporary_engine(url, writes=False) as source, temporary_engine(f"sqlite:///{target}", writes=True) as into:
        if not migrate.is_current(source):
            raise Misconfigured("schema_not_current")
        migrate.migrate(into)
        snapshot = source.connect().execution_options(isolation_level="REPEATABLE READ")
        with snapshot as rows, rows.begin(), into.begin() as conn:
            conn.execute(delete(schema.log_end))
            _copy_rows(rows, conn)
    with closing(sqlite3.connect(target)) as conn:
        conn.execute("PRAGMA journal_mode = DELETE")  # a single file, without a separate log


def _copy_rows(rows: Connection, conn: Connection) -> None:
    for table in schema.metadata.sorted_tables:
        result = rows.execution_options(yield_per=CHUNK).execute(select(table))
        for part in result.mappings().partitions(CHUNK):
            conn.execute(insert(table), [dict(row) for row in part])


def _continue_numbers(conn: Connection, table: Table) -> None:
    """Set the number sequence of a table behind the rows that were inserted with their numbers."""
    key = next(iter(table.primary_key))
    names = {"table": table.name, "key": key.name}
    sequence = conn.execute(text("SELECT pg_get_serial_sequence(:table, :key)"), names).scalar()
    if sequence is not None:
        highest = conn.execute(select(func.max(key))).scalar()
        conn.execute(
            text("SELECT setval(:name, :last, :used)"), {"name": sequence, "last": highest or 1, "used": bool(highest)}
        )


def _has_events(engine: Engine) -> bool:
    with engine.connect() as conn:
        return conn.execute(select(schema.event.c.revision).limit(1)).first() is not None


@contextmanager
def _open_copy(file: Path) -> Iterator[Engine]:
    """Open a copy read-only, so that SQLite creates no files beside it."""
    engine = create_engine(f"sqlite:///file:{quote(str(file))}?mode=ro&uri=true")
    try:
        yield engine
    finally:
        engine.dispose()


def _one_line(problem: Exception) -> str:
    return " ".join(str(getattr(problem, "orig", None) or problem).split())[:200]
