"""SQL of recovery codes in the credential table, by keyed marks: replaced together, used up one by one."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, delete, func, insert, select

from crisismap.core.errors import Invalid
from crisismap.core.people.account import CredentialKind
from crisismap.store import schema

_TABLE = schema.credential
_IS_RECOVERY_CODE = _TABLE.c.kind == str(CredentialKind.RECOVERY)


def put(conn: Connection, person_id: str, marks: Sequence[bytes], now_ms: int) -> None:
    """Replace all recovery codes of a person."""
    forget(conn, person_id)
    rows = [
        {"hash": m, "kind": str(CredentialKind.RECOVERY), "person_id": person_id, "created_at": now_ms} for m in marks
    ]
    conn.execute(insert(_TABLE), rows)


def use(conn: Connection, person_id: str, mark: bytes) -> None:
    """Use up one code. Raises Invalid for a mark that is unknown or used."""
    statement = delete(_TABLE).where(_IS_RECOVERY_CODE, _TABLE.c.person_id == person_id, _TABLE.c.hash == mark)
    if conn.execute(statement).rowcount != 1:
        raise Invalid("code", "", "recovery_code_wrong")


def count_left(conn: Connection, person_id: str) -> int:
    """Return the number of unused codes."""
    query = select(func.count()).select_from(_TABLE).where(_IS_RECOVERY_CODE, _TABLE.c.person_id == person_id)
    return int(conn.execute(query).scalar_one())


def forget(conn: Connection, person_id: str) -> None:
    """Delete all recovery codes of a person, such as when the second factor changes."""
    conn.execute(delete(_TABLE).where(_IS_RECOVERY_CODE, _TABLE.c.person_id == person_id))
