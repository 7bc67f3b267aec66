"""New SQLite databases of the tests: copies of one that the real migrations have made, once in each worker.

The migrations take a tenth of a second, which more than a thousand tests would spend before they begin.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from crisismap.store import migrate
from crisismap.store.engine import open_engine


@pytest.fixture(scope="session", autouse=True)
def copied_schema(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Give an empty SQLite database the schema as a copy; any other is migrated as ever."""
    real, template = migrate.migrate, tmp_path_factory.mktemp("schema") / "empty.sqlite3"

    def migrated(engine: Engine, *, backup_to: Path | None = None) -> bool:
        if engine.dialect.name != "sqlite" or migrate.current_schema(engine) is not None:
            return real(engine, backup_to=backup_to)
        if not template.exists():
            _make(template, real)
        raw = engine.raw_connection()
        connection: Any = raw.driver_connection
        try:
            with closing(sqlite3.connect(template)) as source:
                source.backup(connection)
        finally:
            raw.close()
        return True

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(migrate, "migrate", migrated)
        yield


def _make(template: Path, real: Any) -> None:
    half = template.with_suffix(".new")
    engine = open_engine(f"sqlite:///{half}", writes=True)
    real(engine)
    engine.dispose()
    half.rename(template)
