"""Copies of a whole database: out of one that is written to meanwhile into a SQLite file, and from such a file in.

A copy is a SQLite file whichever database it comes from, so that a backup can be opened with any tool and put into
either. It is taken in one read transaction: one moment, and everything that was acknowledged before it. The module is
a `services.operations.databases.Databases`.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import Connection, Engine, create_engine, delete, func, insert, select, text
from sqlalchemy.exc import SQLAlchemyError

from crisismap.core.errors import Misconfigured, Unavailable
from crisismap.core.ports import DatabaseContent
from crisismap.files import sync
from crisismap.store import event_log, migrate, schema
from crisismap.store.engine import FolderLock, open_engine
from crisismap.store.integrity import check_file

CHUNK = 5000  # rows at a time


def copy_out(url: str, target: Path) -> None:
    """Copy a database into a new SQLite file, synced to disk. Raises Unavailable, and leaves no half a file."""
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
        raise Unavailable("database_not_copied", folder=str(target), problem=_short(problem)) from None
    finally:
        half.unlink(missing_ok=True)


def copy_in(file: Path, url: str) -> None:
    """Put a copy into an empty PostgreSQL database. Raises Misconfigured when it holds anything."""
    engine = open_engine(url, writes=True)
    try:
        migrate.require_reachable(engine)
        if migrate.current_schema(engine) is not None and _rows(engine, schema.event.name):
            raise Misconfigured("database_not_empty")
        migrate.migrate(engine)
        with _open_copy(file) as source, source.connect() as rows, engine.begin() as conn:
            for table in reversed(schema.metadata.sorted_tables):
                conn.execute(delete(table))
            _move(rows, conn)
            for table in schema.metadata.sorted_tables:
                _continue_numbers(conn, table.name)
    finally:
        engine.dispose()


def content(file: Path) -> DatabaseContent:
    """Check a copy from end to end and say what is in it. Raises Misconfigured when it is damaged."""
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
    """Id and time of every report that was erased, as the log of a copy tells."""
    event = schema.event
    with _open_copy(file) as engine, engine.connect() as conn:
        rows = conn.execute(select(event.c.subject, event.c.at_ms).where(event.c.verb == "report.erase"))
        return [(row.subject, row.at_ms) for row in rows]


def knows(schema: str) -> bool:
    """Whether this program can bring a schema revision to its own."""
    return migrate.knows(schema)


def lock(folder: Path) -> FolderLock:
    """Lock a data folder. Raises AlreadyRunning."""
    return FolderLock(folder)


def _vacuum_into(source: Path, target: Path) -> None:
    # Unlike a copy page by page it leaves out free pages: what was deleted before is not in the copy.
    with closing(sqlite3.connect(f"file:{quote(str(source))}?mode=ro", uri=True, timeout=30)) as conn:
        conn.execute("VACUUM INTO ?", (str(target),))


def _tables_into(url: str, target: Path) -> None:
    source, into = open_engine(url, writes=False), open_engine(f"sqlite:///{target}", writes=True)
    try:
        if not migrate.is_current(source):
            raise Misconfigured("schema_not_current")
        migrate.migrate(into)
        snapshot = source.connect().execution_options(isolation_level="REPEATABLE READ")
        with snapshot as rows, rows.begin(), into.begin() as conn:
            conn.execute(delete(schema.log_end))
            _move(rows, conn)
    finally:
        source.dispose()
        into.dispose()
    with closing(sqlite3.connect(target)) as conn:
        conn.execute("PRAGMA journal_mode = DELETE")  # one file, with no log beside it


def _move(rows: Connection, conn: Connection) -> None:
    for table in schema.metadata.sorted_tables:
        found = rows.execution_options(yield_per=CHUNK).execute(select(table))
        for part in found.mappings().partitions(CHUNK):
            conn.execute(insert(table), [dict(row) for row in part])


def _continue_numbers(conn: Connection, table: str) -> None:
    """Let a table go on counting after the rows that were put in with their numbers."""
    [key] = [column.name for column in schema.metadata.tables[table].primary_key][:1]
    sequence = conn.execute(text("SELECT pg_get_serial_sequence(:table, :key)"), {"table": table, "key": key}).scalar()
    if sequence is not None:
        highest = conn.execute(select(func.max(schema.metadata.tables[table].c[key]))).scalar()
        conn.execute(
            text("SELECT setval(:name, :last, :used)"), {"name": sequence, "last": highest or 1, "used": bool(highest)}
        )


def _rows(engine: Engine, table: str) -> int:
    with engine.connect() as conn:
        return int(conn.execute(select(func.count()).select_from(schema.metadata.tables[table])).scalar_one())


@contextmanager
def _open_copy(file: Path) -> Iterator[Engine]:
    """A copy to be read only: nothing is left beside it."""
    engine = create_engine(f"sqlite:///file:{quote(str(file))}?mode=ro&uri=true")
    try:
        yield engine
    finally:
        engine.dispose()


def _short(problem: Exception) -> str:
    return " ".join(str(getattr(problem, "orig", None) or problem).split())[:200]
