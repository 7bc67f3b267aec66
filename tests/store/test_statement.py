"""Statements that the driver runs itself, on both databases."""

from __future__ import annotations

import msgspec
import pytest
from sqlalchemy import Connection, bindparam, insert, select, text

from crisismap.core.errors import Unavailable
from crisismap.core.report.verification import Sender
from crisismap.store import schema
from crisismap.store.engine import Statement
from crisismap.store.store import Store
from tests.store.making import Drafts, count, kept, new

META = schema.meta


def test_writes_many_rows_and_returns_those_asked_for(conn: Connection) -> None:
    rows = [("a", "'; DROP TABLE meta; --"), ("b", "%s ? :key"), ("c", "மூன்று")]
    Statement(insert(META), ("key", "value")).many(conn, rows)
    behind = Statement(select(META.c.key, META.c.value).where(META.c.key > bindparam("key")), ("key",))
    assert sorted(behind.rows(conn, ("a",))) == rows[1:]
    assert {row.key: row.value for row in conn.execute(select(META))} == dict(rows)


def test_refuses_values_in_another_order_than_they_are_given() -> None:
    Statement(insert(META), ("key", "value"))
    with pytest.raises(ValueError, match="key"):
        Statement(insert(META), ("value", "key"))


def test_is_undone_with_its_transaction(store: Store) -> None:
    with pytest.raises(ZeroDivisionError), store._write_engine.begin() as conn:
        Statement(insert(META), ("key", "value")).many(conn, [("half", "done")])
        _ = 1 / 0
    assert store.upkeep.fact("half") is None


def test_counts_the_drivers_own_errors_as_the_databases(store: Store) -> None:
    def rename(old: str, new_name: str) -> None:
        def work(conn: Connection) -> tuple[None, Drafts]:
            conn.execute(text(f"ALTER TABLE {old} RENAME TO {new_name}"))
            return None, []

        store.writer.run(work).result()

    rename("sender", "elsewhere")
    known = msgspec.structs.replace(new(), sender=Sender(contact=b"c" * 16))
    with pytest.raises(Unavailable):
        store.reports.submit([known]).result()
    assert not store.upkeep.writes_ok
    assert count(store) == 0
    rename("elsewhere", "sender")
    kept(store, known)
    assert store.upkeep.writes_ok
    assert count(store) == 1
