"""What opening a deployment does anew each time, and more than a thousand tests need once: the schema and the rules.

The migrations take a tenth of a second, the rule files a thirtieth.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from crisismap import bootstrap
from crisismap.i18n import languages
from crisismap.rule_files import RuleFiles
from crisismap.store import migrate
from crisismap.store.engine import open_engine


@pytest.fixture(scope="session", autouse=True)
def copied_schema(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Give an empty SQLite database the schema as a copy of one that was migrated; any other is migrated as ever."""
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


@pytest.fixture(scope="session", autouse=True)
def rules_read_once() -> Iterator[None]:
    """Read the rule files, which no test changes, once for the languages there are."""
    real = bootstrap.read_rule_files
    kept: dict[int, tuple[Any, RuleFiles]] = {}

    def read() -> RuleFiles:
        words = languages()
        if id(words) not in kept:
            kept[id(words)] = words, real()
        return kept[id(words)][1]

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(bootstrap, "read_rule_files", read)
        yield
