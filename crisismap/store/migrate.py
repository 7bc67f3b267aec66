"""Migration of a database to the current schema, and checks of its revision."""

from __future__ import annotations

import logging
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from alembic.command import upgrade
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import SQLAlchemyError

from crisismap.core.errors import Misconfigured
from crisismap.store import event_log
from crisismap.store.engine import FolderLock, temporary_engine
from crisismap.store.integrity import check_file

log = logging.getLogger(__name__)
_SCRIPTS = Path(__file__).parent / "migrations"


def newest() -> str:
    """Return the schema revision that this program needs."""
    head = ScriptDirectory(str(_SCRIPTS)).get_current_head()
    if head is None:
        raise Misconfigured("no_migrations", folder=str(_SCRIPTS))
    return head


def current_schema(engine: Engine) -> str | None:
    """Return the schema revision of the database; None when it is empty."""
    with engine.connect() as conn:
        return MigrationContext.configure(conn).get_current_revision()


def knows(at: str) -> bool:
    """Return whether this program can migrate a schema revision to its own."""
    return at in {script.revision for script in ScriptDirectory(str(_SCRIPTS)).walk_revisions()}


def is_current(engine: Engine) -> bool:
    """Return whether no migration is needed. Raises Misconfigured for an unknown schema revision."""
    at = current_schema(engine)
    if at is not None and not knows(at):
        raise Misconfigured("schema_too_new", revision=at)
    return at == newest()


def migrate(engine: Engine, *, backup_to: Path | None = None) -> bool:
    """Upgrade to the newest schema; return whether anything was done. `backup_to`: path for a copy of SQLite first."""
    if is_current(engine):
        return False
    at = current_schema(engine)
    if at is not None and backup_to is not None:
        _copy_sqlite(engine, backup_to / f"before-{newest()}.sqlite3")
    with engine.begin() as conn:
        if conn.dialect.name == "postgresql":
            _require_postgis(conn)
        config = Config()
        config.set_main_option("script_location", str(_SCRIPTS))
        config.attributes["connection"] = conn
        upgrade(config, "head")
        event_log.begin(conn)
    if at is not None and engine.dialect.name == "sqlite":
        _vacuum(engine)
    return True


def migrate_database(url: str, folder: Path) -> bool:
    """Upgrade a database under the lock of its folder; return whether anything was done."""
    with temporary_engine(url, writes=True) as engine, closing(FolderLock(folder)):
        check_file(url)
        require_reachable(engine)
        return migrate(engine, backup_to=folder)


def check_database(url: str) -> None:
    """Raise Misconfigured when the database cannot be used as it is; nothing is changed."""
    with temporary_engine(url, writes=True) as engine:
        if engine.dialect.name == "sqlite" and not Path(engine.url.database or "").exists():
            return  # created at first start
        check_file(url)
        require_reachable(engine)
        if not is_current(engine) and engine.dialect.name == "postgresql":
            raise Misconfigured("schema_not_current")


def require_reachable(engine: Engine) -> None:
    """Raise Misconfigured, naming the database without its password, when it is not reachable."""
    try:
        engine.connect().close()
    except SQLAlchemyError as problem:
        where = engine.url.render_as_string(hide_password=True)
        raise Misconfigured("database_not_opened", database=where) from problem


def _require_postgis(conn: Connection) -> None:
    try:
        with conn.begin_nested():
            conn.execute(text("CREATE EXTENSION IF NOT EXISTS postgis"))
    except SQLAlchemyError as problem:
        raise Misconfigured("postgis_missing") from problem


def _vacuum(engine: Engine) -> None:
    """Rewrite the file, because earlier versions left deleted data in it."""
    with closing(engine.raw_connection()) as raw:
        connection: Any = raw.driver_connection
        try:
            connection.execute("VACUUM")
        except sqlite3.OperationalError as problem:  # no space for a second copy: the upgrade itself is not affected
            log.warning("the database file could not be rewritten after the upgrade: %s", problem)


def _copy_sqlite(engine: Engine, target: Path) -> None:
    if engine.dialect.name != "sqlite" or engine.url.database is None:
        return
    with closing(sqlite3.connect(engine.url.database)) as source, closing(sqlite3.connect(target)) as copy:
        source.backup(copy)
