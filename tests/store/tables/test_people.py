"""People in the database: read back as they were written, with the roles of today."""

from __future__ import annotations

import pytest
from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from crisismap.core.people.person import Person
from crisismap.store.tables import people
from tests.people import AGENCY, RESPONDER


def test_gives_everybody_back_by_id(conn: Connection) -> None:
    for person in sorted((RESPONDER, AGENCY), key=lambda each: each.id, reverse=True):
        people.add(conn, person)
    assert people.everybody(conn) == sorted((RESPONDER, AGENCY), key=lambda each: each.id)
    assert people.count(conn) == 2


def test_writes_name_and_roles_anew_of_one_person_only(conn: Connection) -> None:
    people.add(conn, RESPONDER)
    people.add(conn, AGENCY)
    changed = Person(RESPONDER.id, "ரவி", "", frozenset({"volunteer", "agency"}))
    people.replace(conn, changed)
    assert changed in people.everybody(conn)
    assert AGENCY in people.everybody(conn)
    assert people.count(conn) == 2


def test_has_no_two_people_of_one_id(conn: Connection) -> None:
    people.add(conn, RESPONDER)
    with pytest.raises(IntegrityError):
        people.add(conn, RESPONDER)


def test_keeps_somebody_without_roles(conn: Connection) -> None:
    people.add(conn, Person("p-9", "Nobody yet"))
    assert people.everybody(conn)[0].roles == frozenset()
