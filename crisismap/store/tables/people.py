"""SQL of people."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, func, insert, select, update

from crisismap.core.people.person import Person
from crisismap.store import schema

_TABLE = schema.person


def add(conn: Connection, person: Person) -> None:
    """Write a new person."""
    conn.execute(insert(_TABLE).values(id=person.id, **_values(person)))


def replace(conn: Connection, person: Person) -> None:
    """Replace name, organisation and roles of a person."""
    conn.execute(update(_TABLE).where(_TABLE.c.id == person.id).values(**_values(person)))


def everybody(conn: Connection) -> list[Person]:
    """Return all people, by id."""
    return [person_of(row) for row in conn.execute(select(_TABLE).order_by(_TABLE.c.id))]


def count(conn: Connection) -> int:
    """Return the number of people."""
    return int(conn.execute(select(func.count()).select_from(_TABLE)).scalar_one())


def person_of(row: Any, scope: frozenset[str] | None = None) -> Person:
    """Return the person of a row that has the columns of the table."""
    return Person(row.id, row.name, row.org, frozenset(row.roles.split()), scope)


def _values(person: Person) -> dict[str, str]:
    return {"name": person.name, "org": person.org, "roles": " ".join(sorted(person.roles))}
