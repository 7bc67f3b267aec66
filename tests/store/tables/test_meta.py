"""Facts about the deployment: one value a key, the last one."""

from __future__ import annotations

from sqlalchemy import Connection

from crisismap.core.clock import Jump
from crisismap.store.tables import meta


def test_knows_the_last_value_of_each_key(conn: Connection) -> None:
    meta.put(conn, "made_up", "no")
    meta.put(conn, "made_up", "yes")
    meta.put(conn, "name", "சென்னை")
    assert (meta.get(conn, "made_up"), meta.get(conn, "name")) == ("yes", "சென்னை")


def test_tells_no_fact_from_an_empty_one(conn: Connection) -> None:
    assert meta.get(conn, "name") is None
    meta.put(conn, "name", "")
    assert meta.get(conn, "name") == ""


def test_keeps_the_jumps_of_the_clock_in_order(conn: Connection) -> None:
    assert meta.jumps(conn) == []
    first, second = Jump(5, 60_000), Jump(9, -60_000)
    meta.put_jumps(conn, [first])
    meta.put_jumps(conn, [first, second])
    assert meta.jumps(conn) == [first, second]
