"""Recovery codes: put all at once, each used up once, and only by whom they belong to."""

from __future__ import annotations

import pytest
from sqlalchemy import Connection

from crisismap.core.errors import Invalid
from crisismap.store.tables import credentials, people, recovery_codes
from tests.people import AGENCY, RESPONDER
from tests.store.making import NOW

MARKS = [bytes([n]) * 32 for n in range(3)]


@pytest.fixture
def codes(conn: Connection) -> Connection:
    for person in (RESPONDER, AGENCY):
        people.add(conn, person)
    recovery_codes.put(conn, RESPONDER.id, MARKS, NOW)
    return conn


def test_uses_each_code_once(codes: Connection) -> None:
    recovery_codes.use(codes, RESPONDER.id, MARKS[0])
    assert recovery_codes.count_left(codes, RESPONDER.id) == 2
    with pytest.raises(Invalid):
        recovery_codes.use(codes, RESPONDER.id, MARKS[0])


def test_takes_no_code_of_somebody_else(codes: Connection) -> None:
    with pytest.raises(Invalid):
        recovery_codes.use(codes, AGENCY.id, MARKS[0])
    assert recovery_codes.count_left(codes, RESPONDER.id) == 3


def test_puts_new_codes_in_place_of_the_old(codes: Connection) -> None:
    recovery_codes.put(codes, RESPONDER.id, [b"n" * 32], NOW)
    assert recovery_codes.count_left(codes, RESPONDER.id) == 1
    with pytest.raises(Invalid):
        recovery_codes.use(codes, RESPONDER.id, MARKS[1])


def test_forgets_the_codes_of_one_person_and_no_other_credential(codes: Connection) -> None:
    recovery_codes.put(codes, AGENCY.id, [b"a" * 32], NOW)
    credentials.issue(codes, credentials.CredentialKind.TOKEN, RESPONDER, now_ms=NOW, expires_ms=None)
    recovery_codes.forget(codes, RESPONDER.id)
    left = [recovery_codes.count_left(codes, person.id) for person in (RESPONDER, AGENCY)]
    assert left == [0, 1]
    assert len(credentials.valid_credentials(codes, NOW, RESPONDER.id)) == 1
