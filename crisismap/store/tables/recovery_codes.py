"""Recovery codes in the table of credentials, by keyed marks: put all at once, used up one by one."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, delete, func, insert, select

from crisismap.core.errors import Invalid
from crisismap.core.people.account import CredentialKind
from crisismap.store import schema

_TABLE = schema.credential
_OWN = _TABLE.c.kind == str(CredentialKind.RECOVERY)


def put(conn: Connection, person_id: str, marks: Sequence[bytes], now_ms: int) -> None:
    """These in place of all that somebody had."""
    forget(conn, person_id)
    rows = [
        {"hash": m, "kind": str(CredentialKind.RECOVERY), "person_id": person_id, "created_at": now_ms} for m in marks
    ]
    conn.execute(insert(_TABLE), rows)


def use(conn: Connection, person_id: str, mark: bytes) -> None:
    """Use one up. Raises Invalid when it is none of this person's, or no longer."""
    used = delete(_TABLE).where(_OWN, _TABLE.c.person_id == person_id, _TABLE.c.hash == mark)
    if conn.execute(used).rowcount != 1:
        raise Invalid("code", "", "recovery_code_wrong")


def count_left(conn: Connection, person_id: str) -> int:
    """How many there are."""
    wanted = select(func.count()).select_from(_TABLE).where(_OWN, _TABLE.c.person_id == person_id)
    return int(conn.execute(wanted).scalar_one())


def forget(conn: Connection, person_id: str) -> None:
    """Take all of somebody's away, as when the second factor is another."""
    conn.execute(delete(_TABLE).where(_OWN, _TABLE.c.person_id == person_id))
