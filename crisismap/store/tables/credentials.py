"""SQL of credentials: tokens, sessions and invitations, found by the hash of a secret."""

from __future__ import annotations

import secrets
from typing import Any

from sqlalchemy import Connection, delete, func, insert, or_, select, update

from crisismap.core.errors import NotFound, NotSignedIn
from crisismap.core.people.account import Credential, CredentialKind, id_of_hash, secret_hash
from crisismap.core.people.person import Person
from crisismap.store import schema
from crisismap.store.tables.people import person_of

SECRET_BYTES = 24  # 192 random bits
_TABLE = schema.credential
# Recovery codes alone do not sign in, and cannot be revoked one by one.
_GOOD = (
    select(_TABLE, schema.person)
    .join(schema.person, schema.person.c.id == _TABLE.c.person_id)
    .where(_TABLE.c.kind != str(CredentialKind.RECOVERY), _TABLE.c.used_at.is_(None))
)


def issue(conn: Connection, kind: CredentialKind, person: Person | str, *, now_ms: int, expires_ms: int | None) -> str:
    """Issue a credential and return its secret, shown once and not stored. A person's scope becomes its own."""
    secret = secrets.token_urlsafe(SECRET_BYTES)
    scope = person.scope if isinstance(person, Person) else None
    conn.execute(
        insert(_TABLE).values(
            hash=secret_hash(secret),
            kind=str(kind),
            person_id=person.id if isinstance(person, Person) else person,
            created_at=now_ms,
            expires_at=expires_ms,
            verbs=None if scope is None else " ".join(sorted(scope)),
        )
    )
    return secret


def holder(conn: Connection, kind: CredentialKind, secret: str, now_ms: int) -> Person:
    """Return the holder of a secret. Raises NotSignedIn for an unknown or expired one."""
    row = conn.execute(
        select(schema.person, _TABLE.c.expires_at, _TABLE.c.verbs, schema.account.c.suspended_at)
        .join(_TABLE, _TABLE.c.person_id == schema.person.c.id)
        .outerjoin(schema.account, schema.account.c.person_id == schema.person.c.id)
        .where(_TABLE.c.hash == secret_hash(secret), _TABLE.c.kind == str(kind), _TABLE.c.used_at.is_(None))
    ).one_or_none()
    if row is None or (row.expires_at is not None and row.expires_at <= now_ms):
        raise NotSignedIn("sign_in_not_valid")
    if row.suspended_at is not None:
        raise NotSignedIn("account_suspended")
    return person_of(row, _scope(row))


def use(conn: Connection, secret: str, now_ms: int) -> Person:
    """Accept an invitation once. Raises NotSignedIn."""
    person = holder(conn, CredentialKind.INVITATION, secret, now_ms)
    result = conn.execute(
        update(_TABLE).where(_TABLE.c.hash == secret_hash(secret), _TABLE.c.used_at.is_(None)).values(used_at=now_ms)
    )
    if result.rowcount != 1:
        raise NotSignedIn("invitation_used")
    return person


def valid_credentials(conn: Connection, now_ms: int, person_id: str | None) -> list[Credential]:
    """Return the valid credentials, newest first; of one person or of all."""
    query = _GOOD if person_id is None else _GOOD.where(_TABLE.c.person_id == person_id)
    found = [_credential(row) for row in conn.execute(query.order_by(_TABLE.c.created_at.desc(), _TABLE.c.hash))]
    return [each for each in found if each.expires_at is None or each.expires_at > now_ms]


def forget(conn: Connection, secret: str) -> None:
    """End a session."""
    conn.execute(delete(_TABLE).where(_TABLE.c.hash == secret_hash(secret)))


def forget_other_sessions(conn: Connection, person_id: str, secret: str) -> None:
    """End all sessions of a person except the one of this secret."""
    others = (_TABLE.c.kind == str(CredentialKind.SESSION)) & (_TABLE.c.hash != secret_hash(secret))
    conn.execute(delete(_TABLE).where(_TABLE.c.person_id == person_id, others))


def revoke(conn: Connection, id_: str, of: str | None) -> Credential:
    """Revoke a credential by its id; `of`: only when this person holds it. Raises NotFound."""
    for row in conn.execute(_GOOD):
        if id_of_hash(row.hash) == id_ and of in (None, row.id):
            conn.execute(delete(_TABLE).where(_TABLE.c.hash == row.hash))
            return _credential(row)
    raise NotFound("no_session")


def old(conn: Connection, before_ms: int, *, remove: bool) -> int:
    """Count the credentials that expired or were used before a moment; delete them when `remove`."""
    condition = or_(_TABLE.c.expires_at <= before_ms, _TABLE.c.used_at <= before_ms)
    number = conn.execute(select(func.count()).select_from(_TABLE).where(condition)).scalar_one()
    if remove and number:
        conn.execute(delete(_TABLE).where(condition))
    return int(number)


def cache_key(kind: CredentialKind, secret: str) -> bytes:
    """Return a cache key for a credential that does not reveal its secret."""
    return f"{kind} ".encode() + secret_hash(secret)


def _credential(row: Any) -> Credential:
    person = person_of(row, _scope(row))
    return Credential(id_of_hash(row.hash), CredentialKind(row.kind), person, row.created_at, row.expires_at)


def _scope(row: Any) -> frozenset[str] | None:
    return None if row.verbs is None else frozenset(row.verbs.split())
