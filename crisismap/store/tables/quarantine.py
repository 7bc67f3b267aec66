"""SQL of quarantined sources."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, delete, insert, or_, select

from crisismap.core.errors import WrongState
from crisismap.core.people.fingerprint import BY
from crisismap.store import schema


def sources(conn: Connection) -> frozenset[str]:
    """Return all sources that are quarantined now."""
    return frozenset(conn.execute(select(schema.quarantine.c.source)).scalars())


def since(conn: Connection) -> dict[str, int]:
    """Return each quarantined source with its time of quarantine."""
    return {row.source: row.at_ms for row in conn.execute(select(schema.quarantine))}


def holds(sources: frozenset[str], row: Any) -> bool:
    """Return whether a report, or its row, comes from one of them."""
    return row.sender in sources or row.network in sources or f"{BY}{row.source}" in sources


def put(conn: Connection, source: str, now_ms: int) -> None:
    """Quarantine a source. Raises WrongState when it is quarantined already."""
    if source in sources(conn):
        raise WrongState("quarantined_already")
    conn.execute(insert(schema.quarantine).values(source=source, at_ms=now_ms))


def lift(conn: Connection, source: str) -> None:
    """Lift the quarantine of a source. Raises WrongState when it is not quarantined."""
    if conn.execute(delete(schema.quarantine).where(schema.quarantine.c.source == source)).rowcount != 1:
        raise WrongState("not_quarantined")


def seqs(conn: Connection, source: str) -> list[int]:
    """Return the rows of all reports of a source."""
    table = schema.report
    of = [table.c.sender == source, table.c.network == source]
    if source.startswith(BY):
        of = [table.c.source == source.removeprefix(BY)]
    return list(conn.execute(select(table.c.seq).where(or_(*of))).scalars())
