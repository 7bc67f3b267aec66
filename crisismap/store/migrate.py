"""Bringing a database to the current schema, and saying whether it is there."""

from __future__ import annotations

import logging
import sqlite3
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
from crisismap.store.engine import FolderLock, open_engine
from crisismap.store.integrity import check_file

log = logging.getLogger(__name__)
_SCRIPTS = Path(__file__).parent / "migrations"


def newest() -> str:
    """The schema revision that this program needs."""
    head = ScriptDirectory(str(_SCRIPTS)).get_current_head()
    if head is None:
        raise Misconfigured("no_migrations", folder=str(_SCRIPTS))
    return head


def current_schema(engine: Engine) -> str | None:
    """The schema revision that the database is at; None when it is empty."""
    with engine.connect() as conn:
        return MigrationContext.configure(conn).get_current_revision()


def knows(at: str) -> bool:
    """Whether this program can bring a schema revision to its own."""
    return at in {script.revision for script in ScriptDirectory(str(_SCRIPTS)).walk_revisions()}


def is_current(engine: Engine) -> bool:
    """Whether nothing is to be migrated. Raises Misconfigured for a schema that this program does not know."""
    at = current_schema(engine)
    if at is not None and not knows(at):
        raise Misconfigured("schema_too_new", revision=at)
    return at == newest()


def migrate(engine: Engine, *, backup_to: Path | None = None) -> bool:
    """Upgrade to the newest schema; returns whether anything was done. `backup_to`: SQLite is copied there first."""
    if is_current(engine):
        return False
    at = current_schema(engine)
    if at is not None and backup_to is not None:
        _copy_sqlite(engine, backup_to / f"before-{newest()}.sqlite3")
    with engine.begin() as conn:
        if conn.dialect.name == "postgresql":
            _need_postgis(conn)
        config = Config()
        config.set_main_option("script_location", str(_SCRIPTS))
        config.attributes["connection"] = conn
        upgrade(config, "head")
        event_log.begin(conn)
    if at is not None and engine.dialect.name == "sqlite":
        _tidy(engine)
    return True


def migrate_database(url: str, folder: Path) -> bool:
    """Upgrade a database while nobody else holds its folder; whether anything was done."""
    engine = open_engine(url, writes=True)
    lock = FolderLock(folder)
    try:
        check_file(url)
        require_reachable(engine)
        return migrate(engine, backup_to=folder)
    finally:
        engine.dispose()
        lock.close()


def check_database(url: str) -> None:
    """Raise Misconfigured when the database cannot be served from as it is; nothing is changed."""
    engine = open_engine(url, writes=True)
    try:
        if engine.dialect.name == "sqlite" and not Path(engine.url.database or "").exists():
            return  # made at first start
        check_file(url)
        require_reachable(engine)
        if not is_current(engine) and engine.dialect.name == "postgresql":
            raise Misconfigured("schema_not_current")
    finally:
        engine.dispose()


def require_reachable(engine: Engine) -> None:
    """Raise Misconfigured, naming the database without its password, when it does not answer."""
    try:
        with engine.connect():
            pass
    except SQLAlchemyError as problem:
        where = engine.url.render_as_string(hide_password=True)
        raise Misconfigured("database_not_opened", database=where) from problem


def _need_postgis(conn: Connection) -> None:
    try:
        with conn.begin_nested():
            conn.execute(text("CREATE EXTENSION IF NOT EXISTS postgis"))
    except SQLAlchemyError as problem:
        raise Misconfigured("postgis_missing") from problem


def _tidy(engine: Engine) -> None:
    """Write the file anew: what earlier versions deleted may still lie in it."""
    raw = engine.raw_connection()
    connection: Any = raw.driver_connection
    try:
        connection.execute("VACUUM")
    except sqlite3.OperationalError as problem:  # no room for a second copy: nothing is lost by going on
        log.warning("the database could not be written anew after the upgrade: %s", problem)
    finally:
        raw.close()


def _copy_sqlite(engine: Engine, target: Path) -> None:
    if engine.dialect.name != "sqlite" or engine.url.database is None:
        return
    source, copy = sqlite3.connect(engine.url.database), sqlite3.connect(target)
    try:
        source.backup(copy)
    finally:
        source.close()
        copy.close()
