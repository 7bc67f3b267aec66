"""Credentials: found by the hash of a secret, good until they end, and gone when they are revoked."""

from __future__ import annotations

import pytest
from sqlalchemy import Connection, select, update

from crisismap.core.errors import NotFound, NotSignedIn
from crisismap.core.people.account import CredentialKind, credential_id
from crisismap.core.people.person import Person
from crisismap.store import schema
from crisismap.store.tables import credentials, people
from tests.people import AGENCY, RESPONDER
from tests.store.making import NOW

TOKEN, SESSION, INVITATION = CredentialKind.TOKEN, CredentialKind.SESSION, CredentialKind.INVITATION
HOUR = 3_600_000


def issued(conn: Connection, kind: CredentialKind, of: Person | str = RESPONDER, expires_ms: int | None = None) -> str:
    return credentials.issue(conn, kind, of, now_ms=NOW, expires_ms=expires_ms)


def test_keeps_a_hash_and_never_the_secret(conn: Connection) -> None:
    people.add(conn, RESPONDER)
    secret = issued(conn, TOKEN)
    [row] = conn.execute(select(schema.credential))
    assert secret not in str(tuple(row)) and secret.encode() not in bytes(row.hash)
    assert credentials.holder(conn, TOKEN, secret, NOW) == RESPONDER
    assert secret.encode() not in credentials.cache_key(TOKEN, secret)
    assert credentials.cache_key(TOKEN, secret) != credentials.cache_key(SESSION, secret)


def test_gives_a_token_the_scope_that_it_was_made_with(conn: Connection) -> None:
    people.add(conn, AGENCY)
    narrow = Person(AGENCY.id, AGENCY.name, AGENCY.org, AGENCY.roles, frozenset({"export.take"}))
    secret, nothing = issued(conn, TOKEN, narrow), issued(conn, TOKEN, AGENCY)
    assert credentials.holder(conn, TOKEN, secret, NOW).scope == {"export.take"}
    assert credentials.holder(conn, TOKEN, nothing, NOW).scope is None


def test_knows_nobody_after_the_end_or_by_another_kind(conn: Connection) -> None:
    people.add(conn, RESPONDER)
    secret = issued(conn, SESSION, expires_ms=NOW + HOUR)
    assert credentials.holder(conn, SESSION, secret, NOW + HOUR - 1) == RESPONDER
    for kind, at in ((SESSION, NOW + HOUR), (TOKEN, NOW)):
        with pytest.raises(NotSignedIn):
            credentials.holder(conn, kind, secret, at)


def test_signs_nobody_in_whose_account_is_suspended(conn: Connection) -> None:
    people.add(conn, RESPONDER)
    secret = issued(conn, TOKEN)
    conn.execute(schema.account.insert().values(person_id=RESPONDER.id, second_step=0, suspended_at=NOW))
    with pytest.raises(NotSignedIn, match="suspended"):
        credentials.holder(conn, TOKEN, secret, NOW)
    conn.execute(update(schema.account).values(suspended_at=None))
    assert credentials.holder(conn, TOKEN, secret, NOW) == RESPONDER


def test_accepts_an_invitation_once(conn: Connection) -> None:
    people.add(conn, RESPONDER)
    secret = issued(conn, INVITATION)
    assert credentials.use(conn, secret, NOW) == RESPONDER
    with pytest.raises(NotSignedIn):
        credentials.use(conn, secret, NOW)


def test_lists_what_is_good_newest_first_without_recovery_codes(conn: Connection) -> None:
    for person in (RESPONDER, AGENCY):
        people.add(conn, person)
    old = issued(conn, TOKEN)
    credentials.issue(conn, SESSION, RESPONDER.id, now_ms=NOW + 1, expires_ms=NOW + HOUR)
    issued(conn, TOKEN, expires_ms=NOW)
    issued(conn, CredentialKind.RECOVERY)
    issued(conn, TOKEN, AGENCY)
    good = credentials.valid_credentials(conn, NOW, RESPONDER.id)
    assert [each.kind for each in good] == [SESSION, TOKEN]
    assert good[1].id == credential_id(old)
    assert len(credentials.valid_credentials(conn, NOW, None)) == 3


def test_revokes_only_what_its_holder_has(conn: Connection) -> None:
    for person in (RESPONDER, AGENCY):
        people.add(conn, person)
    secret = issued(conn, TOKEN)
    with pytest.raises(NotFound):
        credentials.revoke(conn, credential_id(secret), AGENCY.id)
    assert credentials.revoke(conn, credential_id(secret), RESPONDER.id).person == RESPONDER
    with pytest.raises(NotFound):
        credentials.revoke(conn, credential_id(secret), None)


def test_ends_the_other_sessions_and_leaves_tokens(conn: Connection) -> None:
    people.add(conn, RESPONDER)
    kept, other, token = issued(conn, SESSION), issued(conn, SESSION), issued(conn, TOKEN)
    credentials.forget_other_sessions(conn, RESPONDER.id, kept)
    assert credentials.holder(conn, SESSION, kept, NOW) == credentials.holder(conn, TOKEN, token, NOW)
    with pytest.raises(NotSignedIn):
        credentials.holder(conn, SESSION, other, NOW)


def test_counts_what_ran_out_and_deletes_it_when_told(conn: Connection) -> None:
    people.add(conn, RESPONDER)
    issued(conn, SESSION, expires_ms=NOW - 1)
    credentials.use(conn, issued(conn, INVITATION), NOW - 2)
    issued(conn, TOKEN)
    assert credentials.old(conn, NOW, remove=False) == credentials.old(conn, NOW, remove=True) == 2
    assert credentials.old(conn, NOW, remove=False) == 0
    assert len(credentials.valid_credentials(conn, NOW, None)) == 1
