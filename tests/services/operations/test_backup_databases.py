"""What `bootstrap` passes as databases does what backup and restore need of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from crisismap import bootstrap
from crisismap.core.errors import AlreadyRunning, Misconfigured
from crisismap.services.operations.backup import Databases
from crisismap.services.runtime.context import Context
from tests.services.deployment import ask


@pytest.fixture
def databases() -> Databases:
    return bootstrap.databases


@pytest.fixture
def copy(context: Context, databases: Databases, tmp_path: Path) -> Path:
    """A copy of a deployment with two reports, taken while it is open."""
    ask(context)
    ask(context)
    databases.copy_out(context.settings.database_url, tmp_path / "copy.sqlite3")
    return tmp_path / "copy.sqlite3"


def test_copies_all_that_was_acknowledged(context: Context, databases: Databases, copy: Path) -> None:
    found = databases.content(copy)
    assert (found.reports, found.chain.holds, found.chain.events) == (2, True, context.store.events.revision())
    assert databases.knows(found.schema)
    assert not databases.knows("a revision of tomorrow")


def test_refuses_a_copy_that_is_damaged(databases: Databases, copy: Path) -> None:
    content = bytearray(copy.read_bytes())
    content[len(content) // 2 :] = b"\xff" * (len(content) - len(content) // 2)
    copy.write_bytes(content)
    with pytest.raises(Misconfigured):
        databases.content(copy)


def test_writes_a_fact_into_a_copy_only(context: Context, databases: Databases, copy: Path) -> None:
    before = copy.read_bytes()
    databases.set_fact(copy, "epoch", "abc")
    assert copy.read_bytes() != before
    assert context.store.upkeep.fact("epoch") is None


def test_lets_one_hold_a_folder_at_a_time(databases: Databases, tmp_path: Path) -> None:
    first = databases.lock(tmp_path)
    with pytest.raises(AlreadyRunning):
        databases.lock(tmp_path)
    first.close()
    databases.lock(tmp_path).close()
