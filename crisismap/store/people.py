"""People and their credentials: tokens, sessions and invitations, found by the hash of a secret."""

from __future__ import annotations

import hashlib
import secrets
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from crisismap.core.errors import NotSignedIn
from crisismap.core.people.person import Person
from crisismap.store import schema

SECRET_BYTES = 24  # 192 random bits


class Kind(StrEnum):
    """What a credential is for."""

    TOKEN = "token"  # noqa: S105 - a name, not a secret
    SESSION = "session"
    INVITATION = "invitation"
    RECOVERY = "recovery"  # in place of a second factor, once; its hash is keyed, because it is short


def add(conn: Connection, person: Person) -> None:
    """Write a new person."""
    conn.execute(
        insert(schema.person).values(
            id=person.id, name=person.name, org=person.org, roles=" ".join(sorted(person.roles))
        )
    )


def everybody(conn: Connection) -> list[Person]:
    """All people, by id."""
    return [person_of(row) for row in conn.execute(select(schema.person).order_by(schema.person.c.id))]


def issue(conn: Connection, kind: Kind, person: Person | str, *, now_ms: int, expires_ms: int | None) -> str:
    """Make a credential and return its secret, which is shown once and not kept; a person's scope becomes its own."""
    secret = secrets.token_urlsafe(SECRET_BYTES)
    scope = person.scope if isinstance(person, Person) else None
    conn.execute(
        insert(schema.credential).values(
            hash=_hash(secret),
            kind=str(kind),
            person_id=person.id if isinstance(person, Person) else person,
            created_at=now_ms,
            expires_at=expires_ms,
            verbs=None if scope is None else " ".join(sorted(scope)),
        )
    )
    return secret


def holder(conn: Connection, kind: Kind, secret: str, now_ms: int) -> Person:
    """Who holds this secret. Raises NotSignedIn when nobody does, or no longer."""
    table = schema.credential
    row = conn.execute(
        select(schema.person, table.c.expires_at, table.c.verbs, schema.account.c.suspended_at)
        .join(table, table.c.person_id == schema.person.c.id)
        .outerjoin(schema.account, schema.account.c.person_id == schema.person.c.id)
        .where(table.c.hash == _hash(secret), table.c.kind == str(kind), table.c.used_at.is_(None))
    ).one_or_none()
    if row is None or (row.expires_at is not None and row.expires_at <= now_ms):
        raise NotSignedIn("sign_in_not_valid")
    if row.suspended_at is not None:
        raise NotSignedIn("account_suspended")
    return person_of(row, None if row.verbs is None else frozenset(row.verbs.split()))


def use(conn: Connection, secret: str, now_ms: int) -> Person:
    """Accept an invitation once. Raises NotSignedIn."""
    person = holder(conn, Kind.INVITATION, secret, now_ms)
    table = schema.credential
    used = conn.execute(
        update(table).where(table.c.hash == _hash(secret), table.c.used_at.is_(None)).values(used_at=now_ms)
    )
    if used.rowcount != 1:
        raise NotSignedIn("invitation_used")
    return person


def forget(conn: Connection, secret: str) -> None:
    """End a session."""
    conn.execute(delete(schema.credential).where(schema.credential.c.hash == _hash(secret)))


def key_of(kind: Kind, secret: str) -> bytes:
    """A name for a credential that does not give its secret away."""
    return f"{kind} ".encode() + _hash(secret)


def hash_of(secret: str) -> bytes:
    """What is kept of a secret."""
    return _hash(secret)


def _hash(secret: str) -> bytes:
    # The secret is random and long, so one plain hash is enough; nothing can be tried against it.
    return hashlib.sha256(secret.encode()).digest()


def person_of(row: Any, scope: frozenset[str] | None = None) -> Person:
    """The person of a row that has its columns."""
    return Person(row.id, row.name, row.org, frozenset(row.roles.split()), scope)
