"""SQL of facts about the deployment itself, such as that it is a demo, by key."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from sqlalchemy import Connection, select
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from crisismap.core.clock import Jump
from crisismap.store import schema

_JUMPS = "clock_jumps"


def get(conn: Connection, key: str) -> str | None:
    """Return a fact; None when it is not set."""
    return conn.execute(select(schema.meta.c.value).where(schema.meta.c.key == key)).scalar_one_or_none()


def put(conn: Connection, key: str, value: str) -> None:
    """Write a fact, replacing its value."""
    upsert = postgresql_insert if conn.dialect.name == "postgresql" else sqlite_insert
    statement = upsert(schema.meta).values(key=key, value=value)
    conn.execute(statement.on_conflict_do_update(index_elements=[schema.meta.c.key], set_={"value": value}))


def jumps(conn: Connection) -> list[Jump]:
    """Return the stored clock jumps, oldest first."""
    value = get(conn, _JUMPS)
    return msgspec.json.decode(value, type=list[Jump]) if value else []


def put_jumps(conn: Connection, jumps: Sequence[Jump]) -> None:
    """Write the clock jumps."""
    put(conn, _JUMPS, msgspec.json.encode(jumps).decode())
