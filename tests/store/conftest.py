"""The databases that the store's contract is held on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection

from crisismap.store.store import Store
from tests.store.making import opened

BOTH = ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)]


@pytest.fixture(params=BOTH)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty database, first on SQLite, then on PostgreSQL."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'crisismap.sqlite3'}"
    address: str = request.getfixturevalue("postgres_db")
    return address


@pytest.fixture
def store(url: str, tmp_path: Path) -> Iterator[Store]:
    """An open store on an empty, current database."""
    with opened(url, tmp_path) as one:
        yield one


@pytest.fixture
def conn(store: Store) -> Iterator[Connection]:
    """A transaction of its own in which tables are read and written, for tests of single statements."""
    with store._write_engine.begin() as one:
        yield one
