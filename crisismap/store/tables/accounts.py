"""SQL of accounts: how people sign in."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, insert, select, update

from crisismap.core.errors import Invalid, NotFound
from crisismap.core.people.account import Account
from crisismap.store import schema
from crisismap.store.tables.people import person_of

_TABLE = schema.account
_ALL = select(schema.person, *(c for c in _TABLE.c if c.name != "person_id")).outerjoin(
    _TABLE, _TABLE.c.person_id == schema.person.c.id
)


def everybody(conn: Connection) -> list[Account]:
    """Return all people with their accounts, by name."""
    return [_account(row) for row in conn.execute(_ALL.order_by(schema.person.c.name, schema.person.c.id))]


def one(conn: Connection, person_id: str) -> Account:
    """Return one person's account. Raises NotFound."""
    row = conn.execute(_ALL.where(schema.person.c.id == person_id)).one_or_none()
    if row is None:
        raise NotFound("no_person")
    return _account(row)


def of_login(conn: Connection, login: str) -> Account | None:
    """Return the account with a login name; None for none."""
    row = conn.execute(_ALL.where(_TABLE.c.login == login)).one_or_none()
    return _account(row) if row is not None else None


def of_subject(conn: Connection, subject: str) -> Account | None:
    """Return the account with an identity provider's `subject`; None for none."""
    row = conn.execute(_ALL.where(_TABLE.c.subject == subject)).one_or_none()
    return _account(row) if row is not None else None


def put(conn: Connection, person_id: str, values: dict[str, Any]) -> None:
    """Write columns of an account, created when there was none. Raises Invalid for a login that is taken."""
    if "login" in values:
        owner = conn.execute(select(_TABLE.c.person_id).where(_TABLE.c.login == values["login"])).scalar_one_or_none()
        if owner not in (None, person_id):
            raise Invalid("login", values["login"], "login_taken")
    if not conn.execute(update(_TABLE).where(_TABLE.c.person_id == person_id).values(**values)).rowcount:
        conn.execute(insert(_TABLE).values(person_id=person_id, **{"second_step": 0} | values))


def use_step(conn: Connection, person_id: str, step: int) -> None:
    """Record the use of a second-factor code, by its time step. Raises Invalid for a step that was used."""
    use = update(_TABLE).where(_TABLE.c.person_id == person_id, _TABLE.c.second_step < step).values(second_step=step)
    if conn.execute(use).rowcount != 1:
        raise Invalid("code", "", "code_used")


def check_not_suspended(conn: Connection, person_id: str) -> None:
    """Raise Invalid for a suspended account."""
    if one(conn, person_id).suspended_at is not None:
        raise Invalid("login", "", "account_suspended")


def _account(row: Any) -> Account:
    return Account(
        person_of(row),
        row.login,
        row.password,
        bytes(row.second_factor) if row.second_factor is not None else None,
        row.second_step or 0,
        row.subject,
        row.suspended_at,
    )
